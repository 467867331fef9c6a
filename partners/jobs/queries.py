from collections.abc import Sequence

from sqlalchemy import select

from partners.ground.db import db
from partners.jobs.models import Job


def latest(*, without: Sequence[str] = (), limit: int = 30) -> Sequence[Job]:
    """The newest jobs, without those kinds that only tick."""
    rows = select(Job).where(Job.kind.not_in(without)).order_by(Job.created_at.desc())
    return db.session.scalars(rows.limit(limit)).all()
