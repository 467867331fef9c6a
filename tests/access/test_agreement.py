"""A list shows exactly the rows on which the same person may do the same thing."""

from collections.abc import Iterator
from typing import Any

import pytest
from sqlalchemy import select

from partners.access.queries import only_allowed
from partners.access.rules import NOBODY, SCOPES, Actor, may, scopes
from partners.access.table import STAFF, Permission, Role, Scope
from partners.accounts.models import Account, Pass
from partners.assessment.models import Engagement, TeamMember
from partners.charter.models import Charter
from partners.ground.db import Table, db
from partners.jobs.models import Job
from partners.mou.models import Paper
from partners.registry.models import Organisation
from partners.relations.models import Contact
from partners.uploads.models import Upload
from tests.builders import House
from tests.rows import NOON, add

MODELS = (Account, Pass, Organisation, Contact, Charter, Job, Engagement, Paper, Upload)
PARTS = [None, ("lead", False), ("lead", True), ("reader", False), ("aside", False),
         ("aside", True)]  # fmt: skip
PARTNER = (Role.MEMBER, Role.SIGNATORY, Role.STEWARD, Role.GUEST)


@pytest.fixture
def varied(house: House) -> House:
    """Two organisations, things of each, and every part that a colleague can have in a case."""
    own, foreign = house.organisation("Harbour Kitchen"), house.organisation("Chess Club")
    house.partner("nadia", own, Role.MEMBER)
    house.partner("finn", foreign, Role.STEWARD)
    tables = Table.metadata.tables
    connection = db.session.connection()
    people = [house.people[name] for name in ("maja", "ida", "karin")]
    for organisation in (own, foreign):
        for name in ("contacts", "papers", "uploads"):
            add(connection, tables[name], organisation_id=organisation.id)
        add(connection, tables["charters"], organisation_id=organisation.id)
        add(connection, tables["passes"], organisation_id=organisation.id)
        for part in PARTS:
            case = add(connection, tables["engagements"], organisation_id=organisation.id)
            for person in people if part else ():
                db.session.add(
                    TeamMember(
                        engagement_id=case,
                        account_id=person,
                        part=part[0],
                        since=NOON,
                        worked=part[1],
                    )  # fmt: skip
                )
    for person in people:
        add(connection, tables["jobs"], created_by=person)
        add(connection, tables["passes"], account_id=person)
    db.session.commit()
    return house


def actors(house: House) -> Iterator[Actor]:
    own = house.account("nadia").organisation_id
    for name in ("maja", "ida", "karin", "bo"):
        yield from (Actor(house.people[name], name, frozenset({role})) for role in sorted(STAFF))
    yield Actor(house.people["ida"], "two roles", frozenset({Role.LIAISON, Role.MANAGER}))
    for role in PARTNER:
        yield Actor(house.people["nadia"], "own", frozenset({role}), own)
        yield Actor(house.people["nadia"], "no organisation", frozenset({role}), None)
    yield NOBODY


def by_row(model: type[Any], actor: Actor, permission: Permission) -> set[Any] | str:
    """Asks every scope of every row, because `may` stops at the first that says yes."""
    held = scopes(actor, permission)
    rows = list(db.session.scalars(select(model)))
    try:
        for row in rows:
            for scope in () if Scope.ANY in held else held:
                SCOPES[scope](actor, row)
        return {row.id for row in rows if may(actor, permission, row)}
    except (AttributeError, NotImplementedError):
        return "cannot say"


def by_list(model: type[Any], actor: Actor, permission: Permission) -> set[Any] | str:
    try:
        found = only_allowed(select(model), model, actor, permission)
    except (AttributeError, NotImplementedError):
        return "cannot say"
    return {row.id for row in db.session.scalars(found)}


@pytest.mark.parametrize("model", MODELS, ids=lambda m: m.__tablename__)
def test_lists_and_rows_agree_for_every_role_and_right(varied: House, model: type[Any]) -> None:
    assert db.session.scalars(select(model)).first() is not None
    for actor in actors(varied):
        for permission in Permission:
            row, listed = by_row(model, actor, permission), by_list(model, actor, permission)
            assert row == listed, f"{actor.name} {sorted(actor.roles)} {permission}"


def test_every_scope_lets_somebody_in_and_keeps_somebody_out(varied: House) -> None:
    cases = list(db.session.scalars(select(Engagement)))
    for scope, predicate in SCOPES.items():
        things = list(db.session.scalars(select(Account))) if scope == "self" else cases
        said = {predicate(actor, thing) for actor in actors(varied) for thing in things}
        assert said == ({True} if scope == "any" else {True, False}), scope
