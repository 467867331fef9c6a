"""Moves from state to state that are not about a result."""

from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm.attributes import flag_modified

from partners.access.rules import CLOCK, Actor, require
from partners.access.table import Permission as P
from partners.assessment.models import Engagement, Round
from partners.assessment.queries import band_of, paused_by, policy_of, raised_band, standings
from partners.assessment.rules.moves import ANSWERING, MOVES, OVER, State, Verb, may_move
from partners.assessment.rules.reach import needs_no_decision
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import NOT_NOW, Refusal
from partners.ground.words import N_
from partners.history.actions import record
from partners.history.queries import deeds_on
from partners.policy.shelf import adopt

PAUSE_DAYS = 14
REUSED = "engagement.reused"


def move(engagement: Engagement, verb: Verb, *, by: Actor, at: datetime, **facts: object) -> None:
    """Make the one move of this verb that is possible now, and write it down."""
    state, target = State(engagement.state), _target(engagement, verb)
    if target:
        engagement.state = str(target)
        engagement.due_on = _due(engagement, day_of(at))
        engagement.ended_at = at if target in OVER else None
    record(f"engagement.{verb.name.lower()}", engagement, by=by, at=at, was=state, **facts)


def _target(engagement: Engagement, verb: Verb) -> State | None:
    found = [m for m in MOVES if m.verb is verb and engagement.state in m.sources]
    if not found:
        raise Refusal(NOT_NOW)
    return found[0].target


def refuse_closed(engagement: Engagement) -> None:
    """Answers, and what was found, stand as they are once a result is proposed."""
    if engagement.state not in ANSWERING:
        raise Refusal(N_("The answers are closed while a result is proposed or decided."))


def alone(engagement: Engagement) -> None:
    """Let whoever writes about this case at the same moment, or opened its page before, find out.

    A round and its points are rows of their own; the case is what has a version.
    """
    flag_modified(engagement, "state")


def _due(engagement: Engagement, today: date) -> date | None:
    """By when the next step should be taken, as the policy of this engagement says."""
    head, this = policy_of(engagement).head, engagement.round
    begun = this.reply_ended_at or this.prepared_at
    begins = {
        State.TALKING: (day_of(this.opened_at), head.max_open_days),
        State.PROPOSED: (today, head.decision_days),
        State.REPLYING: (today, head.reply_days),
        State.DECIDED: (day_of(begun) if begun else today, head.decision_days),
        State.DUE: (engagement.review_on or today, 0),
    }
    since, days = begins.get(State(engagement.state), (None, 0))
    return since and since + timedelta(days=days)


def tell_level(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Say the intended level out loud; a contact that needs no decision is registered at once."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    move(engagement, Verb.TELL_LEVEL, by=by, at=at, level=engagement.level)
    if needs_no_decision(policy_of(engagement), engagement.level, engagement.band):
        engagement.state = str(State.IN_FORCE)
        agree(engagement, at=at)


def agree(engagement: Engagement, *, at: datetime) -> None:
    """The engagement's level now holds; the organisation stands at its highest one."""
    levels, organisation = policy_of(engagement).levels, engagement.organisation
    engagement.agreed_level = engagement.supported_level or engagement.level
    engagement.agreed_on = day_of(at)
    known = levels.get(organisation.level)
    if known is None or known.rank < levels[engagement.agreed_level].rank:
        organisation.level = engagement.agreed_level
    organisation.review_on = engagement.review_on or organisation.review_on


def enter_into_force(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """After the letter, or when everybody has signed where a paper is due."""
    move(engagement, Verb.ENTER, by=by, at=at)
    agree(engagement, at=at)


def fall_due(engagement: Engagement, why: str, *, at: datetime, **facts: object) -> None:
    """The clock's move: time to look again. What runs, runs on."""
    move(engagement, Verb.FALL_DUE, by=CLOCK, at=at, why=why, **facts)


def begin_again(
    engagement: Engagement, policy: tuple[str, dict[str, str]], *, by: Actor, at: datetime
) -> Round:
    """Begin a new round with today's policy; answers that are still valid are carried over."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    move(engagement, Verb.BEGIN_AGAIN, by=by, at=at)
    adopt(*policy, at=at)
    engagement.policy_version = policy[0]
    weigh_support(engagement)  # another department's payment may have raised the band meanwhile
    for member in engagement.team:
        member.worked = False
    return _new_round(engagement, by=by, at=at)


def _new_round(engagement: Engagement, *, by: Actor, at: datetime) -> Round:
    """What was found counted in its own round; a new one begins without points to answer."""
    engagement.rounds.append(Round(opened_at=at))
    found = policy_of(engagement).point_triggers
    engagement.triggers = sorted(set(engagement.triggers) - found)
    engagement.due_on = _due(engagement, day_of(at))
    use_again(engagement, by=by, at=at)
    return engagement.round


def weigh_support(engagement: Engagement) -> None:
    """Set the band from what stands in the books."""
    db.session.flush()
    band, _total = band_of(policy_of(engagement), engagement.organisation_id, engagement.id)
    engagement.band = band.id


def use_again(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Write down which earlier answers this request uses again, so that the partner reads it.

    What was answered after `at` is not earlier: past work may be written down late.
    """
    db.session.flush()
    noted = deeds_on("engagements", engagement.id, REUSED)
    known = {i for e in noted if e.at >= engagement.round.opened_at for i in e.facts["answers"]}
    used = {s.answer.id for s in standings(engagement, day_of(at))
            if s.answer and s.asked and s.current and s.carried and s.answer.at <= at}  # fmt: skip
    if new := sorted(used - known):
        record(REUSED, engagement, by=by, at=at, answers=new)


def look_at_support(organisation_id: int, but: Engagement, *, at: datetime) -> None:
    """Work in force whose band new support has raised is due for the difference; nothing stops."""
    db.session.flush()
    others = db.session.scalars(
        select(Engagement).where(
            Engagement.organisation_id == organisation_id, Engagement.id != but.id,
            Engagement.state == State.IN_FORCE,
        )
    ).all()  # fmt: skip
    for engagement in others:
        if band := raised_band(engagement):
            fall_due(engagement, "band", at=at, band=band.id)


def decline(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """The organisation chooses another way. No reason is asked, and nothing follows from it."""
    require(by, P.ENGAGEMENT_DECLINE, engagement)
    move(engagement, Verb.DECLINE, by=by, at=at, side=by.side)


def return_to(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Either side comes back after another way was chosen."""
    require(by, P.ENGAGEMENT_DECLINE, engagement)
    move(engagement, Verb.RETURN, by=by, at=at, side=by.side)
    _new_round(engagement, by=by, at=at)


def close(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """End the engagement; agreements end by their own rules, the contact goes on."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    engagement.asked = ""
    move(engagement, Verb.CLOSE, by=by, at=at, reason=reason)


def ask_pause(engagement: Engagement, reason: str, *, by: Actor, at: datetime) -> None:
    """The first of two people asks for a pause; nothing changes before the second confirms."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    _target(engagement, Verb.PAUSE)
    ask_second(engagement, "pause", by, at)
    record("engagement.pause_asked", engagement, by=by, at=at, reason=reason)


def ask_second(engagement: Engagement, what: str, by: Actor, at: datetime) -> None:
    """Another manager finds it among what waits today."""
    engagement.asked, engagement.asked_by, engagement.asked_on = what, by.id, day_of(at)


def pause(engagement: Engagement, reason: str, *, second: Actor, by: Actor, at: datetime) -> None:
    """Two people pause everything for 14 days. A pause is not a result."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    require(second, P.ENGAGEMENT_CLOSE, engagement)
    if by.id == second.id:
        raise Refusal(N_("A pause takes two people."), field="second")
    was, engagement.asked = engagement.state, ""
    move(engagement, Verb.PAUSE, by=by, at=at, reason=reason, second=second.id)
    engagement.paused_from = was
    engagement.paused_until = day_of(at) + timedelta(days=PAUSE_DAYS)


def resume(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Go on where it was: one of the two who paused it, or the clock when the pause ends."""
    if by is not CLOCK:
        require(by, P.ENGAGEMENT_CLOSE, engagement)
        _target(engagement, Verb.RESUME)
        if by.id not in paused_by(engagement):
            raise Refusal(N_("One of the two who paused it lets it go on, or the clock does."))
    move(engagement, Verb.RESUME, by=by, at=at)
    _give_back_days(engagement, at)
    engagement.state, engagement.paused_from = engagement.paused_from, ""
    engagement.paused_until, engagement.due_on = None, _due(engagement, day_of(at))
    if State(engagement.state) is State.REPLYING:
        engagement.due_on = engagement.round.reply_due
    db.session.flush()


def _give_back_days(engagement: Engagement, at: datetime) -> None:
    """A pause takes no day from the organisation's time to answer."""
    this, until = engagement.round, engagement.paused_until
    if engagement.paused_from == State.REPLYING and this.reply_due and until:
        this.reply_due += timedelta(days=PAUSE_DAYS) - (until - day_of(at))


def ask_outside(
    engagement: Engagement, body: str, on: date, minute: str, what: str, *, by: Actor, at: datetime
) -> None:
    """Record what a political body decided in its own meeting; another department confirms it."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    if not may_move(State(engagement.state), Verb.OUTSIDE):
        raise Refusal(N_("This work has ended."))
    facts = {"body": body, "day": on.isoformat(), "minute": minute, "decided": what}
    for name, said in facts.items():
        if not said:
            raise Refusal(N_("Write body, date, minute reference and what was decided."),
                          field=f"outside_{name}")  # fmt: skip
    ask_second(engagement, "outside", by, at)
    record("engagement.outside_asked", engagement, by=by, at=at, **facts)


def confirm_outside(
    engagement: Engagement, asked: Any, first: Actor, *, by: Actor, at: datetime
) -> None:
    """Confirm such a record. The assessment is not rewritten to fit it."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    if by.department_id == first.department_id:
        raise Refusal(N_("A manager of another department confirms this."))
    engagement.asked = ""
    move(engagement, Verb.OUTSIDE, by=by, at=at, first=asked.by_name, **asked.facts)


def drop_outside(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Do not confirm it: the record does not stand."""
    require(by, P.ENGAGEMENT_CLOSE, engagement)
    engagement.asked = ""
    record("engagement.outside_dropped", engagement, by=by, at=at)
