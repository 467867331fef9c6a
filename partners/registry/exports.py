"""Taking the register out as a file: for a stated purpose, noted, and without names of people."""

from collections.abc import Iterator, Mapping
from datetime import datetime

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.ground.db import db
from partners.ground.refusals import Refusal
from partners.ground.text import csv_line
from partners.ground.words import N_
from partners.history.actions import record
from partners.registry import finding
from partners.registry.finding import Wish

_BATCH = 500
ALWAYS = ("reference", "name", "other_names", "identifiers", "districts", "level", "review_on")
# Contact points never leave together with anything that sorts organisations by what they are.
PLAIN = (*ALWAYS, "kind", "legal_form", "not_registered_because", "languages", "tags", "purpose")
CONTACTS = (*ALWAYS, "website", "email", "telephone")


def note(
    wish: Wish,
    filters: Mapping[str, str],
    purpose: str,
    with_contacts: bool,
    *,
    by: Actor,
    at: datetime,
) -> None:
    """Write down who takes what out, and for which purpose, before the first line is sent."""
    require(by, P.ORGANISATION_EXPORT)
    if with_contacts and wish.kind:
        raise Refusal(
            N_("Take the filter by kind away first: contact points are not taken out by kind."),
            field="columns",
        )
    record(
        "organisations.exported",
        db.session.get_one(Account, by.id),
        by=by,
        at=at,
        purpose=purpose,
        contacts=with_contacts,
        filters={name: value for name, value in filters.items() if value},
    )


def lines(wish: Wish, *, with_contacts: bool) -> Iterator[str]:
    """The file, line by line, in UTF-8 with a mark that spreadsheets know; formula-safe."""
    columns = CONTACTS if with_contacts else PLAIN
    yield "\ufeff" + csv_line(columns)
    found = finding.look_for(wish)
    after, more = "", True
    while more:
        part = found.leaf(after=after, size=_BATCH)
        yield "".join(csv_line(getattr(row, column) for column in columns) for row in part.rows)
        after, more = part.rows[-1].public_id if part.rows else "", part.later
        db.session.expunge_all()
