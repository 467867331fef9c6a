"""Reading how the text is shaped and kept: rounds, who was asked what, and our own reports."""

from collections.abc import Sequence

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from partners.charter.models import Commitment, Shaping, Voice
from partners.charter.queries import MOST
from partners.ground.db import db


def open_shaping() -> Shaping | None:
    """The round in which the text is looked at together now."""
    return db.session.scalar(select(Shaping).where(Shaping.closed_at.is_(None)).limit(1))


def shapings() -> Sequence[Shaping]:
    """All rounds, newest first."""
    return db.session.scalars(select(Shaping).order_by(Shaping.id.desc()).limit(MOST)).all()


def voices(*shaping_ids: int) -> Sequence[Voice]:
    """Who was asked in these rounds, in the order in which they were."""
    return db.session.scalars(
        select(Voice)
        .where(Voice.shaping_id.in_(shaping_ids))
        .options(joinedload(Voice.organisation))
        .order_by(Voice.id)
    ).all()


def voice_of(shaping_id: int, organisation_id: int) -> Voice | None:
    """What one organisation was asked in a round."""
    return db.session.scalar(
        select(Voice).where(
            Voice.shaping_id == shaping_id, Voice.organisation_id == organisation_id
        )
    )


def own_voices(organisation_id: int) -> Sequence[tuple[Voice, Shaping]]:
    """Every round in which one organisation was asked, newest first; for its own eyes."""
    rows = db.session.execute(
        select(Voice, Shaping)
        .join(Shaping, Shaping.id == Voice.shaping_id)
        .where(Voice.organisation_id == organisation_id)
        .order_by(Voice.id.desc())
    )
    return [(voice, shaping) for voice, shaping in rows]


def commitments() -> Sequence[Commitment]:
    """What the municipality committed itself to, each point's newest report first."""
    return db.session.scalars(
        select(Commitment).order_by(Commitment.number, Commitment.id.desc()).limit(MOST)
    ).all()
