"""Pages that staff compose from every room: today, organisation, lists. It owns no tables and no
rules.
"""

from partners.desk import asked, contacts, kept, merging, organisation, register
