from collections.abc import Callable, Collection, Sequence

from sqlalchemy import select

from partners.ground.db import db
from partners.uploads.models import Upload

# Which contents higher rooms keep in the same place, such as signed papers; uploads does not know.
also_held: list[Callable[[Collection[str]], set[str]]] = []


def uploads_by_id(ids: Collection[int]) -> dict[int, Upload]:
    """The papers with these ids."""
    if not ids:
        return {}
    rows = db.session.scalars(select(Upload).where(Upload.id.in_(ids)))
    return {row.id: row for row in rows}


def rows_of(fingerprint: str) -> Sequence[Upload]:
    """Every paper with this content, destroyed ones included."""
    return db.session.scalars(select(Upload).where(Upload.fingerprint == fingerprint)).all()


def standing(fingerprints: Collection[str]) -> set[str]:
    """Which of these contents somebody still holds."""
    rows = db.session.scalars(
        select(Upload.fingerprint).where(
            Upload.fingerprint.in_(fingerprints), Upload.destroyed_at.is_(None)
        )
    )
    return set(rows) | held_elsewhere(fingerprints)


def held_elsewhere(fingerprints: Collection[str]) -> set[str]:
    """Which of these contents stand for something else than a paper handed in."""
    return set().union(*(held(fingerprints) for held in also_held))


def paper_by(public_id: str) -> Upload | None:
    return db.session.scalar(select(Upload).where(Upload.public_id == public_id))
