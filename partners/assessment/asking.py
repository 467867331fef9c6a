"""What a request asks of everyone, and what is known already: said before anything begins."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from flask_babel import gettext

from partners.assessment.models import Answer
from partners.assessment.pace import Pace, Tier, paces
from partners.assessment.pages import side_of
from partners.assessment.queries import newest_answers, payments, weighed
from partners.assessment.rules.difference import (
    Difference,
    Doing,
    Line,
    Why,
    difference,
    months_left,
    next_review,
)
from partners.assessment.rules.money import Payment
from partners.assessment.rules.reach import needs_no_decision
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.words import N_
from partners.policy.values import Band, Item, Level, Policy
from partners.policy.words import Words
from partners.web.fields import language

PARTS = ((Why.NEW, N_("new: %(n)s")), (Why.STALE, N_("run out, asked again: %(n)s")),
         (Why.MORE, N_("with an additional part: %(n)s")))  # fmt: skip


@dataclass(frozen=True)
class Asked:
    """What a request asks of everyone. `rows`: the newest answers that it may use."""

    policy: Policy
    words: Words
    level: Level
    band: Band
    facts: frozenset[str]
    rows: Mapping[str, Answer]
    today: date
    total: Decimal = Decimal(0)
    alone: Decimal = Decimal(0)
    suggested: tuple[str, ...] = ()
    paces: Mapping[Tier, Pace] | None = None

    @cached_property
    def known(self) -> Difference:
        return difference(
            self.policy, self.level.id, self.band.id, self.facts, self.rows, self.today
        )

    @property
    def items(self) -> tuple[Item, ...]:
        """What is to be answered: new, run out, or with a part added."""
        return self.known.asked

    def by(self, side: str) -> tuple[Item, ...]:
        """What is to be answered by one side: theirs, ours, both."""
        return tuple(item for item in self.items if side_of(item) == side)

    def minutes(self, side: str, city: bool = False) -> int:
        """How long the organisation, or the municipality, needs for the items of a side."""
        return self.policy.minutes(self.by(side))[city]

    @property
    def parts(self) -> list[str]:
        """How many are new, how many have run out, how many ask for more."""
        counted = ((text, len(self.known.of(why))) for why, text in PARTS)
        return [gettext(text, n=number) for text, number in counted if number]

    @property
    def carried(self) -> tuple[Line, ...]:
        return self.known.carried

    @property
    def review_on(self) -> date:
        return next_review(self.policy, self.level.id, self.band.id, self.today)

    @property
    def ending(self) -> tuple[Line, ...]:
        """What is carried over and runs out before we look again."""
        return self.known.ending(self.review_on)

    def left(self, line: Line) -> int:
        return months_left(line.until, self.today)

    @property
    def pace(self) -> Pace | None:
        return (self.paces or {}).get((self.level.id, self.band.id))

    @property
    def seal(self) -> str:
        """What has been shown, so that nothing begins that was not shown before."""
        return "|".join([self.level.id, self.band.id, *(item.id for item in self.items)])

    @property
    def nothing_to_decide(self) -> bool:
        return needs_no_decision(self.policy, self.level.id, self.band.id)

    def because(self, item: Item) -> str:
        """Why this item is asked: it ran out, a fact, the level or the support."""
        why = next(one.why for one in self.known.lines if one.item is item)
        if why is Why.STALE:
            return gettext("The earlier answer has run out; it stands beside the question.")
        if why is Why.MORE:
            return gettext("Answered before; only the additional part is new.")
        if item.trigger is not None:
            return gettext("Because: %(fact)s.", fact=self.words.trigger(item.trigger).name)
        if item.levels[self.level.id] >= item.bands[self.band.id]:
            name = self.words.level(self.level.id).name
            return gettext("Because of the level: %(level)s.", level=name)
        return gettext("Because of the support: %(band)s.", band=self.words.band(self.band.id).name)

    @property
    def others(self) -> list[tuple[str, int, int]]:
        """Other levels, and the same level without support: name, items to answer, theirs."""
        first = next(iter(self.policy.bands.values()))
        pairs = [(one, self.band) for one in reversed(tuple(self.policy.levels.values()))]
        pairs += [(self.level, first)]
        others = [replace(self, level=level, band=band) for level, band in pairs
                  if (level, band) != (self.level, self.band)]  # fmt: skip
        level, band = self.words.level, self.words.band
        return [(f"{level(o.level.id).name}, {band(o.band.id).name}", len(o.items),
                 len(o.by("theirs"))) for o in others]  # fmt: skip


def asked_of(
    policy: Policy, organisation_id: int, own: int | None, level: str, facts: frozenset[str], *,
    added: Sequence[Payment] = (), intended: Doing | None = None, suggested: tuple[str, ...] = (),
) -> Asked:  # fmt: skip
    """What a request of an organisation asks, from what stands in the books today.

    `own`: the engagement that it changes, if it has begun; `added`: support not in the books yet.
    """
    now, rows = clock.now(), payments(organisation_id)
    band, total = weighed(policy, rows, own, added)
    _band, alone = weighed(policy, [r for r in rows if own and r.engagement_id == own], own, added)
    return Asked(policy, policy.words(language()), policy.levels[level], band, facts,
                 newest_answers(organisation_id, own, intended), day_of(now), total, alone,
                 suggested, paces(now))  # fmt: skip


def who_said(answer: Answer, organisation: Any) -> str:
    """Who gave an answer, and for whom."""
    if answer.side == "partner":
        return str(organisation.name)
    if answer.on_behalf:
        return gettext("%(who)s, for %(organisation)s", who=answer.by.name,
                       organisation=organisation.name)  # fmt: skip
    return str(answer.by.name)
