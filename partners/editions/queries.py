from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import defer

from partners.ground.db import db
from partners.jobs.models import Job
from partners.policy.models import Draft


def drafts(limit: int = 50) -> Sequence[Draft]:
    """The newest drafts, without their texts and what trying them showed."""
    rows = select(Draft).order_by(Draft.id.desc()).limit(limit)
    return db.session.scalars(rows.options(defer(Draft.texts), defer(Draft.found))).all()


def job_of(draft: Draft) -> Job | None:
    """The work that tries it, or tried it last."""
    return db.session.get(Job, draft.job_id)
