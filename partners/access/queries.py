"""The same table, asked of a whole list: models answer with SQL what rows answer in Python."""

from collections.abc import Callable
from typing import Any, TypeVar

from sqlalchemy import ColumnElement, Select, and_, false, not_, or_, true

from partners.access.rules import Actor, scopes
from partners.access.table import Permission, Scope

S = TypeVar("S", bound=Select[*tuple[Any, ...]])


def _own(model: Any, actor: Actor) -> ColumnElement[bool]:
    return false() if actor.organisation_id is None else model.belongs_to(actor.organisation_id)


FILTERS: dict[Scope, Callable[[Any, Actor], ColumnElement[bool]]] = {
    Scope.ANY: lambda model, actor: true(),
    Scope.SELF: lambda model, actor: model.is_account(actor.id),
    Scope.OWN: _own,
    Scope.TEAM: lambda model, actor: and_(
        model.on_team(actor.id), not_(model.stepped_aside(actor.id))
    ),
    Scope.CLEAR: lambda model, actor: not_(model.stepped_aside(actor.id)),
    Scope.FRESH: lambda model, actor: and_(
        not_(model.stepped_aside(actor.id)), not_(model.worked_on_by(actor.id))
    ),
}


def only_allowed(statement: S, model: Any, actor: Actor, permission: Permission) -> S:
    """Narrow a list to the rows on which `may(actor, permission, row)` would say yes."""
    held = scopes(actor, permission)
    if Scope.ANY in held:
        return statement
    return statement.where(or_(false(), *(FILTERS[s](model, actor) for s in sorted(held))))
