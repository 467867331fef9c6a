"""What a changed policy would do to one piece of work: what is asked, and what comes out of it."""

from dataclasses import dataclass, replace

from partners.assessment.rules.reach import Case, Result, result
from partners.policy.values import Item, Policy, Strength


@dataclass(frozen=True)
class Changed:
    """Items asked more or less firmly; and, where the result differs, both and what it hangs on."""

    more: tuple[str, ...] = ()
    less: tuple[str, ...] = ()
    before: Result | None = None
    after: Result | None = None

    @property
    def differs(self) -> bool:
        return self.before is not None

    @property
    def because(self) -> tuple[str, ...]:
        """The items that count in one of the two results and not, or otherwise, in the other."""
        if self.before is None or self.after is None:
            return ()
        return tuple(sorted({item for _part, item in _parts(self.before) ^ _parts(self.after)}))


def _parts(found: Result) -> frozenset[tuple[str, str]]:
    parts = {
        "open": found.open, "hold": found.hold, "waits": found.activity_limits,
        "condition": tuple(c.item for c in found.conditions),
        "lowers": tuple(r.item for r in found.reasons if r.lowers),
    }  # fmt: skip
    return frozenset((part, item) for part, items in parts.items() for item in items)


def _told(found: Result) -> tuple[object, ...]:
    """What somebody would notice of a result."""
    return (found.outcome, found.level, found.band, {c.item for c in found.conditions},
            set(found.activity_limits), found.no_personal_data)  # fmt: skip


def firmly(policy: Policy, case: Case) -> dict[str, Strength]:
    """Every item that a request asks, and how firmly."""
    asked = policy.firm(case.level, case.band, policy.facts(case.triggers))
    return {item.id: strength for item, strength in asked}


def same(old: Policy, new: Policy, level: str, band: str, triggers: frozenset[str]) -> bool:
    """Whether two policies ask the same of a request, so that the same answers carry as far."""
    if (old.levels, old.bands, old.floor, old.triggers) != (
        new.levels, new.bands, new.floor, new.triggers,
    ):  # fmt: skip
        return False
    return _core(old, level, band, triggers) == _core(new, level, band, triggers)


def _core(policy: Policy, level: str, band: str, triggers: frozenset[str]) -> list[Item]:
    """What the engine reads of the items asked, no higher than the request."""
    top, most = policy.levels[level].rank, policy.bands[band].rank
    facts = policy.facts(triggers | policy.point_triggers)
    low = [(one.id, two.id) for one in policy.levels.values() for two in policy.bands.values()
           if one.rank <= top and two.rank <= most]  # fmt: skip
    return [
        replace(item, levels={}, bands={}, minutes=(0, 0), sources=(), valid_months=0,
                renewal=None, strengths={pair: item.strengths[pair] for pair in low})
        for item, _strength in policy.firm(level, band, facts)
    ]  # fmt: skip


def _otherwise(
    old: Policy, new: Policy, before: Case, after: Case
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """What is asked more and less firmly; the same for all who request the same."""
    key = "otherwise", old.version, before.level, before.band, after.band, before.triggers
    if key not in new.memory:
        was, now = firmly(old, before), firmly(new, after)
        more = tuple(i for i in now if now[i] > was.get(i, Strength.NONE))
        less = tuple(i for i in was if was[i] > now.get(i, Strength.NONE))
        new.memory[key] = more, less
    return new.memory[key]


def changed(old: Policy, new: Policy, before: Case, after: Case) -> Changed:
    """The same work under two policies; `after` is the case as the new one reads it."""
    more, less = _otherwise(old, new, before, after)
    first, second = result(old, before), result(new, after)
    if _told(first) == _told(second):
        return Changed(more, less)
    return Changed(more, less, first, second)
