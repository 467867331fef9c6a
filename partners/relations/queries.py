"""Reading the contact log. One statement a function; nothing else is loaded later."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Select, and_, or_, select, text
from sqlalchemy.orm import joinedload

from partners.ground.db import db
from partners.relations.models import Contact

WHOLE = (
    joinedload(Contact.by),
    joinedload(Contact.follow_up_owner),
    joinedload(Contact.organisation),
)
# The empty text is written out, because SQLite takes the index of open ones only then.
OPEN = and_(
    Contact.follow_up != text("''"), Contact.done_at.is_(None), Contact.withdrawn_at.is_(None)
)
PAGE = 20


def _newest(statement: Select[Any]) -> Select[Any]:
    return statement.order_by(Contact.held_on.desc(), Contact.id.desc())


def contacts(
    *, of: int | None = None, by: int | None = None, page: int = 1, size: int = PAGE
) -> Sequence[Contact]:
    """A page of the contacts of an organisation, or what one person wrote down, newest first.

    One row more than `size` if more follow. Taken-back entries are among them.
    """
    rows = select(Contact).options(*WHOLE)
    if of is not None:
        rows = rows.where(Contact.organisation_id == of)
    if by is not None:
        rows = rows.where(Contact.by_id == by)
    return db.session.scalars(_newest(rows).offset((page - 1) * size).limit(size + 1)).all()


def last_and_open(organisation_id: int, last: int = 5) -> tuple[list[Contact], list[Contact]]:
    """The last contacts of an organisation, and the promises out of all of them that are open."""
    standing = and_(Contact.organisation_id == organisation_id, Contact.withdrawn_at.is_(None))
    newest = _newest(select(Contact.id).where(standing)).limit(last).subquery()
    rows = db.session.scalars(
        _newest(
            select(Contact)
            .where(standing, or_(Contact.id.in_(select(newest.c.id)), OPEN))
            .options(*WHOLE)
        )
    ).all()
    waiting = sorted((c for c in rows if is_open(c)), key=lambda c: c.follow_up_on or c.held_on)
    return list(rows[:last]), waiting


def is_open(contact: Contact) -> bool:
    """Whether something was promised that is not done yet."""
    return bool(contact.follow_up) and not contact.done_at and not contact.withdrawn_at


def promises_of(account_id: int, *, limit: int = 30) -> Sequence[Contact]:
    """The contacts out of which this person still has something to do, soonest first."""
    return db.session.scalars(
        select(Contact)
        .where(Contact.follow_up_owner_id == account_id, OPEN)
        .options(*WHOLE)
        .order_by(Contact.follow_up_on, Contact.id)
        .limit(limit)
    ).all()
