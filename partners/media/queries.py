"""Reading the log. One statement a function."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from partners.ground.db import db
from partners.media.models import Feed, Kept, Reading


def open_readings() -> Sequence[Reading]:
    """Every reading that goes on, with its feed."""
    rows = select(Reading).where(Reading.closed_at.is_(None)).options(joinedload(Reading.feed))
    return db.session.scalars(rows).all()


def readers_of(feed_id: int) -> Sequence[Reading]:
    """The readings of one feed that go on."""
    rows = select(Reading).where(Reading.feed_id == feed_id, Reading.closed_at.is_(None))
    return db.session.scalars(rows.order_by(Reading.id)).all()


def due_feeds(now: datetime) -> Sequence[Feed]:
    """Feeds that somebody reads and that have rested long enough."""
    read = select(Reading.feed_id).where(Reading.closed_at.is_(None))
    return db.session.scalars(select(Feed).where(Feed.due_at <= now, Feed.id.in_(read))).all()


def feed_at(address: str) -> Feed | None:
    return db.session.scalar(select(Feed).where(Feed.address == address))


def log_of(organisation_id: int, engagement_id: int | None = None) -> Sequence[Reading]:
    """What was read about an organisation, or for one of its engagements, in the order begun."""
    rows = select(Reading).where(Reading.organisation_id == organisation_id)
    if engagement_id is not None:
        rows = rows.where(Reading.engagement_id == engagement_id)
    rows = rows.options(joinedload(Reading.feed)).order_by(Reading.own.desc(), Reading.id)
    return db.session.scalars(rows).all()


def kept_of(organisation_id: int, engagement_id: int | None = None) -> Sequence[Kept]:
    """What was kept, taken-back entries too, newest first."""
    rows = select(Kept).where(Kept.organisation_id == organisation_id)
    if engagement_id is not None:
        rows = rows.where(Kept.engagement_id == engagement_id)
    rows = rows.options(joinedload(Kept.reading)).order_by(Kept.id.desc())
    return db.session.scalars(rows).all()
