"""Pages of the accounts room."""

from partners.accounts.views import house, me, people, system
from partners.accounts.views.doors import ask_to_sign_in, bp
