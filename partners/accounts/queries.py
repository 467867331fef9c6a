import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from functools import cache
from typing import Any

from sqlalchemy import bindparam, column, func, select, table, true
from sqlalchemy.orm import joinedload

from partners.access.rules import Actor
from partners.access.table import Role
from partners.accounts.models import (
    Account,
    Attempt,
    Delegation,
    Department,
    Key,
    Municipality,
    Pass,
    asked_of_cases,
    never_aside,
)
from partners.ground.db import db
from partners.history import queries as history
from partners.policy import shelf

SESSION_IDLE = timedelta(hours=2)
ROLE_DEEDS = ("account.opened", "account.roles_changed", "account.moved", "account.ended")


def fingerprint(secret: str) -> str:
    """What is kept of a secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def municipality() -> Municipality | None:
    """Whose house this is; None until it is founded."""
    # Held until the request ends, because the session itself would let it go and ask again.
    found = db.session.info["municipality"] = db.session.get(Municipality, 1)
    return found


def departments() -> Sequence[Department]:
    """All departments by name."""
    return db.session.scalars(select(Department).order_by(Department.name)).all()


def by_email(email: str) -> Account | None:
    """The account that signs in with this address."""
    return db.session.scalar(select(Account).where(Account.email == email.strip().lower()))


def staff(*roles: Role) -> list[Account]:
    """Staff who have not left, with any of these roles (any role when none is named), by name."""
    here = (Account.department_id.is_not(None), Account.ended_at.is_(None))
    beside = joinedload(Account.department)
    rows = db.session.scalars(select(Account).where(*here).options(beside).order_by(Account.name))
    return [a for a in rows if not roles or set(a.roles) & set(roles)]


def users_of(organisation_id: int) -> Sequence[Account]:
    """The organisation's own users who have not left, by name."""
    own = (Account.organisation_id == organisation_id, Account.ended_at.is_(None))
    return db.session.scalars(select(Account).where(*own).order_by(Account.name)).all()


def known_pass(secret: str) -> Pass | None:
    """The pass behind a secret, living or not.

    Whose house this is and which policy is in use come with it: nearly every page asks for them.
    """
    row: Any = db.session.execute(_known(), {"secret": fingerprint(secret)}).one_or_none()
    if row is None:
        return None
    held, db.session.info["municipality"], *published = row
    db.session.info["published"] = tuple(published)
    return held


@cache
def _known() -> Any:
    used = shelf.newest().subquery()
    return (
        select(Pass, Municipality, *used.c)
        .select_from(Pass)
        .outerjoin(Municipality, Municipality.id == 1)
        .outerjoin(used, true())
        .where(Pass.secret == bindparam("secret"))
    )


def live_pass(secret: str, *kinds: str, at: datetime) -> Pass | None:
    """The pass of one of these kinds that this secret opens now, if any."""
    found = known_pass(secret)
    if found is None or found.kind not in kinds or found.ended_at or found.expires_at <= at:
        return None
    idle = found.kind == "session" and found.seen_at + SESSION_IDLE <= at
    return None if idle else found


def sessions_of(account_id: int, at: datetime) -> int:
    """How many sessions of an account are living."""
    living = (Pass.ended_at.is_(None), Pass.expires_at > at, Pass.seen_at > at - SESSION_IDLE)
    own = (Pass.account_id == account_id, Pass.kind == "session")
    return db.session.scalar(select(func.count(Pass.id)).where(*own, *living)) or 0


def actor_of(held: Pass) -> Actor | None:
    """Who stands behind a session: an account that has not left, or a group with a link."""
    if held.account is None:
        only_answers = frozenset({Role.GUEST})
        return Actor(0, "by link", only_answers, held.organisation_id, pass_id=held.id)
    return None if held.account.ended_at else held.account.actor


def keys_of(account_id: int) -> Sequence[Key]:
    """The keys of one's own that somebody has added, oldest first."""
    return db.session.scalars(
        select(Key).where(Key.account_id == account_id).order_by(Key.id)
    ).all()


def recent_attempts(who: str, since: datetime) -> int:
    """How often signing in did not succeed for this address or from this place."""
    counted = select(func.count(Attempt.id)).where(Attempt.who == who, Attempt.at > since)
    return db.session.scalar(counted) or 0


@dataclass(frozen=True)
class Group:
    """What this room knows of an organisation, which lives in a room above."""

    id: int
    public_id: str
    name: str

    def belongs_to(self, organisation_id: int) -> bool:
        return self.id == organisation_id

    on_team = asked_of_cases("id")
    stepped_aside = never_aside


def group(**known: str | int | None) -> Group | None:
    """The organisation with this `public_id`, or with this `id`."""
    columns = (column(c) for c in ("id", "public_id", "name", "merged_into_id"))
    found = db.session.execute(select(table("organisations", *columns)).filter_by(**known)).first()
    if found and found.merged_into_id:
        return group(id=found.merged_into_id)
    return Group(*found[:3]) if found else None


def role_changes(since: datetime) -> list[tuple[history.Entry, str]]:
    """Roles given and taken and accounts opened and ended since then, newest first; and whose."""
    deeds = history.deeds("accounts", ROLE_DEEDS, since)
    whose = select(Account.id, Account.name).where(Account.id.in_([d.on_id for d in deeds]))
    names = {key: name for key, name in db.session.execute(whose)}
    return [(deed, names.get(deed.on_id, "")) for deed in deeds]


def delegations() -> Sequence[Delegation]:
    """All delegations with the people in them, newest first."""
    everybody = (Delegation.account, Delegation.giver, Delegation.confirmer)
    beside = (joinedload(who) for who in everybody)
    return db.session.scalars(
        select(Delegation).options(*beside).order_by(Delegation.id.desc())
    ).all()
