"""What a changed policy would do to one piece of work: what is asked, and what comes out of it."""

from dataclasses import dataclass

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


def firmly(policy: Policy, case: Case) -> dict[str, tuple[Strength, Item]]:
    """Every item that a request asks, and how firmly."""
    facts = policy.facts(case.triggers)
    found = ((policy.strength(i, case.level, case.band, facts), i) for i in policy.items.values())
    return {item.id: (strength, item) for strength, item in found if strength >= Strength.REQUIRED}


def changed(old: Policy, new: Policy, before: Case, after: Case) -> Changed:
    """The same work under two policies; `after` is the case as the new one reads it."""
    was, now = firmly(old, before), firmly(new, after)
    none = (Strength.NONE,)
    more = tuple(i for i in now if now[i][0] > was.get(i, none)[0])
    less = tuple(i for i in was if was[i][0] > now.get(i, none)[0])
    first, second = result(old, before), result(new, after)
    if _told(first) == _told(second):
        return Changed(more, less)
    return Changed(more, less, first, second)
