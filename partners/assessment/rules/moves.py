"""The states of a round and the moves between them, as one table (outcome paper 3.3)."""

from dataclasses import dataclass
from enum import StrEnum

from partners.ground.words import N_


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
    """`target` None: the round stays, or goes back to, where it was.

    `at_once`: where a registered contact goes, for which there is nothing to decide.
    """

    sources: frozenset[State]
    verb: Verb
    target: State | None
    who: tuple[Who, ...]
    guard: str = ""
    at_once: State | None = None


def _from(*states: State) -> frozenset[State]:
    return frozenset(states)


S, V, W = State, Verb, Who
NOWHERE: frozenset[State] = frozenset()
OPEN = frozenset(State) - {S.CLOSED}
OVER = (S.DECLINED, S.CLOSED)

# fmt: off
MOVES: tuple[Move, ...] = (
    Move(NOWHERE, V.START, S.DRAFT, (W.OFFICER, W.LIAISON),
         N_("purpose, level and support are named")),
    Move(_from(S.DRAFT), V.TELL_LEVEL, S.TALKING, (W.TEAM,),
         N_("the level is said out loud; information and consultation without support are"
            " registered at once, with no further round"), at_once=S.IN_FORCE),
    Move(_from(S.DRAFT, S.TALKING), V.CHANGE, None, (W.TEAM, W.ORGANISATION),
         N_("the difference is asked; answers are kept")),
    Move(_from(S.TALKING), V.PROPOSE, S.PROPOSED, (W.PREPARER,),
         N_("nothing is open at the request, or the open rest is named")),
    Move(_from(S.PROPOSED), V.TAKE_BACK, S.TALKING, (W.PREPARER,),
         N_("before a decision, with a reason")),
    Move(_from(S.PROPOSED), V.SEND, S.REPLYING, (W.PREPARER,),
         N_("the result lies below the request; the points are sent, with time to answer")),
    Move(_from(S.REPLYING), V.END_REPLY, S.PROPOSED, (W.ORGANISATION, W.CLOCK),
         N_("the organisation's answer is recorded; the second reader has read")),
    Move(_from(S.PROPOSED), V.DECIDE, S.DECIDED, (W.DECIDERS,),
         N_("everything the decision waits for is done; a different result has a reason")),
    Move(_from(S.DECIDED), V.TELL, S.TOLD, (W.TEAM,),
         N_("the letter is delivered; way and date are logged")),
    Move(_from(S.TOLD), V.ENTER, S.IN_FORCE, (W.CLOCK, W.SIGNING)),
    Move(_from(S.IN_FORCE), V.FOLLOW_UP, S.IN_FORCE, (W.OWNER,)),
    Move(_from(S.IN_FORCE), V.FALL_DUE, S.DUE, (W.CLOCK,),
         N_("review date, expired answer, changed band or changed list")),
    Move(_from(S.DUE, S.IN_FORCE, S.TOLD), V.BEGIN_AGAIN, S.DRAFT, (W.TEAM,),
         N_("answers that are still valid are carried over")),
    Move(OPEN - {S.PAUSED}, V.PAUSE, S.PAUSED, (W.TWO,),
         N_("14 days, with a reason; the organisation is told the same day where that is lawful")),
    Move(_from(S.PAUSED), V.RESUME, None, (W.ONE_OF_TWO, W.CLOCK)),
    Move(OPEN - {S.DECLINED}, V.DECLINE, S.DECLINED, (W.ORGANISATION, W.TEAM)),
    Move(_from(S.DECLINED), V.RETURN, S.DRAFT, (W.ORGANISATION, W.TEAM)),
    Move(OPEN, V.CLOSE, S.CLOSED, (W.MANAGER,),
         N_("with a reason; agreements end by their own rules; the contact goes on")),
    Move(OPEN, V.OUTSIDE, None, (W.MANAGER, W.OTHER_MANAGER),
         N_("body, date and minute reference; the assessment is not rewritten")),
)
# fmt: on


def may_move(state: State | None, verb: Verb) -> bool:
    """Whether `verb` is possible from `state`; None is before the start."""
    return any(
        move.verb is verb and (state in move.sources if state else not move.sources)
        for move in MOVES
    )
