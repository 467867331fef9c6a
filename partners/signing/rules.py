"""What makes a name under a text a signature."""

from collections.abc import Iterable
from datetime import date
from typing import Any, Protocol, TypeVar

from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.matching.names import fold


class Seat(Protocol):
    """An office in an organisation, as the register keeps it."""

    role: Any
    person: Any
    may_sign: Any
    until: Any


S = TypeVar("S", bound=Seat)


def seat_of(name: str, title: str, seats: Iterable[S], today: date) -> S | None:
    """The seat by which a person of this name may sign today; None when there is none.

    A seat whose holder the organisation has not named is found by the person's title. On the day
    on which a seat ends it carries no right any more.
    """
    living = [s for s in seats if s.may_sign and (s.until is None or s.until > today)]
    by_name = (s for s in living if s.person and fold(s.person) == fold(name))
    by_title = (s for s in living if not s.person and title and fold(s.role) == fold(title))
    return next(by_name, None) or next(by_title, None)


def require_own_name(typed: str, name: str) -> None:
    """Refuse a typed name that is not the signer's; accents, case and spaces may differ."""
    if fold(typed) != fold(name):
        raise Refusal(
            N_("Type your name as it stands on the paper: %(name)s."), field="name", name=name
        )


def require_statement(ticked: bool) -> None:
    """Refuse a signature without the statement."""
    if not ticked:
        raise Refusal(
            N_("Tick the statement, because it is what you sign."), field="statement"
        )


def in_fours(fingerprint: str) -> str:
    """A fingerprint in groups that can be compared by eye."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
