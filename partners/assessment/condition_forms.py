"""What may be typed about one condition."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from partners.assessment.models import Condition, Engagement
from partners.ground.text import read_url
from partners.web.fields import Day, File, Pick, Text, Tick
from partners.web.forms import HouseForm


class SaidForm(HouseForm):
    said = Text(_l("What has been done?"), ask=_l("Say in a sentence what has been done."),
                lines=True, limit=2000, aid=True)  # fmt: skip
    link = Text(_l("Link"), reads=read_url, free=False, optional=True)
    what = Pick(_l("What is this paper?"), optional=True)
    file = File(
        _l("Paper"),
        optional=True,
        hint=_l(
            "PDF, PNG or JPEG, up to 10 MB. Never a certificate or identity paper of a person."
        ),
    )

    def __init__(self, kinds: Iterable[str], **kw: Any) -> None:
        super().__init__(**kw)
        self.what.offer([("", gettext("Choose")), *((kind, kind) for kind in kinds)])


class NotYetForm(HouseForm):
    reason = Text(_l("What is still missing?"), ask=_l("Say in a sentence what is missing."),
                  lines=True, limit=2000, aid=True,
                  hint=_l("They read it. Say also what would help."))  # fmt: skip


class DateForm(HouseForm):
    wished_on = Day(_l("Which day instead?"), ask=_l("Enter the day."))
    because = Text(_l("Why?"), ask=_l("Write the reason in a sentence."), lines=True, limit=1000,
                   aid=True)  # fmt: skip
    agreed = Tick(_l("They agreed when we talked about it"))


class HelpForm(HouseForm):
    offer = Text(_l("What do we do to help?"), optional=True, lines=True, limit=1000, aid=True)
    owner_id = Pick(_l("Who of us sees to it?"), optional=True)

    def __init__(self, case: Engagement, row: Condition, **kw: Any) -> None:
        data = {"offer": row.offer, "owner_id": str(row.owner_id or "")}
        super().__init__(row, data=data, **kw)
        team = [(str(m.account_id), m.account.name) for m in case.team if not m.aside]
        self.owner_id.offer([("", gettext("Nobody in particular")), *team])
