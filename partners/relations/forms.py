"""What may be typed about a contact: topics, not people. They can read it."""

from datetime import date, timedelta
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from partners.access.table import DECIDING, Role
from partners.accounts.queries import staff
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.registry.vocabulary import vocabulary
from partners.relations.rules import CITY, PARTNER, Promise, Told, topics_in
from partners.web.fields import Choice, Day, Pick, Text, language
from partners.web.forms import HouseForm

TODAY, YESTERDAY, OTHER = "today", "yesterday", "other"


class ContactForm(HouseForm):
    """One contact, half a minute on a phone."""

    kind = Choice(_l("How?"), ask=N_("Choose how you were in contact."))
    when = Choice(_l("When?"), ask=N_("Choose the day."))
    held_on = Day(_l("Which day?"), optional=True)
    line = Text(_l("What about?"), ask=N_("Write one line: what was it about?"), lines=True,
                limit=400, aid=True)  # fmt: skip
    topics = Text(_l("Topics"), optional=True)
    follow_up = Text(_l("Was anything promised?"), optional=True, aid=True)
    side = Choice(_l("Who promised it?"), optional=True)
    owner = Pick(_l("Who of us sees to it?"), optional=True)
    follow_up_on = Day(_l("By when?"), optional=True)

    def __init__(self, *, today: date, account_id: int) -> None:
        super().__init__(data={"when": TODAY, "side": CITY, "owner": str(account_id)})
        known, self.today = vocabulary(), today
        self.kind.offer([(k, known.contact_kind(k, language())) for k in known.contact_kinds])
        self.when.offer([
            (TODAY, gettext("Today")), (YESTERDAY, gettext("Yesterday")),
            (OTHER, gettext("Another day")),
        ])  # fmt: skip
        self.side.offer([(CITY, gettext("We did")), (PARTNER, gettext("They did"))])
        people = staff(Role.OFFICER, *DECIDING)
        self.owner.offer([("", gettext("Nobody")), *((str(p.id), p.name) for p in people)])

    def told(self) -> Told:
        """What was typed, as one contact. Raises Refusal."""
        days = {TODAY: self.today, YESTERDAY: self.today - timedelta(days=1)}
        held_on: Any = days.get(self.when.data, self.held_on.data)
        if held_on is None:
            raise Refusal(N_("Write the day of the contact."), field="held_on")
        topics = topics_in(self.topics.data)
        return Told(self.kind.data, held_on, self.line.data, topics, self._promise())

    def _promise(self) -> Promise | None:
        if not self.follow_up.data:
            return None
        if self.follow_up_on.data is None:
            raise Refusal(N_("Say by when. A promise without a day is soon forgotten."),
                          field="follow_up_on")  # fmt: skip
        owner = int(self.owner.data) if self.owner.data else None
        return Promise(self.follow_up.data, self.follow_up_on.data, self.side.data or CITY, owner)


class WithdrawForm(HouseForm):
    """Taking a wrong entry back."""

    reason = Text(_l("Why is this entry wrong?"), ask=N_("Write why it is wrong."))
