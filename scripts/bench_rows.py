"""Invented rows in bulk, for figures only."""

import datetime as dt
import random
from collections.abc import Iterator
from itertools import chain, islice
from typing import Any

from sqlalchemy import insert, select

from partners.accounts.models import Account
from partners.assessment.models import Answer, Engagement, Round, TeamMember
from partners.ground import clock
from partners.ground.db import db, public_id
from partners.matching.names import fold
from partners.policy import shelf
from partners.registry.models import Name, NameKey, Organisation
from partners.registry.rules import keys_of
from partners.relations.models import Contact

FIRST = "Harbour Northside Westfield Old Bridge Mill Garden Lantern Ferry River Hill Market Station Park Beach Forest Silver Blue Green Red Open Little Grand New Friendly Evening Morning Summer Winter".split()  # noqa: E501
SECOND = "Kitchen Chess Choir Rowing Workshop Reading Cycling Football Theatre Homework Walking Sewing Gardening Music Dance Repair Swimming Painting Story Film Cooking Knitting Drum Boat Tree Bird Bee Bread".split()  # noqa: E501
THIRD = "Club Association Network Circle Friends Society Collective House Group Union Neighbours Helpers Volunteers Forum".split()  # noqa: E501
DISTRICTS = "Harbour Northside Westfield Eastgate Southbank Mill Park Station Market".split()
CHUNK = 5_000


def chunks(rows: Iterator[dict[str, Any]]) -> Iterator[list[dict[str, Any]]]:
    while part := list(islice(rows, CHUNK)):
        yield part


def bulk(table: Any, rows: Iterator[dict[str, Any]]) -> None:
    for part in chunks(rows):
        db.session.execute(insert(table), part)
    db.session.commit()


START = 1_000


def fill_rows(app: Any, organisations: int, dice: random.Random) -> None:
    """Organisations with names and keys; a fifth as many engagements; twice as many contacts."""
    now = clock.now()
    fill_organisations(app, range(organisations), dice)
    maja = db.session.scalar(select(Account.id).where(Account.email == "maja@havnby.example"))
    version = app.extensions["policy"][0]
    bulk(Contact, (_contact(START + n % organisations, maja, now, dice)
                   for n in range(organisations * 2)))  # fmt: skip
    _engagements(organisations // 5, START, maja, version, shelf.edition(version), now, dice)


def fill_organisations(app: Any, numbers: range, dice: random.Random) -> None:
    """Organisations of these numbers, with their names and the keys of these."""
    maja = db.session.scalar(select(Account.id).where(Account.email == "maja@havnby.example"))
    policy, now = shelf.edition(app.extensions["policy"][0]), clock.now()
    kinds, levels = [kind.id for kind in policy.kinds.organisation], list(policy.levels)
    names = {n: f"{dice.choice(FIRST)} {dice.choice(SECOND)} {dice.choice(THIRD)} {n}"
             for n in numbers}  # fmt: skip

    def organisation(number: int) -> dict[str, Any]:
        name, day = names[number], now - dt.timedelta(days=dice.randrange(2000))
        review = now.date() + dt.timedelta(days=dice.randrange(-30, 900))
        empty = ("not_registered_because", "website", "email", "telephone")
        lists = ("feeds", "districts", "languages", "tags", "please_avoid")
        return {
            **dict.fromkeys(empty, ""), **dict.fromkeys(lists, "[]"),
            "id": START + number, "public_id": public_id(), "reference": f"O-20-{number:07}",
            "name": name, "sort_name": fold(name), "kind": dice.choice(kinds),
            "legal_form": "association", "purpose": "We meet.", "purpose_by": "partner",
            "district": dice.choice(DISTRICTS), "level": dice.choice(levels),
            "registered_by": maja, "review_on": f"{review}", "invented": True, "version": 1,
            "registered_at": f"{day:%Y-%m-%d %H:%M:%S.%f}",
        }  # fmt: skip

    quick(Organisation.__table__, map(organisation, numbers))
    named = ({"organisation_id": START + n, "kind": "main", "scheme": "", "text": name,
              "folded": fold(name)} for n, name in names.items())  # fmt: skip
    quick(Name.__table__, named)
    _keys(names)


def _keys(names: dict[int, str]) -> None:
    """In the order of their first index, some at a time, and the second made at the end, because
    a million organisations have thirteen million of them.
    """
    table: Any = NameKey.__table__
    (second,) = table.indexes
    second.drop(db.session.connection())
    some = iter(names.items())
    while part := list(islice(some, 40 * CHUNK)):
        rows = sorted((key, START + n) for n, name in part
                      for key in keys_of([("main", "", name)]))  # fmt: skip
        quick(table, ({"key": key, "organisation_id": n} for key, n in rows))
    second.create(db.session.connection())
    db.session.commit()


def quick(table: Any, rows: Iterator[dict[str, Any]]) -> None:
    """Rows of plain texts and numbers, as fast as the database takes them."""
    connection, first = db.session.connection(), next(rows)
    names, every = ", ".join(first), (tuple(row.values()) for row in chain([first], rows))
    if connection.dialect.name == "sqlite":
        marks = ", ".join("?" * len(first))
        while part := list(islice(every, CHUNK)):
            connection.exec_driver_sql(f"insert into {table.name} ({names}) values ({marks})", part)
    else:
        with connection.connection.cursor().copy(f"copy {table.name} ({names}) from stdin") as copy:
            for row in every:
                copy.write_row(row)
    db.session.commit()


def _contact(organisation: int, by: Any, now: dt.datetime, dice: random.Random) -> dict[str, Any]:
    promised, soon = dice.random() < 0.01, now.date() + dt.timedelta(dice.randrange(-20, 60))
    return {
        "public_id": public_id(), "organisation_id": organisation, "kind": "meeting", "by_id": by,
        "held_on": now.date() - dt.timedelta(days=dice.randrange(1500)), "topics": ["hall"],
        "line": "Talked about the hall.", "at": now,
        "follow_up": "Answer about the hall." if promised else "", "follow_up_side": "city",
        "withdrawn_because": "", "version": 1,
        "follow_up_owner_id": by if promised else None,
        "follow_up_on": soon if promised else None,
    }  # fmt: skip


def _said(engagement: int, dice: random.Random) -> str:
    """Mostly met, so that no two cases need be alike; the first ones are wholly met, to decide."""
    plain = engagement < 2_000 or dice.random() < 0.85
    return "met" if plain else dice.choice(["not_met", "partly"])


def _engagements(
    count: int, start: int, maja: Any, version: str, policy: Any, now: dt.datetime,
    dice: random.Random,
) -> None:  # fmt: skip
    jonas = db.session.scalar(select(Account.id).where(Account.email == "jonas@havnby.example"))
    department = db.session.scalar(select(Account.department_id).where(Account.id == maja))
    level, band = list(policy.levels)[-1], next(iter(policy.bands))
    items = policy.asked(level, band)
    every = range(count)
    bulk(Engagement, ({
        "id": start + n, "public_id": public_id(), "reference": f"E-20-{n:07}",
        "organisation_id": start + n * 5, "title": f"Work together {n}", "purpose": "Together.",
        "kind": "", "activity": "", "district": dice.choice(DISTRICTS), "level": level,
        "band": band, "in_kind": "", "triggers": [],
        "state": "told" if n % 100 == 0 else "in_conversation",
        "paused_from": "", "policy_version": version, "department_id": department,
        "started_at": now, "started_by": maja,
        "supported_level": level if n % 100 == 0 else "",
        "supported_band": band if n % 100 == 0 else "", "agreed_level": "", "version": 1,
        "due_on": now.date() + dt.timedelta(dice.randrange(-30, 300))} for n in every))  # fmt: skip
    bulk(Round, ({"id": start + n, "engagement_id": start + n, "opened_at": now, "computed": {},
                  "good": []} for n in every))  # fmt: skip
    bulk(TeamMember, ({"engagement_id": start + n, "account_id": who, "part": part, "purpose": "",
                       "since": now, "worked": who == maja}
                      for n in every for who, part in [(maja, "lead"), (jonas, "preparer")]
                      if who == maja or n % 400 == 1))  # fmt: skip
    bulk(Answer, ({
        "organisation_id": start + n * 5, "engagement_id": start + n, "item": item.id,
        "kept_with": str(item.kept_with), "answer": _said(n, dice), "words": "As we said.",
        "evidence": "conversation", "link": "", "source": "", "answered_on": now.date(),
        "expires_on": now.date() + dt.timedelta(days=400), "side": "city", "by_id": maja,
        "on_behalf": False, "at": now, "withdrawn_because": ""}
        for n in every for item in items))  # fmt: skip
