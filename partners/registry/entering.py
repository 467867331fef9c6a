"""The second half of the work on an import: what was laid ready is entered, all of it or nothing.

Entering is one step, because it is one transaction: a worker that is killed in it leaves nothing,
and the next one begins it anew. It only copies, so that others can write again soon.
"""

import json
from collections.abc import Iterable, Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

from sqlalchemy import ColumnDefault, func, select

from partners.access.rules import Actor
from partners.accounts.models import Account
from partners.ground import clock
from partners.ground.clock import day_of
from partners.ground.db import db
from partners.history.actions import record
from partners.jobs.models import Job
from partners.jobs.runner import Jobs, Steps, progress, put
from partners.registry.actions import next_reference, take_turn
from partners.registry.checking import LAID, READY, check, compare_anew, newest
from partners.registry.imports import (
    APPLY,
    CHECK,
    GONE,
    Database,
    bare,
    counts,
    file_facts,
    folder,
    importer,
    path_of,
    staged,
)
from partners.registry.models import Organisation

CLEAR, KEPT = "registry.import.clear", timedelta(days=1)
TOLD_EVERY = 50_000
_LARGE = 50_000  # pages of 4 KB
_WANTED = "state = 'new' or (state = 'near' and chosen = 1)"


def announce(jobs: Jobs) -> None:
    """Say which kinds of work this room does."""
    jobs.kind(CHECK, check)
    jobs.kind(APPLY, apply)
    jobs.kind(CLEAR, clear)
    jobs.kind("registry.import.sweep", sweep, every_minute=True)


def apply(job: Job) -> Steps:
    """Enter the new rows, and the near ones that were chosen, in one transaction.

    Whoever was registered since the check is compared first, and once more when nobody else can
    write any more.
    """
    store = staged(job.args["import"])
    if store is None:
        return {"trouble": GONE}
    by, at = importer(job), clock.now()
    compare_anew(store, _WANTED)
    _make_room()
    take_turn()
    compare_anew(store, _WANTED)
    number = _enter(store, job, by, at)
    facts = file_facts(store)
    outcome = {"added": number, **counts(store), "file": facts["name"], "source": facts["source"]}
    record("organisations.imported", db.session.get_one(Account, by.id), by=by, at=at, **outcome)
    put(CLEAR, key=f"import.clear:{job.args['import']}", **{"import": job.args["import"]})
    return outcome
    yield  # so that this is work in steps


def _make_room() -> None:
    """SQLite holds much in memory, because a full cache is written early, and from then on nobody
    can read till the end. The connection ends with the transaction, so the next one is as usual.
    """
    db.session.rollback()
    connection = db.session.connection()
    if connection.dialect.name == "sqlite":
        connection.detach()
        # Heard only between two transactions, so the one that was just opened is opened again.
        for statement in ("rollback", f"pragma cache_size = {_LARGE}", "begin immediate"):
            connection.exec_driver_sql(statement)


def _enter(store: Database, job: Job, by: Actor, at: datetime) -> int:
    """Copy the rows that are wanted, numbered from the next number on. Returns how many."""
    total, most = store.execute(f"select count(*), max(id) from rows where {_WANTED}").fetchone()  # noqa: S608
    if not total:
        return 0
    _letter, year, first = next_reference(at=at).split("-")
    known = {
        "base": _numbers(most + 1), "at": _moment(at), "by": by.id, "by_name": by.name,
        "side": by.side, "day": day_of(at).isoformat(), "source": job.args["source"], "job": job.id,
        "year": year, "first": int(first) - 1,
    }  # fmt: skip
    driver: Any = db.session.connection().connection.dbapi_connection
    reader = driver if db.engine.dialect.name == "sqlite" else store.conn
    for statement in _NUMBERED:
        reader.execute(statement, {"file": str(path_of(job.args["import"]))})
    for done, (into, said) in enumerate(_copies()):
        progress(job, done * total, 4 * total)
        if reader is driver:  # within SQLite itself, because Python would double the time
            driver.execute(f"insert into main.{into} {said}", known)
        else:
            _copy(driver, into, _telling(reader.execute(said, known), job, done * total, 4 * total))
    return total


def _numbers(count: int) -> int:
    """The number before the first of `count` that belong to this import alone."""
    if db.engine.dialect.name == "sqlite":
        return newest()
    sequence = func.pg_get_serial_sequence("organisations", "id")
    each = select(func.nextval(sequence).label("number")).select_from(
        func.generate_series(1, count).alias("every")).subquery()  # fmt: skip
    return (db.session.scalar(select(func.min(each.c.number))) or 1) - 1


def _moment(at: datetime) -> str:
    """A moment as each database keeps it."""
    zone = "" if db.engine.dialect.name == "sqlite" else "+00"
    return f"{at.astimezone(UTC):%Y-%m-%d %H:%M:%S.%f}{zone}"


_ROWS = f"select id, row_number() over (order by id) as nth from laid.rows where {_WANTED}"  # noqa: S608
_NUMBERED = (
    "attach :file as laid",
    f"create temp table wanted as {_ROWS}",
    "create unique index temp.one on wanted (id)",
)
_REFERENCE = "'O-' || :year || '-' || printf('%05d', :first + nth)"


# What no list tells is as the model has it for a new organisation.
_DEFAULTS = {
    column.name: f"'{json.dumps([])}'" if column.default.is_callable else repr(column.default.arg)
    for column in Organisation.__table__.columns
    if isinstance(column.default, ColumnDefault)
}


def _copies() -> Iterator[tuple[str, str]]:
    """Each table with its columns, and the statement on the staging file that makes its rows.

    Keys come in the order of their index, because that is several times quicker.
    """
    own = LAID[1:-1]
    organisation = {
        **_DEFAULTS,
        **{name: name for name in own}, "id": ":base + id + 1", "reference": _REFERENCE,
        "purpose_by": "iif(purpose = '', '', :side)", "purpose_on": "iif(purpose = '', null, :day)",
        "registered_at": ":at", "registered_by": ":by",
    }  # fmt: skip
    name = {"organisation_id": ":base + id + 1", "kind": "kind", "scheme": "scheme",
            "text": "text", "folded": "folded"}  # fmt: skip
    key = {"key": "key", "organisation_id": ":base + id + 1"}
    facts = f"json_object('reference', {_REFERENCE}, 'source', :source, 'import', :job)"
    line = {"at": ":at", "by_id": ":by", "by_name": ":by_name", "by_side": ":side",
            "what": "'organisation.registered'", "on_kind": "'organisations'",
            "on_id": ":base + id + 1", "organisation_id": ":base + id + 1",
            "facts": facts}  # fmt: skip
    for table, columns, source in (
        ("organisations", organisation, "laid.organisations join wanted using (id) order by id"),
        ("names", name, "laid.names join wanted using (id) order by id, place"),
        ("name_keys", key, "laid.keys join wanted using (id) order by key, id"),
        ("history", line, "wanted order by id"),
    ):
        said = f"select {', '.join(columns.values())} from {source}"  # noqa: S608
        yield f"{table} ({', '.join(columns)})", said


def _telling(rows: Iterable[Any], job: Job, done: int, total: int) -> Iterator[Any]:
    """The same rows; every so often it is said how far this has come, and whether to stop."""
    for number, row in enumerate(rows):
        if number and number % TOLD_EVERY == 0:
            progress(job, done, total)
        yield row


def _copy(driver: Any, into: str, rows: Iterable[Any]) -> None:
    with driver.cursor() as cursor, cursor.copy(f"copy {into} from stdin") as copy:
        for row in rows:
            copy.write_row(row)


def clear(job: Job) -> None:
    """Take out of the staging file what is in the register now; the rest stays for a day."""
    store = staged(job.args["import"])
    if store is not None:
        with store.conn:
            for table in READY:
                store.execute(f"drop table if exists {table}")
            store.execute(f"delete from rows where {_WANTED}")  # noqa: S608
            store.execute("delete from marks")
            store.execute("update file set columns = ?", [bare(store)])
        store.vacuum()


def sweep(_job: Job) -> None:
    """Throw away staging files that are older than a day."""
    limit = (clock.now() - KEPT).timestamp()
    for path in folder().iterdir():
        if path.stat().st_mtime < limit:
            path.unlink(missing_ok=True)
