"""How far the answers carry (policy paper 2.1 and 2.7). The rules find; people decide."""

from collections.abc import Mapping
from dataclasses import asdict, dataclass, field, replace
from functools import cached_property
from typing import Any, TypeVar, cast

from partners.assessment.rules.answers import Answer, counts_as, falls_short
from partners.policy.values import (
    LOWERING,
    Band,
    Effect,
    Item,
    Level,
    Outcome,
    Party,
    Policy,
    Scope,
    Strength,
)

Step = TypeVar("Step", Level, Band)


@dataclass(frozen=True)
class Case:
    """What is asked for, the facts that hold, and how the items stand. Absent means open."""

    level: str
    band: str
    triggers: frozenset[str] = frozenset()
    answers: Mapping[str, Answer] = field(default_factory=dict[str, Answer])


@dataclass(frozen=True)
class Condition:
    """`grace_days` from the decision; `enhanced_only` where only the enhanced part lacks."""

    item: str
    owner: Party
    grace_days: int
    enhanced_only: bool


@dataclass(frozen=True)
class Reason:
    """An item that falls short: the highest level and band that it alone leaves open.

    Both are None while nothing is determined. `lowers` tells whether they lie below the request.
    """

    item: str
    answer: Answer
    lowers: bool
    level: str | None
    band: str | None


@dataclass(frozen=True)
class Result:
    """What the answers carry. `open` and `hold` are what a decision waits for.

    While not determined there is no level, band or condition: the present level continues.
    `triggers` are the facts that counted; `stopped` tells that an item with effect stop is not met.
    """

    outcome: Outcome
    level: str | None = None
    band: str | None = None
    conditions: tuple[Condition, ...] = ()
    activity_limits: tuple[str, ...] = ()
    no_personal_data: bool = False
    open: tuple[str, ...] = ()
    hold: tuple[str, ...] = ()
    reasons: tuple[Reason, ...] = ()
    triggers: tuple[str, ...] = ()
    stopped: bool = False

    @property
    def below_request(self) -> bool:
        """Whether something lowers the result, also where it is not determined yet."""
        return any(reason.lowers for reason in self.reasons)

    def to_dict(self) -> dict[str, Any]:
        """As JSON keeps it."""
        return asdict(self, dict_factory=listed)

    @classmethod
    def from_dict(cls, kept: Mapping[str, Any]) -> "Result":
        """What `to_dict` gave, read back."""
        conditions = (Condition(**c | {"owner": Party(c["owner"])}) for c in kept["conditions"])
        reasons = (Reason(**r | {"answer": Answer(r["answer"])}) for r in kept["reasons"])
        read: dict[str, Any] = {
            **kept,
            **{key: tuple(kept[key]) for key in ("activity_limits", "open", "hold", "triggers")},
            "outcome": Outcome(kept["outcome"]),
            "conditions": tuple(conditions),
            "reasons": tuple(reasons),
        }
        return cls(**read)


def listed(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """A dict in which tuples are lists, as JSON gives them back."""
    return {k: [*cast(tuple[Any, ...], v)] if isinstance(v, tuple) else v for k, v in pairs}


@dataclass(frozen=True)
class Stand:
    """One item that is asked: how firmly, and what its answer counts as; worked out once."""

    item: Item
    strength: Strength
    answer: Answer | None

    @cached_property
    def short(self) -> bool:
        return falls_short(self.answer, self.strength)

    @cached_property
    def city_adds(self) -> bool:
        """Only the enhanced part lacks, and it is the city's own work: nobody is lowered for it."""
        return (
            self.answer is Answer.ENHANCED_MISSING
            and self.item.lowers
            and self.item.enhanced_owner is Party.CITY
        )

    @cached_property
    def is_open(self) -> bool:
        """An open note changes nothing, and open no_data means only: no personal data yet."""
        return self.answer is None and self.item.effect not in (Effect.NOTE, Effect.NO_DATA)

    @cached_property
    def holds(self) -> bool:
        return self.short and (self.item.effect is Effect.HOLD or self.city_adds)

    @cached_property
    def activity_waits(self) -> bool:
        if self.item.scope is not Scope.ACTIVITY or self.item.effect not in LOWERING:
            return False
        firmly = self.answer is not Answer.PARTLY or self.strength is Strength.ENHANCED
        return self.short and firmly

    @cached_property
    def keeps_data_apart(self) -> bool:
        return self.item.effect is Effect.NO_DATA and (self.answer is None or self.short)


def stands(policy: Policy, case: Case, level: str, band: str, facts: frozenset[str]) -> list[Stand]:
    """Every item that is required or enhanced at this level and band."""
    told = case.answers.get
    return [_stand(policy, i, firm, told(i.id)) for i, firm in policy.firm(level, band, facts)]


def _stand(policy: Policy, item: Item, strength: Strength, answer: Answer | None) -> Stand:
    key = "stand", item.id, strength, answer
    if key not in policy.memory:
        policy.memory[key] = Stand(item, strength, counts_as(item, answer))
    return policy.memory[key]


def needs_no_decision(policy: Policy, level: str, band: str) -> bool:
    """Whether being registered is enough: a level that is not assessed, without support."""
    return not policy.levels[level].assessed_without_support and policy.bands[band].rank == 0


def result(policy: Policy, case: Case) -> Result:
    """What the answers of `case` carry under `policy`."""
    facts = policy.facts(case.triggers)
    asked = stands(policy, case, case.level, case.band, facts)
    if needs_no_decision(policy, case.level, case.band):
        found = _found(policy, case, facts, asked, (case.level, case.band))
        return replace(found, outcome=Outcome.REGISTERED, open=_open(asked))
    reached = _highest(policy, case, facts, asked)
    if reached != (case.level, case.band):
        # Answer before result: a lower result is itself the point that must be answered first.
        facts = policy.facts(facts | policy.point_triggers)
        asked = stands(policy, case, case.level, case.band, facts)
        reached = _highest(policy, case, facts, asked)
    waits, holds = _open(asked), tuple(stand.item.id for stand in asked if stand.holds)
    if not waits and not holds:
        return _found(policy, case, facts, asked, reached)
    found = _reasons(policy, case, facts, asked)
    reasons = tuple(replace(reason, level=None, band=None) for reason in found)
    brought = tuple(sorted(facts))
    return Result(Outcome.NOT_DETERMINED, open=waits, hold=holds, reasons=reasons, triggers=brought)


def _open(asked: list[Stand]) -> tuple[str, ...]:
    return tuple(stand.item.id for stand in asked if stand.is_open)


def _found(
    policy: Policy,
    case: Case,
    facts: frozenset[str],
    asked: list[Stand],
    reached: tuple[str, str],
) -> Result:
    """The result at the level and band reached, weighed with the strengths that hold there."""
    same = reached == (case.level, case.band)
    there = asked if same else stands(policy, case, *reached, facts)
    conditions = tuple(made for stand in there if (made := _condition(policy, stand, reached)))
    limits = tuple(stand.item.id for stand in there if stand.activity_waits)
    apart = any(stand.keeps_data_apart for stand in there)
    if reached[0] != case.level:
        outcome = Outcome.DIALOGUE
    elif not same:
        outcome = Outcome.LOWER_BAND
    else:
        outcome = Outcome.CONDITIONS if conditions or limits or apart else Outcome.SUPPORTED
    on_terms = {condition.item for condition in conditions}
    return Result(
        outcome,
        *reached,
        conditions,
        limits,
        apart,
        reasons=tuple(r for r in _reasons(policy, case, facts, asked) if r.item not in on_terms),
        triggers=tuple(sorted(facts)),
        stopped=any(s.item.effect is Effect.STOP and s.answer is Answer.NOT_MET for s in asked),
    )


def _highest(
    policy: Policy, case: Case, facts: frozenset[str], asked: list[Stand]
) -> tuple[str, str]:
    """Level first: the highest level at which some band is possible, then the highest band.

    Only what falls short at the request can forbid: an item is never asked more firmly below it.
    """
    weighed = (s for s in asked if s.short and s.item.lowers and not s.city_adds)
    closed = [_closed(policy, facts, stand) for stand in weighed]
    for level in _downwards(policy.levels, case.level):
        for band in _downwards(policy.bands, case.band):
            if not any((level.id, band.id) in some for some in closed):
                return level.id, band.id
    raise AssertionError("the linter keeps dialogue without support open")


def _closed(policy: Policy, facts: frozenset[str], stand: Stand) -> frozenset[tuple[str, str]]:
    """The levels and bands that an item, as it is answered, keeps out of reach; worked out once."""
    key = "closed", facts, stand.item.id, stand.answer
    if key not in policy.memory:
        policy.memory[key] = frozenset(
            (level.id, band.id) for level in policy.levels.values()
            for band in policy.bands.values() if _forbids(policy, facts, stand, level, band)
        )  # fmt: skip
    return policy.memory[key]


def _downwards(steps: Mapping[str, Step], top: str) -> list[Step]:
    return list(steps.values())[steps[top].rank :: -1]


def _forbids(policy: Policy, facts: frozenset[str], asked: Stand, level: Level, band: Band) -> bool:
    """Whether this item, as it is answered, keeps this level and band out of reach."""
    strength = policy.strength(asked.item, level.id, band.id, facts)
    if strength < Strength.REQUIRED or policy.within(asked.item, level.id, band.id):
        return False
    # Partly stands in for met, with a condition; but not where more than usual is asked.
    if asked.answer is Answer.PARTLY:
        return strength is Strength.ENHANCED
    return falls_short(asked.answer, strength)


def _condition(policy: Policy, stand: Stand, reached: tuple[str, str]) -> Condition | None:
    item = stand.item
    on_terms = item.effect is Effect.CONDITION or _stands_in(policy, stand, reached)
    if not (stand.short and on_terms):
        return None
    enhanced_only = stand.answer is Answer.ENHANCED_MISSING
    owner = item.enhanced_owner if enhanced_only else item.remedy_owner
    return Condition(item.id, owner, item.grace_days or 0, enhanced_only)


def _stands_in(policy: Policy, stand: Stand, reached: tuple[str, str]) -> bool:
    """Whether a condition stands in for what "not met" would have cost: "partly", fund or cap."""
    item = stand.item
    if item.effect not in LOWERING or stand.answer is not Answer.PARTLY:
        return False
    costs = item.scope is Scope.ACTIVITY or not policy.within(item, *reached)
    return costs and stand.strength is Strength.REQUIRED


def _reasons(policy: Policy, case: Case, facts: frozenset[str], asked: list[Stand]) -> list[Reason]:
    """The items that could lower a result and fall short, each with what it alone leaves open."""
    found: list[Reason] = []
    for stand in asked:
        if stand.item.lowers and stand.short and stand.answer and not stand.city_adds:
            alone = _highest(policy, case, facts, [stand])
            lowers = alone != (case.level, case.band)
            found.append(Reason(stand.item.id, stand.answer, lowers, *alone))
    return found
