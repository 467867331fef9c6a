"""What the charter has in store for a member of staff."""

from collections.abc import Iterator
from datetime import date
from functools import cache
from typing import Any

from flask import url_for
from flask_babel import gettext, ngettext
from sqlalchemy import Integer, and_, cast, literal, null, or_, select, union_all
from sqlalchemy.orm import joinedload

from partners.access.rules import Actor
from partners.access.table import Role
from partners.assessment.models import FourEyes
from partners.assessment.queries import unagreed
from partners.charter.models import Charter, Commitment
from partners.desk.house import between_two
from partners.desk.picked import AHEAD, ME, SHOWN, TODAY
from partners.desk.waiting import OURS
from partners.ground.db import db
from partners.registry.queries import named
from partners.web.said import Task


def tasks(actor: Actor, day: date, until: date) -> Iterator[Task]:
    """Own words to be read, what is to rest, and reports on our own part of the charter."""
    rows: Any = db.session.execute(_asked_of(Role.MANAGER in actor.roles), {
        "me": actor.id, "today": day, "ahead": until})  # fmt: skip
    pledges: list[Commitment] = []
    for charter, pledge, wish in rows:
        if wish:
            yield from between_two(wish, actor, day)
        elif pledge:
            pledges.append(pledge)
        else:
            yield _charter(charter)
    if pledges:
        yield _pledged(pledges, day)


@cache
def _asked_of(manager: bool) -> Any:
    manages, nothing = literal(manager), cast(null(), Integer)
    unread = or_(Charter.first_reader.is_(None), Charter.first_reader != ME)
    first = and_(Charter.organisation_id.is_(None), Charter.state == "offered")
    asks = or_(and_(Charter.state == "own_proposed", unread),
               and_(or_(Charter.hearing, first), manages))  # fmt: skip
    owns = or_(Commitment.owner_id == ME, and_(Commitment.due_on < TODAY, manages))
    due = and_(Commitment.reported_at.is_(None), Commitment.due_on <= AHEAD, owns)
    picked = union_all(
        select(Charter.id.label("charter"), nothing.label("pledge"),
               nothing.label("wish")).where(asks),
        select(nothing, Commitment.id, nothing).where(due),
        select(nothing, nothing, FourEyes.id).where(*unagreed(ME, TODAY), manages),
    ).subquery()  # fmt: skip
    return (
        select(Charter, Commitment, FourEyes)
        .select_from(picked)
        .outerjoin(Charter, Charter.id == picked.c.charter)
        .outerjoin(Commitment, Commitment.id == picked.c.pledge)
        .outerjoin(FourEyes, FourEyes.id == picked.c.wish)
        .options(
            named(Charter.organisation),
            named(FourEyes.organisation),
            joinedload(FourEyes.engagement),
        )
        .order_by(Commitment.due_on, Charter.id)
        .limit(SHOWN * 5)
    )


def _pledged(rows: list[Commitment], day: date) -> Task:
    """One line for all of them, under the day of the first, because one page takes all reports."""
    text = ngettext(
        "Report on a point of our part of the charter",
        "Report on %(num)d points of our part of the charter", len(rows),
    )  # fmt: skip
    numbers = ", ".join(sorted((row.number for row in rows), key=lambda n: (len(n), n)))
    note = ngettext(
        "Point %(numbers)s. Everyone can read it.", "Points %(numbers)s. Everyone can read them.",
        len(rows), numbers=numbers,
    )  # fmt: skip
    return Task(OURS, text, note, url_for("charter.commitments"), rows[0].due_on, day)


def _charter(row: Charter) -> Task:
    if row.organisation is None:
        text = gettext("Sign a charter first that several sign together")
        href = url_for("charter.gathered", charter_id=row.public_id)
        return Task(OURS, text, gettext("Those who are asked sign after us."), href=href)
    org = row.organisation.name
    if row.hearing:
        text = gettext("See to the pause of the charter with %(org)s", org=org)
        href = url_for("charter.suspension", charter_id=row.public_id)
        return Task(OURS, text, gettext("One side has said why; both are heard."), href=href)
    text = gettext("Read the own words of %(org)s for the charter", org=org)
    href = url_for("charter.offer", charter_id=row.public_id)
    return Task(OURS, text, gettext("They say the same in words of their own."), href=href)
