"""Who prepares, reads, decides and confirms (policy paper 2.7, outcome paper 3.4)."""

from collections.abc import Iterable
from dataclasses import asdict, dataclass
from typing import Any

from partners.assessment.rules.reach import Result, listed
from partners.ground.words import N_
from partners.policy.values import Decider, Outcome, Policy, Second, When


@dataclass(frozen=True)
class Deciders:
    """What the rows that fit ask together; of the deciders, the strictest."""

    prepare: str
    decide: Decider
    second: tuple[Second, ...] = ()
    needs: tuple[str, ...] = ()
    reads: tuple[str, ...] = ()

    @property
    def confirmed(self) -> bool:
        """Whether a second manager confirms the decision."""
        return bool({Second.MANAGER, Second.OTHER_DEPARTMENT} & set(self.second))

    def to_dict(self) -> dict[str, Any]:
        return asdict(self, dict_factory=listed)


def deciders(policy: Policy, level: str, band: str, when: Iterable[When] = ()) -> Deciders:
    """Who decides on this level and band in these situations."""
    rows = policy.rows(level, band, when)
    strength = list(Decider).index
    strictest = max(rows, key=lambda row: strength(row.decide))
    return Deciders(
        strictest.prepare,
        strictest.decide,
        tuple(dict.fromkeys(row.second for row in rows if row.second)),
        tuple(dict.fromkeys(need for row in rows for need in row.needs)),
        tuple(dict.fromkeys(theme for row in rows for theme in row.reads)),
    )


def deciders_on(policy: Policy, found: Result, level: str, band: str) -> Deciders:
    """Who decides for this level and band, be they what was computed or otherwise."""
    holds = {
        When.BELOW_REQUEST: found.outcome in (Outcome.DIALOGUE, Outcome.LOWER_BAND),
        When.STOP: found.stopped,
        When.OVERRIDE: (level, band) != (found.level, found.band),
    }
    return deciders(policy, level, band, [one for one, held in holds.items() if held])


def deciders_of(policy: Policy, found: Result) -> Deciders | None:
    """Who decides on a result as it was computed; None while it is not determined."""
    if found.level is None or found.band is None:
        return None
    return deciders_on(policy, found, found.level, found.band)


@dataclass(frozen=True)
class Person:
    """Somebody on the municipality's side, as far as four eyes are concerned."""

    id: int
    department: int | None
    roles: frozenset[str]
    stepped_aside: bool = False


@dataclass(frozen=True)
class Hands:
    """Who did what on one decision; None where nobody has yet."""

    prepared: Person | None = None
    read: Person | None = None
    decided: Person | None = None
    confirmed: Person | None = None


def four_eyes(wanted: Deciders, hands: Hands, reads: bool = False) -> tuple[str, ...]:
    """What stands against the decision as the hands are now: sentences, none when all is well.

    `reads`: themes of `wanted.reads` were answered, so a second person has to read them.
    """
    people = [p for p in vars(hands).values() if p is not None]
    checks = {
        N_("One person has two parts in this decision."): len({p.id for p in people}) < len(people),
        N_("Somebody who has stepped aside takes part."): any(p.stepped_aside for p in people),
        N_("This is not theirs to decide."): not _may_decide(wanted.decide, hands.decided),
        N_("A second person has to read it first."): not _is_read(wanted, hands.read, reads),
        N_("A manager has to confirm it."): wanted.confirmed
        and not _may_decide(Decider.MANAGER, hands.confirmed),
        N_("The manager who confirms must be of another department."): _same_department(
            wanted, hands
        ),
    }
    return tuple(sentence for sentence, broken in checks.items() if broken)


def _may_decide(wanted: Decider, person: Person | None) -> bool:
    if wanted is Decider.NONE:
        return True
    allowed = {"manager", "liaison"} if wanted is Decider.LIAISON else {"manager"}
    return person is not None and bool(person.roles & allowed)


def _is_read(wanted: Deciders, reader: Person | None, reads: bool) -> bool:
    return reader is not None or not (Second.READER in wanted.second or (reads and wanted.reads))


def _same_department(wanted: Deciders, hands: Hands) -> bool:
    if Second.OTHER_DEPARTMENT not in wanted.second or not (hands.decided and hands.confirmed):
        return False
    return hands.decided.department == hands.confirmed.department
