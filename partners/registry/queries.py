"""Finding organisations: by number, by near name, by the beginnings of words."""

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from partners.ground.db import db
from partners.matching.names import Difference, name_keys, near
from partners.registry.models import Name, NameKey, Organisation
from partners.registry.rules import IDENTIFIER, identifier_key

_MOST_CANDIDATES = 300
_MOST_NEAR = 10


@dataclass(frozen=True)
class Near:
    """An organisation that may be the one meant: which of its names is close, and why."""

    organisation: Organisation
    name: str
    differences: tuple[Difference, ...]
    same_number: bool = False


def named(relationship: Any) -> Any:
    """Load an organisation as a list names it: what else is kept of it is read for nothing."""
    return joinedload(relationship).load_only(Organisation.public_id, Organisation.name)


def whole(organisation_id: int) -> Organisation:
    """One organisation with its names and roles, by its internal number."""
    return db.session.get_one(
        Organisation,
        organisation_id,
        options=(selectinload(Organisation.names), selectinload(Organisation.offices)),
    )


def _numbered(keys: Collection[str]) -> Sequence[Organisation]:
    return db.session.scalars(
        select(Organisation)
        .join(Name, Name.organisation_id == Organisation.id)
        .where(Name.kind == IDENTIFIER, Name.folded.in_(keys), Organisation.left_at.is_(None))
        .order_by(Organisation.sort_name, Organisation.id)
        .limit(_MOST_NEAR)
    ).all()


def near_to(
    name: str, numbers: Iterable[tuple[str, str]] = (), *, but: int | None = None
) -> list[Near]:
    """Organisations that may be this one: those with the same number first, then near names.

    `but` leaves out one organisation: the one whose name is being changed.
    """
    keys = [identifier_key(scheme, number) for scheme, number in numbers if number]
    found = [Near(o, o.name, (), same_number=True) for o in (_numbered(keys) if keys else ())]
    known = {one.organisation.id for one in found} | {but}
    found += [one for one in _near_names(name) if one.organisation.id not in known]
    return [one for one in found if one.organisation.id != but][:_MOST_NEAR]


def _near_names(name: str) -> list[Near]:
    candidates = (
        select(NameKey.organisation_id)
        .where(NameKey.key.in_(name_keys(name)))
        .distinct()
        .limit(_MOST_CANDIDATES)
    )
    rows = db.session.execute(
        select(Name.text, Organisation)
        .join(Organisation, Organisation.id == Name.organisation_id)
        .where(Name.organisation_id.in_(candidates.scalar_subquery()), Name.kind != IDENTIFIER)
        .order_by(Name.id)
    ).all()
    owners: dict[str, list[Organisation]] = {}
    for text, organisation in rows:
        owners.setdefault(text, []).append(organisation)
    closest: dict[int, Near] = {}
    for text, why in near(name, owners):
        for organisation in owners[text]:
            closest.setdefault(organisation.id, Near(organisation, text, why))
    return list(closest.values())
