from collections.abc import Sequence

from sqlalchemy import select

from partners.ground.db import db
from partners.mail.models import Mail


def outbox(*, limit: int = 100) -> Sequence[Mail]:
    """Letters that have not gone yet, oldest first."""
    waiting = select(Mail).where(Mail.sent_at.is_(None)).order_by(Mail.id).limit(limit)
    return db.session.scalars(waiting).all()
