"""The work of each day: what the clock notices about engagements, one of them a step.

Whatever was missed while the machine was off is seen by its dates.
"""

import logging
from datetime import datetime
from typing import Any

from partners.assessment import notices
from partners.assessment.actions import by_clock
from partners.assessment.models import Engagement
from partners.assessment.queries import to_look_at
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.ground.words import N_
from partners.jobs.runner import Jobs, Steps

AT_A_TIME = 50  # engagements with nothing to do that share one step
TROUBLE = N_("Some engagements could not be looked at today. The log says which.")
log = logging.getLogger(__name__)


def announce(jobs: Jobs) -> None:
    """Tell the house's workers of the day's work."""
    jobs.each_day("assessment.daily", the_day)


def the_day(at: datetime) -> Steps:
    """Look at every engagement at which something may be due. Begun again, it changes nothing."""
    ids, trouble = to_look_at(day_of(at)), 0
    for number, one in enumerate(ids, 1):
        try:
            with db.session.begin_nested():
                acted = look_at(one, at=at)
        except Exception:
            # One case that cannot be read must not keep the letters of all others.
            log.exception("engagement %s", one)
            acted, trouble = False, trouble + 1
        if acted or number % AT_A_TIME == 0:
            yield number, len(ids)
    return {"looked at": len(ids), **({"trouble": TROUBLE} if trouble else {})}


def look_at(engagement_id: int, *, at: datetime) -> bool:
    """Do what the clock has to do about one engagement; whether that was anything."""
    # Locked, because the work of yesterday may still be running when that of today begins.
    case = db.session.get_one(
        Engagement, engagement_id, with_for_update=True, populate_existing=True
    )
    acted = [_goes_on(case, at), _due(case, at), _reply(case, at)]
    conditions = by_clock.notice_conditions(case, at=at)
    for condition, days in conditions:
        notices.tell_condition(case, condition, days, at=at)
    return any(acted) or bool(conditions)


def _goes_on(case: Engagement, at: datetime) -> bool:
    ended = by_clock.end_pause(case, at=at)
    if ended:
        notices.tell_goes_on(case, at=at)
    return ended


def _due(case: Engagement, at: datetime) -> bool:
    fell = by_clock.look_again(case, at=at)
    days = by_clock.notice_review(case, at=at)
    if days is not None:
        notices.tell_review(case, days, at=at)
    elif fell:
        notices.tell_due(case, at=at)
    return fell or days is not None


def _reply(case: Engagement, at: datetime) -> Any:
    when = by_clock.notice_reply(case, at=at)
    if when:
        notices.tell_reply(case, when, at=at)
    return bool(when)
