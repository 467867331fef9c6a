from datetime import datetime
from typing import Any

from partners.access.rules import Actor
from partners.ground.db import db
from partners.history.models import Entry, Look


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
