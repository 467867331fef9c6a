from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import select

from partners.ground.db import db
from partners.history.models import Entry, Look


def history_of(kind: str, thing_id: int, *, limit: int = 100) -> Sequence[Entry]:
    """The deeds done to one thing, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.on_kind == kind, Entry.on_id == thing_id)
        .order_by(Entry.id.desc())
        .limit(limit)
    ).all()


def deeds_on(kind: str, thing_id: int, *what: str) -> Sequence[Entry]:
    """All deeds of these names that were done to one thing, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.on_kind == kind, Entry.on_id == thing_id, Entry.what.in_(what))
        .order_by(Entry.id.desc())
    ).all()


def history_about(organisation_id: int, *, limit: int = 500) -> Sequence[Entry]:
    """The deeds that concern one organisation, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.organisation_id == organisation_id)
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(limit)
    ).all()


def looks_at(organisation_id: int, *, limit: int = 200) -> Sequence[Look]:
    """Who looked at an organisation's file, newest first."""
    return db.session.scalars(
        select(Look)
        .where(Look.organisation_id == organisation_id)
        .order_by(Look.at.desc(), Look.id.desc())
        .limit(limit)
    ).all()


def deeds_named(organisation_id: int, *what: str) -> Sequence[Entry]:
    """All deeds of these names that concern one organisation, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.organisation_id == organisation_id, Entry.what.in_(what))
        .order_by(Entry.id.desc())
    ).all()


def deeds(kind: str, what: Sequence[str], since: datetime, *, limit: int = 200) -> Sequence[Entry]:
    """Deeds of these names to things of one kind since a moment, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(Entry.on_kind == kind, Entry.what.in_(what), Entry.at >= since)
        .order_by(Entry.id.desc())
        .limit(limit)
    ).all()
