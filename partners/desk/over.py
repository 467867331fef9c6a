"""What of an assessment and of the contact log is over: which, since when, and which words go.

Level, days, what was answered and who decided stay; the file of a paper goes with the next sweep.
"""

from collections.abc import Iterator
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from sqlalchemy import ColumnElement, and_, exists, func, or_, select
from sqlalchemy.orm import aliased

from partners.access.rules import CLOCK
from partners.assessment.actions.noting import CONTENT
from partners.assessment.models import Answer, Condition, Engagement, Point, Round, Support
from partners.assessment.rules.answers import months_after
from partners.assessment.rules.moves import OVER
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.policy.values import Policy, Scope
from partners.registry.models import Organisation
from partners.relations.models import Contact
from partners.relations.queries import OPEN
from partners.reports.queries import BELOW
from partners.uploads.models import Upload

Found = Iterator[tuple[str, Organisation, date, Any]]
MONTHS_DIFFER = timedelta(days=5)
TOLD = "…"  # that it was taken back stays said, and the reason goes


def assessments(policy: Policy, until: date) -> Found:
    """Rounds that a newer decision replaced, or whose work has ended, with words in them.

    Where support was given they stay at least until its own time is over; the reasons of a result
    below the request do not wait for that.
    """
    months = policy.head.keep_months
    least = min(months["assessment"], months["result_below"])
    for this, whose, over, paid in _rounds(before_of(until, least)):
        since = max(day_of(over), _counted_until(this))
        ways = [("assessment", since), ("assessment_funded", paid or date.min)]
        kind, since = max(ways, key=lambda way: months_after(way[1], months[way[0]]))
        yield kind, whose, since, this
        reasons = months_after(day_of(over), months["result_below"])
        if this.outcome in BELOW and reasons < months_after(since, months[kind]) and _reasons(this):
            yield "result_below", whose, day_of(over), this


def before_of(until: date, months: int) -> date:
    """What is younger is not read at all, because most of it is."""
    return months_after(until, -months) + MONTHS_DIFFER


def _rounds(before: date) -> Any:
    later = aliased(Round)
    replaced = (
        select(func.min(later.decided_at))
        .where(later.engagement_id == Round.engagement_id, later.id > Round.id, later.outcome != "")
        .scalar_subquery()
    )
    paid = (
        select(func.max(Support.due_on))
        .where(Support.engagement_id == Engagement.id, Support.withdrawn_at.is_(None))
        .scalar_subquery()
    )
    over = func.coalesce(replaced, Engagement.ended_at)
    words = or_(Answer.words != "", Answer.link != "", Answer.source != "",
                Answer.upload_id.is_not(None))  # fmt: skip
    left = or_(Round.reason != "", Round.open_named != "", exists().where(_given(Round), words),
               exists().where(Point.round_id == Round.id, Point.emptied_at.is_(None)))  # fmt: skip
    return db.session.execute(
        select(Round, Organisation, over, paid)
        .join(Engagement, Engagement.id == Round.engagement_id)
        .join(Organisation, Organisation.id == Engagement.organisation_id)
        .where(over < datetime.combine(before, time(), UTC), left)
    )


def _given(this: Any) -> ColumnElement[bool]:
    """Answers that were given in this round or before it."""
    later = aliased(Round)
    newer = exists().where(later.engagement_id == this.engagement_id, later.id > this.id,
                           later.opened_at <= Answer.at)  # fmt: skip
    # Said, because between it and the round may stand the answer.
    return and_(Answer.engagement_id == this.engagement_id, ~newer.correlate(Answer, Round))


def _counted_until(this: Round) -> date:
    """The last day on which one of its answers counts in work that runs; a newer one ends it."""
    newer, near = aliased(Answer), Answer.kept_with != Scope.ENGAGEMENT
    again = select(func.min(newer.at)).where(
        newer.organisation_id == Answer.organisation_id, newer.item == Answer.item,
        newer.activity == Answer.activity, newer.id > Answer.id, newer.withdrawn_at.is_(None),
        or_(newer.kept_with != Scope.ENGAGEMENT, newer.engagement_id == Answer.engagement_id),
    )  # fmt: skip
    runs = exists().where(
        Engagement.organisation_id == Answer.organisation_id, Engagement.state.not_in(OVER),
        or_(near, Engagement.id == Answer.engagement_id),
    )  # fmt: skip
    rows = db.session.execute(
        select(Answer.expires_on, again.scalar_subquery())
        .where(_given(this), Answer.withdrawn_at.is_(None), runs)
    )  # fmt: skip
    days = (min(ends or date.max, day_of(at) if at else date.max) for ends, at in rows)
    return max(days, default=date.min)


def _points(this: Round) -> list[Point]:
    wanted = (Point.round_id == this.id, Point.emptied_at.is_(None))
    return list(db.session.scalars(select(Point).where(*wanted)))


def _reasons(this: Round) -> bool:
    return bool(this.reason or _points(this))


def forget_reasons(this: Round, at: datetime) -> None:
    """Why it was decided so, in words: the points with their replies, and the written reason."""
    this.reason = ""
    for point in _points(this):
        forget_point(point, at)


def forget_point(point: Point, at: datetime) -> None:
    """What was said, all around it, and the reply; about what it was and when stays."""
    for name in CONTENT:
        if name not in ("item", "role"):
            setattr(point, name, "")
    point.emptied_at = at


def forget_assessment(this: Round, at: datetime) -> None:
    """All words of it, and the papers that nothing else rests on."""
    forget_reasons(this, at)
    this.open_named = this.more_time_because = this.wants_interpreter = ""
    this.good, papers = [], set[int]()
    answers = db.session.scalars(select(Answer).where(_given(this))).all()
    for row in (*answers, *this.conditions):
        papers |= {row.upload_id} if row.upload_id else set()
        row.link, row.upload_id = "", None
    for row in answers:
        row.words = row.source = ""
        row.withdrawn_because = TOLD if row.withdrawn_at else ""
    for row in this.conditions:
        row.offer = row.evidence = row.said = row.wished_because = ""
    db.session.flush()
    _destroy(papers, at)


def _destroy(papers: set[int], at: datetime) -> None:
    rests = [exists().where(model.upload_id == Upload.id) for model in (Answer, Condition)]
    wanted = (Upload.id.in_(papers), Upload.destroyed_at.is_(None), ~or_(*rests))
    for paper in db.session.scalars(select(Upload).where(*wanted)):
        paper.destroyed_at, paper.destroyed_by, paper.name = at, CLOCK.id, ""


def statements(policy: Policy, until: date) -> Found:
    """Points that were used in a decision, counted from the day on which it was said."""
    before = before_of(until, policy.head.keep_months["statement"])
    rows = db.session.execute(
        select(Point, Organisation)
        .join(Organisation, Organisation.id == Point.organisation_id)
        .join(Round, Round.id == Point.round_id)
        .where(Round.outcome != "", Point.said_on < before, Point.emptied_at.is_(None))
    )
    return (("statement", whose, p.said_on, p) for p, whose in rows if p.said_on)


def contacts(policy: Policy, until: date) -> Found:
    """The contact log where nothing runs at the level of the floor or above, or with support,
    counted from the last contact; what was promised in it is kept first.
    """
    below = [level.id for level in policy.levels.values() if level.rank < policy.floor.rank]
    bare = [band.id for band in policy.bands.values() if not band.rank]
    its = Contact.organisation_id == Organisation.id
    works = exists().where(
        Engagement.organisation_id == Organisation.id, Engagement.state.not_in(OVER),
        or_(Engagement.level.not_in(below), Engagement.band.not_in(bare)),
    )  # fmt: skip
    last = select(func.max(Contact.held_on)).where(its).scalar_subquery()
    before = before_of(until, policy.head.keep_months["contact"])
    rows = db.session.execute(
        select(Organisation, last).where(last < before, ~exists().where(its, OPEN), ~works)
    )
    return (("contact", whose, on, whose) for whose, on in rows)


def forget_contacts(whose: Organisation, _at: datetime) -> None:
    """The lines go whole, because a day and a name without words would tell nobody anything."""
    for row in db.session.scalars(select(Contact).where(Contact.organisation_id == whose.id)):
        db.session.delete(row)
