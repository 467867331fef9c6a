"""Who looked at which organisation's file, and why: the whole log, for those who watch over it."""

from typing import Any

from sqlalchemy import select

from partners.assessment.queries import names_of
from partners.ground.db import db
from partners.history.queries import looks_by
from partners.registry.models import Organisation

ROWS = 50


def looks(page: int, account_id: int | None) -> list[tuple[Any, str, str]]:
    """A page of looks with the names of both, newest first, and one row more if more follow."""
    rows = looks_by(account_id, skip=(page - 1) * ROWS, limit=ROWS + 1)
    people = names_of(row.account_id for row in rows)
    wanted = {row.organisation_id for row in rows}
    named = select(Organisation.id, Organisation.name).where(Organisation.id.in_(wanted))
    files: dict[int, str] = {number: name for number, name in db.session.execute(named)}
    return [(row, people[row.account_id], files[row.organisation_id]) for row in rows]
