"""What the clock does by itself: it notices, it ends a pause, it says that something is due.

Each deed first looks into history, so that doing it again after an interruption changes nothing.
"""

from datetime import date, datetime, timedelta
from typing import Any

from partners.access.rules import CLOCK
from partners.assessment.actions.moving import fall_due, resume
from partners.assessment.models import Condition, Engagement
from partners.assessment.queries import points_of, policy_of, why_due
from partners.assessment.rules.moves import STANDING, State
from partners.assessment.rules.notices import reached
from partners.ground.clock import day_of
from partners.history.actions import record
from partners.history.queries import deeds_on

AT_ONCE = 0  # the place among notices of one that is sent once


def first_time(on: Any, about: str, due: date, days: int, *, at: datetime) -> bool:
    """Whether this notice, or a later one about the same day, was not given yet; note it."""
    what, day = f"{on.__tablename__}.noticed", due.isoformat()
    for entry in deeds_on(on.__tablename__, on.id, what):
        facts = entry.facts
        if (facts.get("about", about), facts["due"]) == (about, day) and facts["days"] >= days:
            return False
    record(what, on, by=CLOCK, at=at, about=about, due=day, days=days)
    return True


def end_pause(engagement: Engagement, *, at: datetime) -> bool:
    """A pause ends by itself; the day that it was to last to is the first on which it goes on."""
    until = engagement.paused_until
    if State(engagement.state) is not State.PAUSED or until is None or until > day_of(at):
        return False
    resume(engagement, by=CLOCK, at=at)
    return True


def look_again(engagement: Engagement, *, at: datetime) -> bool:
    """What is in force falls due: by its date, by an answer that ran out, by a higher band."""
    why = why_due(engagement, day_of(at)) if State(engagement.state) is State.IN_FORCE else ""
    if why:
        fall_due(engagement, why, at=at)
    return bool(why)


def notice_review(engagement: Engagement, *, at: datetime) -> int | None:
    """The notice of the review that is to be given now, in days from its date; None for none."""
    on, today = engagement.review_on, day_of(at)
    if State(engagement.state) not in (State.IN_FORCE, State.DUE) or on is None:
        return None
    days = reached(policy_of(engagement).head.review_notices, on, today)
    if days is None or not first_time(engagement, "review", on, days, at=at):
        return None
    return days


def notice_reply(engagement: Engagement, *, at: datetime) -> str:
    """Whether to remind of the time to answer ("soon"), or to say that it is over ("over")."""
    due, today = engagement.round.reply_due, day_of(at)
    if State(engagement.state) is not State.REPLYING or due is None:
        return ""
    if today > due:
        return "over" if first_time(engagement, "reply", due, 1, at=at) else ""
    silent = any(p.sent_at and not p.replied_at for p in points_of(engagement))
    soon = due - timedelta(days=policy_of(engagement).head.reminder_days) <= today
    if silent and soon and first_time(engagement, "reply", due, AT_ONCE, at=at):
        return "soon"
    return ""


def notice_conditions(engagement: Engagement, *, at: datetime) -> list[tuple[Condition, int]]:
    """The open conditions whose owners are to be told now, with the days from their date."""
    if engagement.state not in STANDING:
        return []
    days = policy_of(engagement).head.condition_notices
    found = []
    for condition in engagement.round.conditions:
        now = reached(days, condition.due_on, day_of(at)) if condition.is_open else None
        if now is not None and first_time(condition, "condition", condition.due_on, now, at=at):
            found.append((condition, now))
    return found
