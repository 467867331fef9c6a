"""What a line in the contact log must hold. Pure."""

from dataclasses import dataclass
from datetime import date

from partners.ground.refusals import Refusal
from partners.ground.words import N_

CITY, PARTNER = "city", "partner"


@dataclass(frozen=True)
class Promise:
    """What follows from a contact: what, on which side, by when; the owner is one of our staff."""

    what: str
    due_on: date
    side: str = CITY
    owner_id: int | None = None


@dataclass(frozen=True)
class Told:
    """One contact as it is told. `kind` is an id of the vocabulary; `line` they can read."""

    kind: str
    held_on: date
    line: str
    topics: tuple[str, ...] = ()
    promise: Promise | None = None


def check_told(told: Told, today: date) -> None:
    """A contact lies behind us; a promise is due after it, and ours has somebody who keeps it."""
    if told.held_on > today:
        raise Refusal(N_("This day has not come yet. Log a contact after it took place."),
                      field="held_on")  # fmt: skip
    promise = told.promise
    if promise and promise.due_on < told.held_on:
        raise Refusal(N_("What was promised is due on the day of the contact or later."),
                      field="follow_up_on")  # fmt: skip
    if promise and promise.side == CITY and promise.owner_id is None:
        raise Refusal(N_("Say who of us sees to it."), field="owner")


def topics_in(text: str) -> tuple[str, ...]:
    """Topics typed in one line with commas, without repeats; at most twelve."""
    return tuple(dict.fromkeys(t for t in (part.strip() for part in text.split(",")) if t))[:12]
