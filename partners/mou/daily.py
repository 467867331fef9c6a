"""The work of each day: papers begin, and both sides are told that one nears its last day."""

from datetime import date, datetime
from typing import Any

from flask_babel import lazy_gettext as _l

from partners.access.rules import CLOCK
from partners.assessment import notices
from partners.assessment.actions.by_clock import AT_ONCE, first_time
from partners.assessment.rules.notices import reached
from partners.ground import clock
from partners.jobs.runner import Jobs, Steps
from partners.mou import actions, queries
from partners.mou.letters import tell_talk
from partners.mou.models import Paper


def announce(jobs: Jobs) -> None:
    """Tell the house's workers of the day's work."""
    jobs.each_day("mou.daily", the_day)


def the_day(at: datetime) -> Steps:
    """Begin what begins, end what was paused, then look at every paper that ends soon, one a step.
    Begun again, it writes no letter twice.
    """
    today = clock.day_of(at)
    for paper in queries.beginning(today):
        actions.begin(paper, by=CLOCK, at=at)
    for paper in queries.to_talk_about(today):
        go_on(paper, paper.paused_until or today, at=at)
    papers: Any = queries.ending(today)
    for number, paper in enumerate(papers, 1):
        tell_end(paper, at=at)
        yield number, len(papers)
    return {"looked at": len(papers)}


def go_on(paper: Paper, talk: date, *, at: datetime) -> None:
    """Tell both sides on the day of the talk, once; the day after, what was paused goes on."""
    if first_time(paper, "talk", talk, AT_ONCE, at=at):
        tell_talk(paper, talk, at=at)
    if talk < clock.day_of(at):
        actions.resume(paper, by=CLOCK, at=at)


def tell_end(paper: Paper, *, at: datetime) -> bool:
    """Write to both sides, once for each notice; whether that was now."""
    last, today = paper.ends_on, clock.day_of(at)
    days = reached(queries.notices_of(paper), last, today) if last else None
    if last is None or days is None or not first_time(paper, "end", last, days, at=at):
        return False
    engagement = paper.engagement
    facts = {"title": engagement.title, "day": notices.Day(last)}
    subject = _l("%(title)s: what follows after %(day)s?", **facts)
    line = _l("A paper about “%(title)s” has its last day on %(day)s. Renew it together, write"
              " another, or let it end: dialogue stays open.", **facts)  # fmt: skip
    lines = [line, *_rests(queries.paused(paper, today))]
    readers = [*notices.ours(engagement), *notices.theirs(engagement)]
    notices.tell(engagement, readers, subject, *lines, at=at)
    return True


def _rests(pause: tuple[date, date] | None) -> list[Any]:
    """What a letter about the last day adds while the paper rests: the pause does not move it."""
    return [_l("It is paused until %(day)s, the day of the next talk. The pause does not move its"
               " last day.", day=notices.Day(pause[1]))] if pause else []  # fmt: skip
