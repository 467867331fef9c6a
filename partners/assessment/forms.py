"""Forms of an engagement up to the proposal."""

from collections.abc import Iterable
from typing import Any

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from partners.assessment.models import Engagement
from partners.assessment.rules.money import Payment
from partners.policy.values import Policy
from partners.web.fields import Choice, Day, Money, Pick, Text, Ticks, language, options
from partners.web.forms import HouseForm

ROWS = ("1", "2", "3")


class StartForm(HouseForm):
    """What we want to do together, how closely, and with which support."""

    title = Text(_l("Name of the work"), ask=_l("Give the work a name."), aid=True,
                 hint=_l("Name the activity or the service, never a group of people."))  # fmt: skip
    purpose = Text(
        _l("What is it for?"), ask=_l("Say in a sentence what it is for."), lines=True, limit=600,
        aid=True,
        hint=_l("What should change, and why with them. They read it."),
    )  # fmt: skip
    kind = Pick(_l("What kind of work is it?"), optional=True)
    activity = Pick(_l("Which activity?"), optional=True)
    level = Choice(
        _l("Which level do you intend?"), ask=_l("Choose the level that you intend."),
        hint=_l("Pick the lowest level that serves the purpose. You can move up later."),
    )  # fmt: skip
    in_kind = Text(_l("Support in kind"), optional=True,
                   hint=_l("Rooms, staff time, printing. Empty if there is none."))  # fmt: skip
    district = Text(_l("District where it takes place"), optional=True, limit=60, free=False)
    facts = Ticks(_l("Is any of this part of the work?"))
    uncounted = False  # while somebody types: an amount or its day cannot be read yet

    def __init__(
        self, policy: Policy, changed: Engagement | None = None, district: str = ""
    ) -> None:
        data = {"facts": list(changed.triggers)} if changed else {"district": district}
        super().__init__(row=changed, data=data)
        words = policy.words(language())
        self.level.offer((name, words.level(name).name) for name in reversed(tuple(policy.levels)))
        for field, kinds in ((self.kind, "engagement"), (self.activity, "activity")):
            rows = getattr(policy.kinds, kinds)
            names = [(k.id, words.named(f"{kinds}_kind", k.id).name) for k in rows]
            field.offer([("", gettext("Not said yet")), *names])
        self.facts.offer(
            (t.id, words.trigger(t.id).name)
            for t in policy.triggers.values() if t.id not in policy.point_triggers
        )  # fmt: skip

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Pairs of amount and day."""
        return [(self[f"amount{row}"], self[f"due{row}"]) for row in ROWS]

    @property
    def payments(self) -> list[Payment]:
        return [Payment(due.data, amount.amount) for amount, due in self.rows
                if amount.amount and due.data]  # fmt: skip

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        for amount, due in self.rows:
            check_payment(amount, due)
        return not self.errors


for _row in ROWS:
    setattr(StartForm, f"amount{_row}", Money(_l("Amount"), optional=True))
    setattr(StartForm, f"due{_row}", Day(_l("Falls due on"), optional=True))


def check_payment(amount: Any, due: Any) -> None:
    """An amount has a day and is above nothing; a day has an amount."""
    if amount.errors or due.errors:
        return
    if amount.amount is not None and amount.amount <= 0:
        amount.errors = [gettext("An amount is above nothing.")]
    elif amount.amount and not due.data:
        due.errors = [gettext("Enter the day on which this amount falls due.")]
    elif due.data and not amount.amount:
        amount.errors = [gettext("Enter the amount that falls due on this day.")]


class MoveForm(HouseForm):
    """The few words that some moves ask for; each move reads its own."""

    purpose = Text(_l("What do you take part for?"), optional=True,
                   hint=_l("The organisation reads it, beside your name."))  # fmt: skip
    close_because = Text(_l("Why does it end?"), optional=True, lines=True, limit=1000,
                         aid=True)  # fmt: skip
    pause_because = Text(_l("Why pause?"), optional=True, lines=True, limit=1000,
                         aid=True)  # fmt: skip
    outside_body = Text(_l("Which body decided?"), optional=True,
                        hint=_l("Such as: City council."))  # fmt: skip
    outside_day = Day(_l("On which day?"), optional=True)
    outside_minute = Text(_l("Minute reference"), optional=True)
    outside_decided = Text(
        _l("What did it decide?"), optional=True, lines=True, limit=600, aid=True,
        hint=_l("One sentence from the minutes. The organisation reads it."),
    )  # fmt: skip


class SupportForm(HouseForm):
    """Support that falls due: an amount, or help in kind."""

    kind = Choice(
        _l("Which support?"), ask=_l("Choose the kind of support."),
        choices=options([("money", _l("Money")), ("in_kind", _l("In kind"))]),
    )  # fmt: skip
    amount = Money(_l("Amount"), optional=True)
    what = Text(_l("What is it?"), optional=True,
                hint=_l("Such as: a room on Thursdays; heating; printing."))  # fmt: skip
    due = Day(_l("Falls due on"), ask=_l("Enter the day on which it falls due."))

    @property
    def rows(self) -> list[tuple[Any, Any]]:
        """Pairs of amount and day: here one."""
        return [(self.amount, self.due)]

    def validate(self, extra_validators: Any = None) -> bool:
        super().validate(extra_validators)
        if self.kind.data == "money":
            check_payment(self.amount, self.due)
            if not self.amount.errors and not self.amount.amount:
                self.amount.errors = [gettext("Enter the amount.")]
        elif self.kind.data and not self.what.data:
            self.what.errors = [gettext("Say what is given.")]
        return not self.errors


class TakeBackForm(HouseForm):
    """A wrong entry is taken back with a reason; it stays in history."""

    which = Pick(_l("Which one?"), ask=_l("Choose which one."))
    reason = Text(_l("Why is it taken back?"), ask=_l("Write the reason in a sentence."))

    def __init__(self, choices: Iterable[tuple[str, str]], **kw: Any) -> None:
        super().__init__(**kw)
        self.which.offer([("", gettext("Choose")), *choices])
