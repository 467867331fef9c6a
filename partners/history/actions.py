from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import delete, func, select

from partners.access.rules import Actor
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.history.models import Entry, Look
from partners.history.queries import may_go

AT_A_TIME = 500


def record(what: str, on: Any, *, by: Actor, at: datetime, **facts: Any) -> None:
    """Write one line of history about `on` in the caller's transaction.

    `facts` are JSON values: references and short words, never the content of a point or answer.
    """
    if on.id is None:
        db.session.flush()
    organisation = on.id if on.__tablename__ == "organisations" else None
    db.session.add(
        Entry(
            at=at,
            by_id=by.id,
            by_name=by.name,
            by_side=by.side,
            what=what,
            on_kind=on.__tablename__,
            on_id=on.id,
            organisation_id=organisation or getattr(on, "organisation_id", None),
            facts=facts,
        )
    )


def note_look(organisation_id: int, what: str, purpose: str, *, by: Actor, at: datetime) -> None:
    """Record that `by` looked at `what` of an organisation's file, and why."""
    role = min(by.roles, default="")
    db.session.add(
        Look(
            at=at,
            account_id=by.id,
            role=str(role),
            organisation_id=organisation_id,
            what=what,
            purpose=purpose,
        )
    )


def let_go(before: datetime, held: Iterable[int], *but: str, at: datetime) -> int:
    """Take away the oldest lines of before a moment, and return how many.

    What is about the organisations `held` stays, what still holds something back, and deeds `but`.
    """
    gone = 0
    for rows, more in ((Entry, (Entry.what.not_in(but),)), (Look, ())):
        ids = list(db.session.scalars(
            select(rows.id)
            .where(rows.at < before, *may_go(rows, held, day_of(at)), *more)
            .order_by(rows.id)
            .limit(AT_A_TIME)
        ))  # fmt: skip
        _take(rows, ids)
        gone += len(ids)
    return gone


def _take(rows: type[Entry | Look], ids: list[int]) -> None:
    """On PostgreSQL only the owner's function may, and the guard looks at each line."""
    if db.engine.dialect.name == "postgresql":
        db.session.execute(select(getattr(func, f"{rows.__tablename__}_let_go")(ids)))
    else:
        db.session.execute(delete(rows).where(rows.id.in_(ids)))
