from collections.abc import Iterable, Sequence
from datetime import date, datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    and_,
    column,
    exists,
    not_,
    or_,
    select,
    table,
)
from sqlalchemy.orm import aliased

from partners.ground.db import db
from partners.history.models import Entry, Look

# What is held back lives in history alone: asked for by one, agreed by another, released or over.
HOLD_ASKED, HELD = "organisation.hold_asked", "organisation.held_back"
RELEASED = "organisation.released"


def _about(organisation_id: int, rows: type[Entry | Look] = Entry) -> ColumnElement[bool]:
    """Rows about one organisation, and about records that were merged into it.

    History cannot be rewritten, so whoever reads a file follows the merges.
    """
    records = table("organisations", column("id"), column("merged_into_id"))
    same = or_(records.c.id == organisation_id, records.c.merged_into_id == organisation_id)
    return rows.organisation_id.in_(select(records.c.id).where(same))


def _newest_first(*which: Any, limit: int | None = None) -> Sequence[Entry]:
    rows = select(Entry).where(*which).order_by(Entry.id.desc()).limit(limit)
    return db.session.scalars(rows).all()


def history_of(kind: str, thing_id: int, *, limit: int = 100) -> Sequence[Entry]:
    """The deeds done to one thing, newest first."""
    return _newest_first(Entry.on_kind == kind, Entry.on_id == thing_id, limit=limit)


def deeds_on(kind: str, thing_id: int, *what: str) -> Sequence[Entry]:
    """All deeds of these names that were done to one thing, newest first."""
    return _newest_first(Entry.on_kind == kind, Entry.on_id == thing_id, Entry.what.in_(what))


def history_about(organisation_id: int, *, limit: int = 500) -> Sequence[Entry]:
    """The deeds that concern one organisation, newest first."""
    return db.session.scalars(
        select(Entry)
        .where(_about(organisation_id))
        .order_by(Entry.at.desc(), Entry.id.desc())
        .limit(limit)
    ).all()


def looks_at(organisation_id: int, *, limit: int = 200) -> Sequence[Look]:
    """Who looked at an organisation's file, newest first."""
    return db.session.scalars(
        select(Look)
        .where(_about(organisation_id, Look))
        .order_by(Look.at.desc(), Look.id.desc())
        .limit(limit)
    ).all()


def looks_by(account_id: int | None, *, skip: int, limit: int) -> Sequence[Look]:
    """Looks at any file, of one person or of all, newest first."""
    found = select(Look).order_by(Look.id.desc()).offset(skip).limit(limit)
    return db.session.scalars(
        found.where(Look.account_id == account_id) if account_id else found
    ).all()


def deeds_named(organisation_id: int, *what: str) -> Sequence[Entry]:
    """All deeds of these names that concern one organisation, newest first."""
    return _newest_first(_about(organisation_id), Entry.what.in_(what))


def deeds(kind: str, what: Sequence[str], since: datetime, *, limit: int = 200) -> Sequence[Entry]:
    """Deeds of these names to things of one kind since a moment, newest first."""
    these = Entry.on_kind == kind, Entry.what.in_(what), Entry.at >= since
    return _newest_first(*these, limit=limit)


def _standing(what: str, today: date) -> list[ColumnElement[bool]]:
    end = aliased(Entry)
    released = exists().where(end.what == RELEASED, end.facts["entry"].as_integer() == Entry.id)
    until = Entry.facts["until"].as_string() >= today.isoformat()
    return [Entry.what == what, until, not_(released)]


def held_now(organisation_id: int, today: date, *beside: str) -> Sequence[Entry]:
    """What of an organisation's file is held back today, and deeds `beside` it, newest first."""
    held = and_(*_standing(HELD, today))
    return _newest_first(_about(organisation_id), or_(held, Entry.what.in_(beside)))


def hold_asked(organisation_id: int, today: date) -> Sequence[Entry]:
    """What one person asked to hold back and no second one has agreed to yet."""
    agreed = aliased(Entry)
    second = exists().where(agreed.what == HELD, agreed.facts["asked"].as_integer() == Entry.id)
    return _newest_first(_about(organisation_id), *_standing(HOLD_ASKED, today), ~second)


def shown_now(model: Any, today: date) -> ColumnElement[bool]:
    """Rows of `model` that the organisation may read today, because nothing holds them back."""
    return not_(exists().where(and_(
        *_standing(HELD, today),
        Entry.facts["thing"].as_string() == model.__tablename__,
        Entry.facts["row"].as_integer() == model.id,
    )))  # fmt: skip


def may_go(rows: type[Entry | Look], held: Iterable[int], today: date) -> list[ColumnElement[bool]]:
    """Lines about none of the organisations `held`, that hold back nothing today."""
    nobody = rows.organisation_id.is_(None)
    free = [or_(nobody, not_(_about(one, rows))) for one in held]
    return [*free, not_(and_(*_standing(HELD, today)))] if rows is Entry else free
