"""Who may do what. Pure: an actor, a permission and a few facts in; yes or no out."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Protocol

from partners.access.table import STAFF, TABLE, Permission, Role, Scope
from partners.ground.refusals import NotYours


@dataclass(frozen=True)
class Actor:
    """Who acts: an account (id), or nobody (id 0). A partner belongs to one organisation."""

    id: int
    name: str
    roles: frozenset[Role] = frozenset()
    organisation_id: int | None = None
    department_id: int | None = None
    language: str = "en"
    pass_id: int | None = None

    @property
    def signed_in(self) -> bool:
        return bool(self.roles)

    @property
    def is_staff(self) -> bool:
        return bool(self.roles & STAFF)

    @property
    def is_partner(self) -> bool:
        return self.organisation_id is not None

    @property
    def side(self) -> str:
        """Whose words these are: "city" or "partner"."""
        return "partner" if self.is_partner else "city"


class Thing(Protocol):
    """What a scope may ask of a thing. A thing that cannot say raises; it does not let pass."""

    def is_account(self, account_id: int) -> bool: ...
    def belongs_to(self, organisation_id: int) -> bool: ...
    def on_team(self, account_id: int) -> bool: ...
    def stepped_aside(self, account_id: int) -> bool: ...
    def worked_on_by(self, account_id: int) -> bool: ...


NOBODY = Actor(id=0, name="nobody")
CLOCK = Actor(id=0, name="the clock")

Predicate = Callable[[Actor, Thing], bool]


def _team(actor: Actor, thing: Thing) -> bool:
    return thing.on_team(actor.id) and not thing.stepped_aside(actor.id)


def _fresh(actor: Actor, thing: Thing) -> bool:
    return not thing.stepped_aside(actor.id) and not thing.worked_on_by(actor.id)


SCOPES: dict[Scope, Predicate] = {
    Scope.ANY: lambda actor, thing: True,
    Scope.SELF: lambda actor, thing: thing.is_account(actor.id),
    Scope.OWN: lambda actor, thing: (
        actor.organisation_id is not None and thing.belongs_to(actor.organisation_id)
    ),
    Scope.TEAM: _team,
    Scope.CLEAR: lambda actor, thing: not thing.stepped_aside(actor.id),
    Scope.FRESH: _fresh,
}


def scopes(actor: Actor, permission: Permission) -> frozenset[Scope]:
    """The scopes in which this actor holds this right."""
    return frozenset(s for role, s in TABLE[permission].items() if role in actor.roles)


def may_ever(actor: Actor, permission: Permission) -> bool:
    """Is there anything at all that this actor could do this to? Asked at the front door."""
    return bool(scopes(actor, permission))


def may(actor: Actor, permission: Permission, on: Any) -> bool:
    """May this actor do this to this thing? It must answer what the permission's scopes ask."""
    held = scopes(actor, permission)
    return Scope.ANY in held or any(SCOPES[scope](actor, on) for scope in held)


def require(actor: Actor, permission: Permission, on: Any = None) -> None:
    """Raise NotYours unless the actor may; without a thing, unless the actor ever may."""
    allowed = may_ever(actor, permission) if on is None else may(actor, permission, on)
    if not allowed:
        raise NotYours(permission)
