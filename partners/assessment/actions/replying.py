"""Points and their replies: nothing counts against an organisation before it could answer."""

from datetime import date, datetime, timedelta

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.assessment.actions.holding import held_points
from partners.assessment.actions.moving import alone, move
from partners.assessment.actions.noting import withdraw_point
from partners.assessment.actions.settling import write_met
from partners.assessment.actions.starting import member
from partners.assessment.models import ALL_REPLIED, NO_REPLY, Engagement, Point
from partners.assessment.queries import computed, points_of, policy_of, reply_items
from partners.assessment.rules.moves import State, Verb
from partners.assessment.rules.reach import Result
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record


def send_points(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """Send what lowers the result to the organisation, with the policy's time to answer."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    if State(engagement.state) is not State.PROPOSED or engagement.round.decided_by:
        raise Refusal(N_("Propose the result first; then its points can be sent."))
    points = [p for p in points_of(engagement) if not p.good]
    proposed = Result.from_dict(engagement.round.computed)
    named = {p.item for p in points}
    if missing := [r.item for r in proposed.reasons if r.lowers and r.item not in named]:
        raise Refusal(
            N_("Write a point for each thing that lowers the result: %(items)s."),
            items=", ".join(missing),
        )
    if not points:
        raise Refusal(N_("There is no point to send."))
    if held_points(engagement, day_of(at)) & {p.id for p in points}:
        raise Refusal(N_("A point is held back, so it cannot count. Release it, then send it."))
    move(engagement, Verb.SEND, by=by, at=at, points=len(points))
    head = policy_of(engagement).head
    engagement.round.sent_at = at
    engagement.round.reply_due = day_of(at) + timedelta(days=head.reply_days)
    for point in points:
        point.sent_at = at


def reply(
    engagement: Engagement, point: Point, words: str, *, meeting: bool = False,
    interpreter: str = "", by: Actor, at: datetime,
) -> None:  # fmt: skip
    """The organisation's own words next to a point, for as long as the point stands.

    A reply that comes late counts until the decision; then somebody reads again. `interpreter`: the
    language in which they would rather talk, "" for none.
    """
    require(by, P.POINT_REPLY, engagement)
    this, state = engagement.round, State(engagement.state)
    late = state is State.PROPOSED and this.reply_ended_at and not this.decided_by
    if (state is not State.REPLYING and not late) or point.withdrawn_at:
        raise Refusal(N_("The time to answer is over. Talk to your contact."))
    point.reply, point.replied_at, point.replied_by = words, at, by.id
    this.wants_meeting = meeting or this.wants_meeting
    this.wants_interpreter = interpreter or this.wants_interpreter
    if late:
        read_again(engagement)
    record("point.replied", point, by=by, at=at, on_behalf=by.is_staff, late=bool(late))


def read_again(engagement: Engagement) -> None:
    """What was read has changed; the same second reader may read it again."""
    this = engagement.round
    alone(engagement)
    for one in engagement.team:
        if one.account_id == this.read_by:
            one.worked = False
    this.read_by = this.read_at = None


def settle_point(
    engagement: Engagement, point: Point, reason: str, *, by: Actor, at: datetime
) -> None:
    """Set a point aside that was sent: what it was about counts as met, and is read once more."""
    withdraw_point(engagement, point, reason, by=by, at=at)
    if not point.sent_at or any(p.item == point.item and not p.good for p in points_of(engagement)):
        return
    item = policy_of(engagement).items[point.item]
    write_met(engagement, item, day_of(at), words=reason, evidence="conversation", by=by, at=at)
    if State(engagement.state) is State.PROPOSED:
        read_again(engagement)
        _compute_again(engagement, day_of(at))


def give_more_time(
    engagement: Engagement, until: date, because: str, *, by: Actor, at: datetime
) -> None:
    """More time to answer, with the reason; never less."""
    require(by, P.ENGAGEMENT_WORK, engagement)
    this = engagement.round
    if State(engagement.state) is not State.REPLYING or this.reply_due is None:
        raise Refusal(N_("Nothing waits for an answer now."))
    if until <= this.reply_due:
        raise Refusal(N_("Choose a day after the present one. Time is never cut."), field="until")
    this.reply_due, this.more_time_because = until, because
    engagement.due_on = until
    record("engagement.more_time", engagement, by=by, at=at, until=until.isoformat())


def replies_done(engagement: Engagement, today: date) -> bool:
    """Every point has its answer, or the time is over."""
    due = engagement.round.reply_due
    waiting = [p for p in points_of(engagement) if p.sent_at and not p.replied_at]
    return not waiting or (due is not None and today > due)


def read(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    """A second person reads what was noted and what was answered.

    While points are out for reply this ends the reply: the item that stands for it is done,
    with a note where no answer came, and the case goes back to whoever proposes.
    """
    require(by, P.ENGAGEMENT_READ, engagement)
    state, this = State(engagement.state), engagement.round
    if state not in (State.PROPOSED, State.REPLYING):
        raise Refusal(N_("There is nothing to read yet."))
    if state is State.REPLYING:
        if not replies_done(engagement, day_of(at)):
            raise Refusal(
                N_("The organisation still has time to answer, until %(day)s."), day=this.reply_due
            )
        _answer_is_in(engagement, by=by, at=at)
        move(engagement, Verb.END_REPLY, by=by, at=at)
        this.reply_ended_at = at
        _compute_again(engagement, day_of(at))
    elif this.reply_ended_at and _came_late(engagement):
        _answer_is_in(engagement, by=by, at=at)
        _compute_again(engagement, day_of(at))
    alone(engagement)
    this.read_by, this.read_at = by.id, at
    for point in points_of(engagement):
        if point.noted_by != by.id and not point.read_at:
            point.read_by, point.read_at = by.id, at
    taking_part = member(engagement, by, "reader", at)
    taking_part.part, taking_part.worked = "reader", True
    record("engagement.read", engagement, by=by, at=at)


def _came_late(engagement: Engagement) -> bool:
    ended = engagement.round.reply_ended_at
    return any(p.replied_at and ended and p.replied_at > ended for p in points_of(engagement))


def _answer_is_in(engagement: Engagement, *, by: Actor, at: datetime) -> None:
    silent = any(p.sent_at and not p.replied_at for p in points_of(engagement))
    words = NO_REPLY if silent else ALL_REPLIED
    policy = policy_of(engagement)
    for name in reply_items(policy):
        item = policy.items[name]
        write_met(engagement, item, day_of(at), words=words, evidence="check", by=by, at=at)
    db.session.flush()


def _compute_again(engagement: Engagement, today: date) -> None:
    engagement.round.computed = computed(engagement, today).to_dict()
