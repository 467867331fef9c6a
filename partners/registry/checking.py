"""The first half of the work on an import: every row read and compared, into the staging file.

What will be entered is laid ready there, column by column, so that entering only copies it.
"""

import json
from collections.abc import Iterable, Iterator
from functools import lru_cache
from itertools import islice
from typing import Any

from sqlalchemy import func, select

from partners.ground.db import db, public_id
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.jobs.models import Job
from partners.jobs.runner import Steps
from partners.matching.names import name_keys
from partners.registry.comparing import KNOWN, NEAR, Found, compare, marks_of, told_apart, why
from partners.registry.imports import (
    BAD,
    GONE,
    NEW,
    Database,
    counts,
    file_facts,
    importer,
    said_by,
    staged,
)
from partners.registry.models import NameKey, Organisation
from partners.registry.rows import NotHeld, Plan, read_row
from partners.registry.rules import WORD
from partners.web.guard import count_refused

STEP = 2000
LAID = (  # what is laid ready of an organisation
    "id", "public_id", "name", "sort_name", "kind", "legal_form", "not_registered_because",
    "purpose", "website", "email", "telephone", "district", "districts", "languages", "tags",
    "keys",
)  # fmt: skip
READY = {  # the staging tables that are copied
    "organisations": f"(id integer primary key, {', '.join(LAID[1:])})",
    "names": "(id, place, kind, scheme, text, folded, primary key (id, place)) without rowid",
    "keys": "(key, id, primary key (key, id)) without rowid",
}


def check(job: Job) -> Steps:
    """Read every row with the chosen columns and compare it; writes only to the staging file."""
    store = staged(job.args["import"])
    if store is None:
        return {"trouble": GONE}
    importer(job)
    plan = Plan(tuple(job.args["targets"]), job.args["usual"], job.args["because"],
                job.args["headed"])  # fmt: skip
    columns = json.loads(file_facts(store)["columns"])
    total = store.table("rows").count
    if job.done == 0:
        _begin_anew(store)
    db.session.rollback()
    for start in range(job.done, total, STEP):
        refused = _judge(store, start, columns, plan)
        count_refused(refused if job.args.get("counts", True) else ())
        yield min(start + STEP, total), total
    with store.conn:  # sorted in one go, because that is several times quicker
        store.execute("insert or ignore into keys select value, laid.id"
                      " from organisations laid, json_each(keys) order by 1, 2")  # fmt: skip
    return counts(store)


def _begin_anew(store: Database) -> None:
    with store.conn:
        for table, shape in READY.items():
            store.execute(f"drop table if exists {table}")
            store.execute(f"create table {table} {shape}")
        store.execute("delete from marks")
        store.execute("update rows set state = null, why = null, chosen = 0"
                      " where cells is not null")  # fmt: skip
        store.execute("update file set seen = ?", [newest()])


def newest() -> int:
    """The number of the organisation that was registered last."""
    return db.session.scalar(select(func.max(Organisation.id))) or 0


def _judge(store: Database, start: int, columns: Any, plan: Plan) -> list[tuple[str, str]]:
    """Read and compare the rows from `start` on, and write into the staging file what was found.

    Returns what must not be held, for counting.
    """
    rows = store.execute("select id, cells from rows where id >= ? and id < ? and cells is not null"
                         " order by id", (start, start + STEP)).fetchall()  # fmt: skip
    judged: dict[int, tuple[str, str | None]] = {}
    made: dict[int, Any] = {}
    refused: list[tuple[str, str]] = []
    for number, cells in rows:
        if number == 0 and plan.headed:
            judged[0] = "heading", None
            continue
        try:
            made[number] = read_row(json.loads(cells), columns, plan)
        except Refusal as refusal:
            judged[number] = BAD, said_by(refusal, refusal.field or "")
            refused += [(refusal.rule, "file")] if isinstance(refusal, NotHeld) else []
    with store.conn:
        _lay_ready(store, made)
        found = {**_twice(store, made), **compare(made)}
        judged |= {number: found.get(number, (NEW, None)) for number in made}
        write_down(store, judged)
    return refused


def write_down(store: Database, judged: Found | dict[int, tuple[str, str | None]]) -> None:
    """Keep what was found about these rows."""
    store.conn.executemany("update rows set state = ?, why = ? where id = ?",
                           [(*found, number) for number, found in judged.items()])  # fmt: skip


def _lay_ready(store: Database, made: dict[int, Any]) -> None:
    lines: dict[str, Iterable[tuple[Any, ...]]] = {
        "organisations": (_organisation(number, entry) for number, entry in made.items()),
        "names": ((number, place, *name) for number, entry in made.items()
                  for place, name in enumerate(entry["names"])),
    }  # fmt: skip
    for table, rows in lines.items():
        marks = ", ".join("?" * (len(LAID) if table == "organisations" else 6))
        store.conn.executemany(f"insert or replace into {table} values ({marks})", rows)  # noqa: S608


def _organisation(number: int, entry: Any) -> tuple[Any, ...]:
    card = entry["card"]
    more = {
        "id": number, "public_id": public_id(), "sort_name": entry["names"][0][3],
        "districts": _listed((card["district"],) if card["district"] else ()),
        "languages": _listed(card["languages"]), "tags": _listed(card["tags"]),
        "keys": json.dumps(list(entry["keys"])),
    }  # fmt: skip
    return tuple(more[column] if column in more else card[column] for column in LAID)


@lru_cache(5000)
def _listed(texts: tuple[str, ...]) -> str:
    return json.dumps(texts)


def _twice(store: Database, made: dict[int, Any]) -> Found:
    """Rows that an earlier row of the same file has told already, by number or by name."""
    marks = [(mark, number) for number, entry in made.items() for mark in marks_of(entry)]
    fresh = store.conn.executemany("insert or ignore into marks values (?, ?)", marks).rowcount
    if fresh == len(marks):
        return {}
    held = dict(store.execute("select mark, id from marks where mark in (select value from"
                              " json_each(?))", [json.dumps([m for m, _n in marks])]))  # fmt: skip
    found: Found = {}
    for mark, number in marks:
        first = held[mark]
        if first < number and (number not in found or found[number][0] != KNOWN):
            apart = told_apart(made[number], made.get(first) or entry_of(store, first))
            line = {"line": store.table("rows").get(first)["line"]}
            if mark.startswith("#"):
                state = NEAR if apart else KNOWN
                found[number] = state, why(N_("the same number as line %(line)s of the file"), line)
            elif not apart:
                same = why(N_("the same name as line %(line)s of the file"), line)
                found.setdefault(number, (NEAR, same))
    return found


def entry_of(store: Database, number: int) -> dict[str, Any]:
    """A row as it was laid ready: the names and keys by which it is compared."""
    names = store.execute("select kind, scheme, text, folded from names where id = ? order by"
                          " place", [number]).fetchall()  # fmt: skip
    return {"card": {"name": names[0][2]}, "names": names, "near": name_keys(names[0][2])}


def compare_anew(store: Database, wanted: str) -> None:
    """Compare with whoever was registered since the check; what is near to them is left out."""
    seen, now = file_facts(store)["seen"], newest()
    if now <= seen:
        return
    for shared in _shared(seen):
        rows = store.execute(
            f"select distinct id from keys join rows using (id) where ({wanted}) and key in"  # noqa: S608
            " (select value from json_each(?))", [json.dumps(shared)])  # fmt: skip
        found = compare({row: entry_of(store, row) for (row,) in rows}, after=seen)
        with store.conn:
            write_down(store, found)
            store.conn.executemany("update rows set chosen = 0 where id = ?",
                                   [(number,) for number in found])  # fmt: skip
    with store.conn:
        store.execute("update file set seen = ?", [now])


def _shared(seen: int) -> Iterator[list[str]]:
    """The keys of those who came later, without single words, some at a time."""
    keys = iter(db.session.scalars(
        select(NameKey.key).where(NameKey.organisation_id > seen, ~NameKey.key.startswith(WORD))
        .distinct()))  # fmt: skip
    while batch := list(islice(keys, 10 * STEP)):
        yield batch
