"""The permission table read as sentences. Pure."""

from dataclasses import dataclass

import pytest

from partners.access.rules import CLOCK, NOBODY, SCOPES, Actor, may, may_ever, require
from partners.access.table import DECIDING, STAFF, TABLE, Permission, Role, Scope
from partners.ground.refusals import NotYours

P, R = Permission, Role
OWN_SIDE = frozenset(R) - STAFF


@dataclass
class Case:
    """A thing that knows who belongs to it."""

    organisation: int = 7
    team: tuple[int, ...] = ()
    aside: tuple[int, ...] = ()
    worked: tuple[int, ...] = ()

    def belongs_to(self, organisation_id: int) -> bool:
        return self.organisation == organisation_id

    def on_team(self, account_id: int) -> bool:
        return account_id in self.team

    def stepped_aside(self, account_id: int) -> bool:
        return account_id in self.aside

    def worked_on_by(self, account_id: int) -> bool:
        return account_id in self.worked


def somebody(role: Role) -> Actor:
    return Actor(1, "Asha", frozenset({role}), None if role in STAFF else 7)


def test_every_scope_has_a_predicate() -> None:
    assert set(SCOPES) == set(Scope)


@pytest.mark.parametrize("permission", P)
def test_nobody_and_the_clock_hold_no_right(permission: Permission) -> None:
    assert not may_ever(NOBODY, permission)
    assert not may_ever(CLOCK, permission)


@pytest.mark.parametrize("permission", P)
@pytest.mark.parametrize("role", sorted(OWN_SIDE))
def test_a_partner_never_holds_a_right_over_anybody_else(permission: P, role: Role) -> None:
    assert TABLE[permission].get(role) in (None, Scope.OWN, Scope.SELF)


@pytest.mark.parametrize("permission", P)
def test_the_keeper_sees_no_content(permission: Permission) -> None:
    kinds = ("organisation", "engagement", "point", "paper", "charter", "contact", "support")
    assert not (R.KEEPER in TABLE[permission] and permission.split(":")[0] in kinds)


@pytest.mark.parametrize("role", sorted(set(R) - DECIDING))
def test_only_deciding_roles_decide(role: Role) -> None:
    assert not may_ever(somebody(role), P.ENGAGEMENT_DECIDE)
    assert not may_ever(somebody(role), P.ENGAGEMENT_CONFIRM)


@pytest.mark.parametrize("permission", [P.ENGAGEMENT_DECIDE, P.ENGAGEMENT_CONFIRM,
                                        P.ENGAGEMENT_READ])  # fmt: skip
def test_nobody_decides_confirms_or_reads_what_they_worked_on(permission: Permission) -> None:
    manager = somebody(R.MANAGER)
    assert may(manager, permission, Case())
    assert not may(manager, permission, Case(worked=(1,)))


@pytest.mark.parametrize("permission", [p for p in P if p.startswith(("engagement", "paper"))
                                        and p is not P.ENGAGEMENT_START])  # fmt: skip
@pytest.mark.parametrize("role", sorted(STAFF))
def test_who_stepped_aside_has_no_part_in_a_case(permission: Permission, role: Role) -> None:
    assert not may(somebody(role), permission, Case(team=(1,), aside=(1,)))


def test_only_a_manager_gives_roles_and_delegations() -> None:
    assert set(TABLE[P.ACCOUNT_ROLE]) == {R.MANAGER} == set(TABLE[P.DELEGATION_GIVE])


def test_a_link_for_a_group_answers_and_never_signs() -> None:
    held = {p for p in P if R.GUEST in TABLE[p]}
    assert held == {P.PORTAL, P.ENGAGEMENT_ANSWERS, P.ENGAGEMENT_ANSWER}


def test_asking_without_the_right_is_refused() -> None:
    with pytest.raises(NotYours):
        require(somebody(R.COLLEAGUE), P.ENGAGEMENT_WORK)
    with pytest.raises(NotYours):
        require(somebody(R.OFFICER), P.ENGAGEMENT_WORK, Case())


def test_a_thing_that_cannot_say_lets_nobody_pass() -> None:
    with pytest.raises(AttributeError):
        may(somebody(R.OFFICER), P.ENGAGEMENT_WORK, object())
