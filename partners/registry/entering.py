"""The work on an import: every row read and compared, then the new ones entered together.

The check writes to the staging file only, some rows a step. Entering is one step, because it is one
transaction: a worker that is killed in it leaves nothing, and the next one begins it anew.
"""

import json
from collections.abc import Sequence
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from psycopg.types.json import Json
from sqlalchemy import func, insert, select

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.db import db, public_id
from partners.ground.refusals import Refusal
from partners.ground.words import N_
from partners.history.actions import lines_of, record
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, progress, put
from partners.matching.names import fold
from partners.registry.actions import next_references, take_turn
from partners.registry.comparing import KNOWN, NEAR, compare, marks_of, told_apart, why
from partners.registry.imports import (
    APPLY,
    BAD,
    CHECK,
    GONE,
    NEW,
    Database,
    counts,
    file_facts,
    folder,
    said_by,
    staged,
)
from partners.registry.models import Name, NameKey, Organisation
from partners.registry.rows import Plan, read_row

CLEAR, KEPT, STEP = "registry.import.clear", timedelta(days=1), 200
_WANTED = "state = 'new' or (state = 'near' and chosen = 1)"


def _judge(store: Database, start: int, columns: Any, plan: Plan) -> None:
    """Read and compare the rows from `start` on, and write into the staging file what was found."""
    rows = list(store.table("rows").rows_where("id >= ? and id < ? and cells is not null",
                                         (start, start + STEP), order_by="id"))  # fmt: skip
    judged: dict[int, tuple[str, str | None, str | None]] = {}
    made: dict[int, Any] = {}
    for row in rows:
        if row["id"] == 0 and plan.headed:
            judged[0] = "heading", None, None
            continue
        try:
            made[row["id"]] = read_row(json.loads(row["cells"]), columns, plan)
        except Refusal as refusal:
            judged[row["id"]] = BAD, said_by(refusal, refusal.field or ""), None
    found = {**_twice(store, made), **compare(made)}
    for number, entry in made.items():
        state, reason = found.get(number, (NEW, None))
        judged[number] = state, reason, json.dumps(entry)
    _write_down(store, judged)


def _write_down(store: Database, judged: dict[int, tuple[str, str | None, str | None]]) -> None:
    with store.conn:
        store.conn.executemany(
            "update rows set state = ?, why = ?, made = coalesce(?, made) where id = ?",
            [(*found, number) for number, found in judged.items()],
        )


def _twice(store: Database, made: dict[int, Any]) -> dict[int, tuple[str, str]]:
    """Rows that an earlier row of the same file has told already, by number or by name."""
    marks = [(mark, number) for number, entry in made.items() for mark in marks_of(entry)]
    with store.conn:
        store.conn.executemany("insert or ignore into marks values (?, ?)", marks)
    held = dict(store.execute("select mark, id from marks where mark in (select value from"
                              " json_each(?))", [json.dumps([m for m, _n in marks])]))  # fmt: skip
    found: dict[int, tuple[str, str]] = {}
    for mark, number in marks:
        first = held[mark]
        if first < number and (number not in found or found[number][0] != KNOWN):
            told = store.table("rows").get(first)
            entry = made.get(first) or json.loads(told["made"])
            apart = told_apart(made[number], entry)
            line = {"line": told["line"]}
            if mark.startswith("#"):
                state = NEAR if apart else KNOWN
                found[number] = state, why(N_("the same number as line %(line)s of the file"), line)
            elif not apart:
                same = why(N_("the same name as line %(line)s of the file"), line)
                found.setdefault(number, (NEAR, same))
    return found


def announce(jobs: Jobs) -> None:
    """Say which kinds of work this room does."""
    jobs.kind(CHECK, check)
    jobs.kind(APPLY, apply)
    jobs.kind(CLEAR, clear)
    jobs.kind("registry.import.sweep", sweep, every_minute=True)


def _by(job: Job) -> Actor:
    """Who asked for it, with the rights of today."""
    actor = db.session.get_one(Account, job.created_by).actor
    require(actor, P.ORGANISATION_IMPORT)
    return actor


def check(job: Job) -> Steps:
    """Read every row with the chosen columns and compare it; writes only to the staging file."""
    store = staged(job.args["import"])
    if store is None:
        return {"trouble": GONE}
    _by(job)
    plan = Plan(tuple(job.args["targets"]), job.args["usual"], job.args["because"],
                job.args["headed"])  # fmt: skip
    columns = json.loads(file_facts(store)["columns"])
    total = store.table("rows").count
    if job.done == 0:
        _begin_anew(store)
    db.session.rollback()
    for start in range(job.done, total, STEP):
        _judge(store, start, columns, plan)
        yield min(start + STEP, total), total
    return counts(store)


def _begin_anew(store: Database) -> None:
    with store.conn:
        store.execute("delete from marks")
        store.execute("update rows set state = null, why = null, made = null, chosen = 0"
                      " where cells is not null")  # fmt: skip
        store.execute("update file set seen = ?", [_newest()])


def _newest() -> int:
    return db.session.scalar(select(func.max(Organisation.id))) or 0


def apply(job: Job) -> Steps:
    """Enter the new rows, and the near ones that were chosen, in one transaction.

    Whoever was registered since the check is compared first; what is near to them is left out.
    """
    store = staged(job.args["import"])
    if store is None:
        return {"trouble": GONE}
    _spill_nothing()
    by = _by(job)
    take_turn()
    if (newest := _newest()) > file_facts(store)["seen"]:
        _compare_anew(job, store, newest)
    total, done, at = store.table("rows").count_where(_WANTED), 0, clock.now()
    references = iter(next_references(total, at=at))
    wanted = store.table("rows").rows_where(_WANTED, order_by="id")
    while batch := [json.loads(row["made"]) for row in islice(wanted, 1000)]:
        _enter(batch, list(islice(references, len(batch))), job, by, at)
        done += len(batch)
        progress(job, done, total)
    facts = file_facts(store)
    outcome = {"added": done, **counts(store), "file": facts["name"], "source": facts["source"]}
    record("organisations.imported", db.session.get_one(Account, by.id), by=by, at=at, **outcome)
    put(CLEAR, key=f"import.clear:{job.args['import']}", **{"import": job.args["import"]})
    return outcome
    yield  # so that this is work in steps


def _spill_nothing() -> None:
    """On SQLite a full cache is written early, and from then on nobody can read till the end."""
    db.session.rollback()
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        # Heard only between two transactions, so the one that was just opened is opened again.
        for statement in ("rollback", "pragma cache_spill = off", "begin immediate"):
            connection.exec_driver_sql(statement)


def _compare_anew(job: Job, store: Database, newest: int) -> None:
    seen, wanted = file_facts(store)["seen"], store.table("rows").rows_where(_WANTED, order_by="id")
    found: dict[int, tuple[str, str]] = {}
    while batch := {row["id"]: json.loads(row["made"]) for row in islice(wanted, STEP)}:
        found |= compare(batch, after=seen)
        progress(job, 0, 0)
    _write_down(store, {number: (*what, None) for number, what in found.items()})
    with store.conn:
        store.conn.executemany("update rows set chosen = 0 where id = ?", [(n,) for n in found])
        store.execute("update file set seen = ?", [newest])


def _enter(batch: list[Any], references: Sequence[str], job: Job, by: Actor, at: datetime) -> None:
    rows = [_organisation(made["card"], reference, by, at)
            for made, reference in zip(batch, references, strict=True)]  # fmt: skip
    table: Any = Organisation.__table__
    ids = db.session.scalars(
        insert(table).returning(table.c.id, sort_by_parameter_order=True),
        rows,  # type: ignore[arg-type]
    ).all()
    numbered = list(zip(ids, batch, references, strict=True))
    _enter_all(Name, [
        {"organisation_id": i, "kind": kind, "scheme": scheme, "text": told, "folded": folded}
        for i, made, _r in numbered for kind, scheme, told, folded in made["names"]])  # fmt: skip
    # In the order of the index, because that is several times quicker.
    keys = sorted((key, i) for i, made, _r in numbered for key in made["keys"])
    _enter_all(NameKey, [{"key": key, "organisation_id": i} for key, i in keys])
    facts = [{"reference": reference, "source": job.args["source"], "import": job.id}
             for reference in references]  # fmt: skip
    _enter_all(*lines_of("organisation.registered", "organisations", ids, facts, by=by, at=at))


def _enter_all(model: Any, rows: list[dict[str, Any]]) -> None:
    connection = db.session.connection()
    if connection.dialect.name != "postgresql":
        connection.execute(insert(model), rows)
        return
    # PostgreSQL takes its time for each statement, and none for a line that is copied.
    names = list(rows[0])
    driver: Any = connection.connection.driver_connection
    with driver.cursor() as cursor:
        said = f"copy {model.__tablename__} ({', '.join(names)}) from stdin"
        with cursor.copy(said) as copy:
            for row in rows:
                cells = (Json(cell) if isinstance(cell, dict) else cell for cell in row.values())
                copy.write_row(list(cells))


def _organisation(card: Any, reference: str, by: Actor, at: datetime) -> dict[str, Any]:
    told = {key: card[key] for key in _AS_TOLD}
    return {
        **told, "public_id": public_id(), "reference": reference, "sort_name": fold(card["name"]),
        "purpose_by": by.side if card["purpose"] else "",
        "purpose_on": at.date() if card["purpose"] else None,
        "districts": [card["district"]] if card["district"] else [],
        "please_avoid": [], "level": "", "registered_at": at, "registered_by": by.id,
        "invented": False, "version": 1,
    }  # fmt: skip


_AS_TOLD = (
    "name", "kind", "legal_form", "not_registered_because", "purpose", "district", "website",
    "email", "telephone", "languages", "tags",
)  # fmt: skip


def clear(job: Job) -> None:
    """Take out of the staging file what is in the register now; the rest stays for a day."""
    store = staged(job.args["import"])
    if store is not None:
        with store.conn:
            store.execute(f"delete from rows where {_WANTED}")  # noqa: S608
            store.execute("delete from marks")
            columns = json.loads(file_facts(store)["columns"])
            bare = json.dumps([{**column, "samples": []} for column in columns])
            store.execute("update file set columns = ?", [bare])
        store.vacuum()


def sweep(_job: Job) -> None:
    """Throw away staging files that are older than a day."""
    limit = (clock.now() - KEPT).timestamp()
    for path in folder().iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
