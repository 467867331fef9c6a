"""Which answers count already, and what is still to be asked (policy paper 2.7).

Nothing is asked twice while an answer to it holds; what has run out is asked again, and where a
higher level or more support adds a part to an item, that part is asked.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NamedTuple

from partners.assessment.rules.answers import Answer, expires_on, months_after
from partners.policy.values import AnswerType, Item, Policy, Renewal, Scope, Strength


class Why(StrEnum):
    """Why an item is asked, or why it is not."""

    CARRIED = "carried"
    NEW = "new"
    STALE = "stale"
    MORE = "more"


class Doing(NamedTuple):
    """An activity as it is named, and as answers are kept with it; "" where there is none.

    Two works of a kind that does not carry are not about the same one, so nothing is kept with it.
    """

    named: str = ""
    kept: str = ""

    @classmethod
    def of(cls, policy: Policy, named: str) -> "Doing":
        """A named activity by what this policy says of its kind."""
        carries = any(kind.id == named and kind.carries for kind in policy.kinds.activity)
        return cls(named, named if carries else "")


def may_use(kept_with: Scope, same: bool, was: str, now: Doing) -> bool:
    """Whether an answer kept with organisation, engagement or activity counts in an engagement.

    `same`: it was given in this very engagement. `was`: the activity it was given for, `now`: that
    of the engagement. What nobody named is not another one.
    """
    if kept_with is Scope.ACTIVITY:
        if same:
            return was in ("", now.named) or not now.named
        return was == now.kept != ""
    return same or kept_with is Scope.ORGANISATION


@dataclass(frozen=True)
class Line:
    """One item of a request, the answer to it that may be used, and why it is asked or is not."""

    item: Item
    strength: Strength
    row: Any
    why: Why

    @property
    def until(self) -> date:
        """The last day on which the answer counts."""
        return expires_on(self.row.answered_on, self.item.valid_months)


def line(item: Item, strength: Strength, row: Any, today: date) -> Line:
    """`row`: the newest answer that may be used, with `answer`, `answered_on` and `enhanced`."""
    if row is None:
        return Line(item, strength, row, Why.NEW)
    if today > expires_on(row.answered_on, item.valid_months):
        return Line(item, strength, row, Why.STALE)
    # Whoever said "met" where the additional part was not asked has said nothing about it.
    added = strength is Strength.ENHANCED and not row.enhanced and row.answer == Answer.MET
    return Line(item, strength, row, Why.MORE if added else Why.CARRIED)


@dataclass(frozen=True)
class Difference:
    """Everything that a request asks, in the order of bundles, and what of it is known."""

    lines: tuple[Line, ...]

    def of(self, *why: Why) -> tuple[Line, ...]:
        return tuple(one for one in self.lines if one.why in why)

    @property
    def carried(self) -> tuple[Line, ...]:
        return self.of(Why.CARRIED)

    @property
    def asked(self) -> tuple[Item, ...]:
        """What is to be answered now."""
        return tuple(one.item for one in self.lines if one.why is not Why.CARRIED)

    def ending(self, before: date) -> tuple[Line, ...]:
        """What is carried over and runs out before that day."""
        return tuple(one for one in self.carried if one.until < before)


def difference(
    policy: Policy, level: str, band: str, facts: Iterable[str], rows: Mapping[str, Any],
    today: date,
) -> Difference:  # fmt: skip
    """What a request asks. `rows`: the newest answer to each item that it may use."""
    known = policy.facts(facts)
    return Difference(tuple(
        line(item, policy.strength(item, level, band, known), rows.get(item.id), today)
        for item in policy.asked(level, band, known)
    ))  # fmt: skip


def next_review(policy: Policy, level: str, band: str, today: date) -> date:
    """When a decision of today at this level and band would be looked at again, at the latest."""
    months = (policy.levels[level].review_months, policy.bands[band].review_months)
    return months_after(today, min(m for m in months if m is not None))


def months_left(until: date, today: date) -> int:
    """Whole months for which an answer still counts."""
    months = (until.year - today.year) * 12 + until.month - today.month
    return max(0, months - (months_after(today, months) > until if months > 0 else 0))


# What was looked up, talked about or signed once is looked up, talked about or signed anew; what
# is declared, is declared for itself.
_RENEWALS = {
    AnswerType.STAFF_CHECK: Renewal.ANEW,
    AnswerType.CONVERSATION: Renewal.ANEW,
    AnswerType.SIGNATURE: Renewal.ANEW,
    AnswerType.REFERENCE: Renewal.ANEW,
    AnswerType.DECLARATION: Renewal.ALONE,
}


def renewal_of(item: Item) -> Renewal:
    """How an answer is confirmed when nothing has changed: with others, alone, or anew."""
    return item.renewal or _RENEWALS.get(item.answer_type, Renewal.TOGETHER)


def raised(policy: Policy, settled: str, now: str) -> bool:
    """Whether all support together has passed the band that was settled."""
    return policy.bands[now].rank > policy.bands[settled].rank
