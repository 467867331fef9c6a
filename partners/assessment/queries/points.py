"""Points of a round, and what still waits for an answer."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import ColumnElement, exists, func, select

from partners.assessment.models import (
    Engagement,
    Point,
    Round,
)
from partners.assessment.queries.cases import policy_of
from partners.assessment.rules.reach import Result
from partners.ground.db import db
from partners.ground.refusals import NotYours


def owes_reply(engagement: Engagement, found: Result) -> bool:
    """Whether the organisation has something to answer, and was not asked in this round yet."""
    facts = policy_of(engagement).point_triggers & set(found.triggers)
    return bool(facts) and engagement.round.reply_ended_at is None


def points_of(engagement: Engagement, this: Round | None = None) -> Sequence[Point]:
    """The points of a round, else of the present one, that stand, in the order noted."""
    return db.session.scalars(
        select(Point)
        .where(Point.round_id == (this or engagement.round).id, Point.withdrawn_at.is_(None))
        .order_by(Point.id)
    ).all()


def all_points(engagement: Engagement) -> Sequence[Point]:
    """Every point of the present round, those set aside too, in the order noted."""
    return db.session.scalars(
        select(Point).where(Point.round_id == engagement.round.id).order_by(Point.id)
    ).all()


def point_in(engagement: Engagement, reference: str) -> Point:
    """A point of the present round by its reference; what an earlier one found stays as it was."""
    found = next((p for p in all_points(engagement) if p.public_id == reference), None)
    if found is None or found.emptied_at:
        raise NotYours
    return found


def waits_to_be_read_by(account_id: Any) -> ColumnElement[bool]:
    """Whether a point of an engagement waits for this person as its second reader."""
    return exists().where(
        Point.engagement_id == Engagement.id, Point.reader_id == account_id,
        Point.read_at.is_(None), Point.withdrawn_at.is_(None),
    )  # fmt: skip


def waits_for_words() -> ColumnElement[bool]:
    """Whether a point of an engagement's newest round is out and has no answer yet."""
    its = select(func.max(Round.id)).where(Round.engagement_id == Engagement.id)
    newest = its.correlate(Engagement)  # said, because between it and the case stands the point
    return exists().where(
        Point.round_id == newest.scalar_subquery(), Point.sent_at.is_not(None),
        Point.replied_at.is_(None), Point.withdrawn_at.is_(None),
    )  # fmt: skip


def difficult_points(organisation_id: int, item: str) -> Sequence[Point]:
    """What was found about one item and read by two, in any engagement, newest first."""
    return db.session.scalars(
        select(Point)
        .where(
            Point.organisation_id == organisation_id, Point.item == item, Point.role != "",
            Point.good.is_(False), Point.withdrawn_at.is_(None), Point.read_at.is_not(None),
            Point.emptied_at.is_(None),
        )
        .order_by(Point.said_on.desc(), Point.id.desc())
    ).all()  # fmt: skip


def unheard(engagement: Engagement, found: Result) -> set[str]:
    """What lowers a result, and was not before the organisation in this round, with time to answer.

    A reply in an earlier round, or to another point, says nothing about it.
    """
    ended = engagement.round.reply_ended_at
    heard = {
        p.item for p in points_of(engagement)
        if p.sent_at and (p.replied_at or (ended and ended >= p.sent_at))
    }  # fmt: skip
    return {reason.item for reason in found.reasons if reason.lowers} - heard
