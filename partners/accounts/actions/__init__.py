"""What people do about accounts: people, roles and the right to sign; doors stand in `passes`.

A role that decides is given by a manager, never by the keeper alone.
"""

from datetime import datetime

from sqlalchemy import select

from partners.access.rules import Actor, require
from partners.access.table import DECIDING, Role
from partners.access.table import Permission as P
from partners.accounts import queries, rules
from partners.accounts.actions.keys import *  # noqa: F403  a third part of it
from partners.accounts.actions.passes import *  # noqa: F403  the other half of the same room
from partners.accounts.actions.passes import end_all
from partners.accounts.models import Account, Delegation, Department, Municipality
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import record

SIGNERS = (Role.OFFICER, Role.LIAISON, Role.MANAGER)


def say_reach(house: Municipality, told: dict[str, str], *, by: Actor, at: datetime) -> None:
    """Say how the municipality is reached, and where its own letters lead."""
    require(by, P.HOUSE_SAY)
    house.texts = {**house.texts, **told}
    record("house.said", house, by=by, at=at)


def open_account(
    email: str, name: str, roles: frozenset[Role], *, department_id: int | None = None,
    organisation_id: int | None = None, language: str = "en", by: Actor, at: datetime,
) -> Account:  # fmt: skip
    """Open an account without a password: staff of one department, or users of one organisation."""
    account = Account(
        email=email.strip().lower(), name=name, roles=sorted(roles), created_at=at,
        department_id=department_id, organisation_id=organisation_id, language=language,
        role_given_by=by.id or None, role_given_at=at,
    )  # fmt: skip
    _may_change(account, P.ACCOUNT_INVITE, by)
    _may_give(roles, by, account)
    if queries.by_email(email):
        raise Refusal(N_("Somebody already signs in with this address."), field="email")
    db.session.add(account)
    record("account.opened", account, by=by, at=at, roles=sorted(roles))
    return account


def _may_change(account: Account, right: P, by: Actor) -> None:
    """An organisation's users are whoever may invite them; staff need the right that is named."""
    require(by, P.PARTNER_INVITE if account.organisation_id else right, account)
    if account.id and account.id == by.id:
        raise Refusal(
            N_("Nobody changes their own roles or ends their own account. Ask a colleague.")
        )


def _may_give(roles: frozenset[Role], by: Actor, account: Account) -> None:
    if trouble := rules.roles_trouble(roles, by.roles, staff=account.organisation_id is None):
        raise Refusal(trouble, field="roles")


def _keep_a_manager(account: Account) -> None:
    if Role.MANAGER in account.roles:
        # One after the other, because two managers could end each other in the same moment.
        everybody = select(Account).order_by(Account.id).with_for_update(of=Account)
        db.session.scalars(everybody.execution_options(populate_existing=True)).all()
    others = [a for a in queries.staff(Role.MANAGER) if a.id != account.id]
    if Role.MANAGER in account.roles and not others:
        raise Refusal(N_("This is the last manager. Make another person a manager first."))


def give_roles(account: Account, roles: frozenset[Role], *, by: Actor, at: datetime) -> None:
    """Give and take roles of somebody else. The last manager stays one."""
    _may_change(account, P.ACCOUNT_ROLE, by)
    _may_give(roles, by, account)
    if Role.MANAGER not in roles:
        _keep_a_manager(account)
    before = frozenset(account.roles)
    if before != roles:
        account.roles, account.role_given_by, account.role_given_at = sorted(roles), by.id, at
        record("account.roles_changed", account, by=by, at=at, given=sorted(roles - before),
               taken=sorted(before - roles))  # fmt: skip


def move_to(account: Account, department_id: int, *, by: Actor, at: datetime) -> None:
    """Move somebody to another department. A manager does, because four eyes depend on it."""
    _may_change(account, P.ACCOUNT_ROLE, by)
    if account.department_id != department_id:
        department = db.session.get_one(Department, department_id)
        account.department_id = department_id
        record("account.moved", account, by=by, at=at, department=department.name)


def end_account(account: Account, *, by: Actor, at: datetime) -> None:
    """End an account: its sessions and links stop at once, its deeds stay in history."""
    _may_change(account, P.ACCOUNT_INVITE, by)
    if account.actor.roles & DECIDING and Role.MANAGER not in by.roles:
        raise Refusal(N_("Only a manager ends the account of somebody who decides."))
    _keep_a_manager(account)
    account.ended_at = at
    end_all(account, at=at)
    record("account.ended", account, by=by, at=at)


def change_self(account: Account, *, by: Actor, at: datetime, **wished: str) -> None:
    """Change one's own name, title, language and look."""
    require(by, P.ACCOUNT_SELF, account)
    for word in ("name", "title", "language", "theme"):
        setattr(account, word, wished[word])
    record("account.changed", account, by=by, at=at)


def name_department(name: str, *, by: Actor, at: datetime) -> Department:
    """Add a department."""
    require(by, P.ACCOUNT_ROLE)
    if any(d.name.casefold() == name.casefold() for d in queries.departments()):
        raise Refusal(N_("There is a department with this name."), field="department_name")
    made = Department(name=name)
    db.session.add(made)
    record("department.named", made, by=by, at=at, name=name)
    return made


def delegate(
    account: Account, papers: list[str], up_to_band: str, until: datetime, *, by: Actor,
    at: datetime,
) -> Delegation:  # fmt: skip
    """Give the right to sign `papers` up to a band until a moment; it holds once confirmed."""
    require(by, P.DELEGATION_GIVE)
    if account.id == by.id:
        raise Refusal(N_("Nobody gives this right to themselves."), field="account")
    if account.ended_at or not set(account.roles) & set(SIGNERS):
        raise Refusal(N_("Only officers, liaisons and managers can sign."), field="account")
    if until <= at:
        raise Refusal(N_("Choose a last day that is still to come."), field="until")
    given = Delegation(account_id=account.id, papers=papers, up_to_band=up_to_band, until=until,
                       given_by=by.id, given_at=at)  # fmt: skip
    db.session.add(given)
    facts = {"papers": papers, "band": up_to_band, "to": account.name}
    record("delegation.given", given, by=by, at=at, **facts)
    return given


def confirm(given: Delegation, *, by: Actor, at: datetime) -> None:
    """Confirm what another manager gave to a third person."""
    require(by, P.DELEGATION_GIVE)
    if by.id in (given.given_by, given.account_id):
        raise Refusal(N_("Another manager confirms this: not who gave it, not who receives it."))
    if given.ended_at or given.until <= at:
        raise Refusal(N_("This right has ended. Give a new one."))
    if given.confirmed_at is None:
        given.confirmed_by, given.confirmed_at = by.id, at
        record("delegation.confirmed", given, by=by, at=at)


def end_delegation(given: Delegation, *, by: Actor, at: datetime) -> None:
    """End a delegation; any manager may, because less right needs no second person."""
    require(by, P.DELEGATION_GIVE)
    if given.ended_at is None:
        given.ended_at = at
        record("delegation.ended", given, by=by, at=at)
