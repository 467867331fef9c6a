"""The states of a round and the moves between them, as one table (outcome paper 3.3)."""

from dataclasses import dataclass
from enum import StrEnum


class State(StrEnum):
    DRAFT = "draft"
    TALKING = "in_conversation"
    PROPOSED = "proposed"
    REPLYING = "replying"
    DECIDED = "decided"
    TOLD = "told"
    IN_FORCE = "in_force"
    DUE = "due"
    PAUSED = "paused"
    DECLINED = "declined"
    CLOSED = "closed"


class Verb(StrEnum):
    START = "start"
    TELL_LEVEL = "tell the organisation"
    CHANGE = "change the request"
    PROPOSE = "propose"
    TAKE_BACK = "take back"
    SEND = "send for reply"
    END_REPLY = "reply received, or time is over"
    DECIDE = "decide"
    TELL = "tell"
    ENTER = "enter into force"
    FOLLOW_UP = "condition met, overdue"
    FALL_DUE = "fall due"
    BEGIN_AGAIN = "begin a new round"
    PAUSE = "pause"
    RESUME = "resume"
    DECLINE = "choose another way"
    RETURN = "return"
    CLOSE = "close"
    OUTSIDE = "record a decision from outside the assessment"


class Who(StrEnum):
    OFFICER = "officer"
    LIAISON = "liaison"
    TEAM = "case team"
    PREPARER = "preparer"
    ORGANISATION = "the organisation"
    DECIDERS = "deciders"
    OWNER = "owner"
    CLOCK = "the clock"
    SIGNING = "the signing"
    TWO = "two people"
    ONE_OF_TWO = "one of the two"
    MANAGER = "manager"
    OTHER_MANAGER = "manager of another department"


@dataclass(frozen=True)
class Move:
    """`target` None: the round stays, or goes back to, where it was."""

    sources: frozenset[State]
    verb: Verb
    target: State | None
    who: tuple[Who, ...]


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


S, V, W = State, Verb, Who
NOWHERE: frozenset[State] = frozenset()
OPEN = frozenset(State) - {S.CLOSED}
ANSWERING = (S.DRAFT, S.TALKING)  # answers and what was found may still be written down
STANDING = (S.TOLD, S.IN_FORCE, S.DUE)  # a decision is told and has not ended
OVER = (S.DECLINED, S.CLOSED)

# fmt: off
MOVES: tuple[Move, ...] = (
    Move(NOWHERE, V.START, S.DRAFT, (W.OFFICER, W.LIAISON)),
    Move(_from(S.DRAFT), V.TELL_LEVEL, S.TALKING, (W.TEAM,)),
    Move(_from(S.DRAFT, S.TALKING), V.CHANGE, None, (W.TEAM, W.ORGANISATION)),
    Move(_from(S.TALKING), V.PROPOSE, S.PROPOSED, (W.PREPARER,)),
    Move(_from(S.PROPOSED), V.TAKE_BACK, S.TALKING, (W.PREPARER,)),
    Move(_from(S.PROPOSED), V.SEND, S.REPLYING, (W.PREPARER,)),
    Move(_from(S.REPLYING), V.END_REPLY, S.PROPOSED, (W.ORGANISATION, W.CLOCK)),
    Move(_from(S.PROPOSED), V.DECIDE, S.DECIDED, (W.DECIDERS,)),
    Move(_from(S.DECIDED), V.TELL, S.TOLD, (W.TEAM,)),
    Move(_from(S.TOLD), V.ENTER, S.IN_FORCE, (W.CLOCK, W.SIGNING)),
    Move(_from(S.IN_FORCE), V.FOLLOW_UP, S.IN_FORCE, (W.OWNER,)),
    Move(_from(S.IN_FORCE), V.FALL_DUE, S.DUE, (W.CLOCK,)),
    Move(_from(S.DUE, S.IN_FORCE, S.TOLD), V.BEGIN_AGAIN, S.DRAFT, (W.TEAM,)),
    Move(OPEN - {S.PAUSED}, V.PAUSE, S.PAUSED, (W.TWO,)),
    Move(_from(S.PAUSED), V.RESUME, None, (W.ONE_OF_TWO, W.CLOCK)),
    Move(OPEN - {S.DECLINED}, V.DECLINE, S.DECLINED, (W.ORGANISATION, W.TEAM)),
    Move(_from(S.DECLINED), V.RETURN, S.DRAFT, (W.ORGANISATION, W.TEAM)),
    Move(OPEN, V.CLOSE, S.CLOSED, (W.MANAGER,)),
    Move(OPEN, V.OUTSIDE, None, (W.MANAGER, W.OTHER_MANAGER)),
)
# fmt: on


def may_move(state: State | None, verb: Verb) -> bool:
    """Whether `verb` is possible from `state`; None is before the start."""
    return any(
        move.verb is verb and (state in move.sources if state else not move.sources)
        for move in MOVES
    )
