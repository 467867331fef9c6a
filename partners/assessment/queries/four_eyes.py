"""What two people agreed on for a time, and what waits for the second of them."""

from collections.abc import Sequence
from datetime import date
from typing import Any

from sqlalchemy import ColumnElement, select
from sqlalchemy.orm import joinedload

from partners.assessment.models import FourEyes, Point
from partners.ground.db import db


def between_two(kind: str, today: date, organisation_id: int | None = None) -> Sequence[FourEyes]:
    """What was asked for or agreed and is not over, of one organisation or of all, newest first."""
    rows = select(FourEyes).where(
        FourEyes.kind == kind, FourEyes.until >= today, FourEyes.ended_at.is_(None)
    )
    if organisation_id is not None:
        rows = rows.where(FourEyes.organisation_id == organisation_id)
    whole = (joinedload(FourEyes.organisation), joinedload(FourEyes.engagement))
    return db.session.scalars(rows.options(*whole).order_by(FourEyes.id.desc())).all()


def kept_now(today: date, organisation_id: int | None = None) -> Sequence[FourEyes]:
    """Holds that are in force today."""
    return [row for row in between_two("hold", today, organisation_id) if row.holds(today)]


def unagreed(but_of: Any, today: Any) -> list[ColumnElement[bool]]:
    """What was asked for by anybody else, and nobody has agreed to yet."""
    return [FourEyes.agreed_by.is_(None), FourEyes.ended_at.is_(None), FourEyes.until >= today,
            FourEyes.asked_by != but_of]  # fmt: skip


def point_called(reference: str) -> Point | None:
    """A point by the reference that stands beside it in the organisation's file."""
    return db.session.scalars(select(Point).where(Point.public_id == reference)).first()
