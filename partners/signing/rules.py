"""What makes a name under a text a signature, and the way that leads there."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from hashlib import sha256
from typing import Any, Protocol, TypeVar

from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.matching.names import fold


class Seat(Protocol):
    """An office in an organisation, as the register keeps it."""

    role: Any
    person: Any
    may_sign: Any
    together: Any
    until: Any


S = TypeVar("S", bound=Seat)


def seat_of(name: str, title: str, seats: Iterable[S], today: date) -> S | None:
    """The seat by which a person of this name may sign today; None when there is none.

    A seat whose holder the organisation has not named is found by the person's title. On the day
    on which a seat ends it carries no right any more.
    """
    living = [s for s in seats if s.may_sign and (s.until is None or s.until > today)]
    living.sort(key=lambda seat: bool(seat.together))  # whoever may also sign alone, does
    by_name = (s for s in living if s.person and fold(s.person) == fold(name))
    by_title = (s for s in living if not s.person and title and fold(s.role) == fold(title))
    return next(by_name, None) or next(by_title, None)


TAG = b"partners-sign-v1\0"
# A copy of what somebody signed by hand proves no more than an account does.
STRENGTH = {"account": 1, "paper": 1, "key": 2, "elsewhere": 3}
START, READ, WHO, CHECK, SIGN = "start", "read", "who", "check", "sign"
VALUE, ELSEWHERE, SENT_BACK = "value-", "elsewhere", "sent-back"
AGREE, REMARK, TALK = "agree", "remark", "talk"


def steps(values: Sequence[str]) -> tuple[str, ...]:
    """The pages of the ceremony in their order; each value of a charter is a page of its own."""
    return (START, READ, *(VALUE + number for number in values), WHO, CHECK, SIGN)


def due(way: Sequence[str], said: Mapping[str, Any]) -> str:
    """The first page on which nothing is noted yet; whoever wants to talk does not sign now."""
    waiting = (step for step in way if step not in (CHECK, SIGN) and step not in said)
    return next(waiting, CHECK if to_talk_about(said) else SIGN)


def challenge(text_hash: str, statement: str, nonce: str) -> bytes:
    """What a person's own key signs: exactly this text, these words, this one time."""
    said = sha256(statement.encode()).digest()
    return sha256(TAG + bytes.fromhex(text_hash) + said + bytes.fromhex(nonce)).digest()


def suffices(lowest: str, method: str) -> bool:
    """Whether a signature of this kind is enough where a paper asks for at least `lowest`."""
    return STRENGTH[method] >= STRENGTH[lowest]


def answers(said: Mapping[str, Any]) -> dict[str, Mapping[str, str]]:
    """What was said to each value, by its number."""
    return {k.removeprefix(VALUE): v for k, v in said.items() if k.startswith(VALUE)}


def to_talk_about(said: Mapping[str, Any]) -> list[str]:
    """The values that somebody wants to talk about before signing."""
    return [number for number, told in answers(said).items() if told["answer"] == TALK]


def require_shown(shown: str, text_hash: str) -> None:
    """Refuse a signature over another text than the signer was shown."""
    if shown != text_hash:
        raise Refusal(
            N_("The text is not the one that you have read. Read it as it stands now, then sign.")
        )


def require_own_name(typed: str, name: str) -> None:
    """Refuse a typed name that is not the signer's; accents, case and spaces may differ."""
    if fold(typed) != fold(name):
        raise Refusal(
            N_("Type your name as it stands on the paper: %(name)s."), field="name", name=name
        )


def require_statement(ticked: bool) -> None:
    """Refuse a signature without the statement."""
    if not ticked:
        raise Refusal(N_("Tick the statement, because it is what you sign."), field="statement")


@dataclass(frozen=True)
class Standing:
    """How a sealed text stands today: its state, since when, and until when it holds.

    `by`: the side that ended it, or let it rest; "" where its own last day did.
    """

    # begins, in_force, paused, notice, suspended, ended, withdrawn, expired, replaced
    state: str
    since: date
    until: date | None = None
    by: str = ""

    @property
    def holds(self) -> bool:
        return self.state in ("begins", "in_force", "paused", "notice")


def in_fours(fingerprint: str) -> str:
    """A fingerprint in groups that can be compared by eye."""
    return " ".join(fingerprint[at : at + 4] for at in range(0, len(fingerprint), 4))
