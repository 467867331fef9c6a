"""Many organisations at once: a file is staged, checked row by row, and applied in one transaction.

The staging file lies in `instance/staging/`, outside the database, and is gone after a day. What
takes long (reading, folding, comparing) is done in the check, so that applying only writes.
"""

import hashlib
import json
import re
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO

from flask import current_app
from sqlalchemy import or_, select
from sqlite_utils import Database

from partners.access.rules import Actor, require
from partners.access.table import Permission as P
from partners.accounts.models import Account
from partners.ground.db import db, public_id
from partners.ground.refusals import Refusal
from partners.ground.text import safe_filename
from partners.ground.words import N_
from partners.jobs.models import Job
from partners.jobs.runner import ask_to_stop, put
from partners.registry import reading
from partners.registry.comparing import KNOWN, NEAR
from partners.registry.rows import is_heading

CHECK, APPLY = "registry.import.check", "registry.import.apply"
# On SQLite nobody else writes while they are copied: well below the thirty seconds that they wait.
MOST_ROWS = 250_000
NEW, BAD = "new", "bad"
GONE = N_("The file that was handed in is gone. Hand it in once more.")


def folder() -> Path:
    """Where files lie until they are applied; nobody else on this machine may read them."""
    place: Path = current_app.config["SETTINGS"].instance / "staging"
    place.mkdir(mode=0o700, parents=True, exist_ok=True)
    return place


def staged(import_id: str) -> Database | None:
    """The staging file of an import, or None when it is gone."""
    path = path_of(import_id)
    return _opened(path) if path.exists() else None


def path_of(import_id: str) -> Path:
    """Where the staging file of an import lies."""
    return folder() / f"{import_id}.sqlite"


def _opened(path: Path) -> Database:
    # A staging file that a power cut spoils is handed in again.
    store = Database(path)
    store.execute("pragma synchronous=off")
    return store


def file_facts(store: Database) -> dict[str, Any]:
    """Whose file it is, its name, source and encoding, its columns, whether it is headed."""
    return next(iter(store.table("file").rows))


def stage(upload: BinaryIO, name: str, source: str, *, by: Actor, at: datetime) -> str:
    """Read a file into a staging file of its own; the id of the import. Raises Refusal."""
    require(by, P.ORGANISATION_IMPORT)
    import_id = public_id()
    raw, path = (folder() / f"{import_id}.{ending}" for ending in ("raw", "new"))
    try:
        reading.unpack(upload, raw)
        path.touch(mode=0o600)
        store = _opened(path)
        with raw.open("rb") as file:
            fingerprint = hashlib.file_digest(file, "sha256").hexdigest()
        _fill(store, reading.look(raw), {"owner": by.id, "name": safe_filename(name)[:120],
                                         "source": source, "at": at.isoformat(),
                                         "fingerprint": fingerprint})  # fmt: skip
        store.close()
        path.replace(path.with_suffix(".sqlite"))
    finally:
        raw.unlink(missing_ok=True)
        path.unlink(missing_ok=True)
    return import_id


def _fill(store: Database, sheet: reading.Sheet, facts: dict[str, Any]) -> None:
    rows = ({"id": number, "line": line, **_cells(row)}
            for number, (line, row) in enumerate(_bounded(reading.rows(sheet))))  # fmt: skip
    store.table("rows").create({"id": int, "line": int, "cells": str, "state": str, "why": str,
                          "chosen": int}, pk="id")  # fmt: skip
    store.table("rows").insert_all(rows, batch_size=500)
    store.table("rows").create_index(["state", "id"])
    store.table("marks").create({"mark": str, "id": int}, pk="mark")
    first = [json.loads(row["cells"]) for row in islice(store.table("rows").rows_where(
        "cells is not null", order_by="id"), 300)]  # fmt: skip
    headed = bool(sheet.delimiter) and is_heading(first[0] if first else [])
    if store.table("rows").count <= headed or not first:
        raise Refusal(N_("This file has a heading and no rows below it."), field="file")
    columns = json.dumps(_columns(first, sheet, headed))
    more = {"sheet": bool(sheet.delimiter), "headed": headed, "encoding": sheet.encoding}
    store.table("file").insert({**facts, **more, "seen": 0, "columns": columns})


def _bounded(rows: Iterable[tuple[int, Any]]) -> Iterator[tuple[int, Any]]:
    for number, row in enumerate(rows):
        if number > MOST_ROWS:
            raise Refusal(N_("Split this file: at most %(most)d rows are taken at once."),
                          most=MOST_ROWS, field="file")  # fmt: skip
        yield row


def _cells(row: Any) -> dict[str, Any]:
    if isinstance(row, Refusal):
        return {"cells": None, "state": BAD, "why": said_by(row)}
    return {"cells": json.dumps(row), "state": None, "why": None}


def said_by(refusal: Refusal, field: str = "") -> str:
    return json.dumps({"field": field, "said": [[refusal.sentence, refusal.facts]]}, default=str)


def _columns(first: list[Any], sheet: reading.Sheet, headed: bool) -> list[dict[str, Any]]:
    """Each column with its path, its label and a few of its values."""
    if not sheet.delimiter:
        return [{"path": path, "label": _label(path), "samples": _samples(first, path)}
                for path in reading.paths(first)]  # fmt: skip
    return [{"path": [str(place)], "label": first[0][place] if headed else "",
             "samples": _samples(first[headed:], (str(place),))}
            for place in range(max(map(len, first[:1])))]  # fmt: skip


def _label(path: Sequence[Any]) -> str:
    return ".".join(step if isinstance(step, str) else f"[{step[1]}]" for step in path)


def _samples(rows: list[Any], path: Any) -> list[str]:
    values = (text.strip() for row in rows for text in reading.pick(row, path))
    return [shown(value) for value in islice(dict.fromkeys(filter(None, values)), 3)]


def shown(text: str, most: int = 60) -> str:
    """A text from a file as it can be put on a page, shortened; damaged letters become marks."""
    safe = re.sub(r"[\x00-\x1f\x7f-\x9f\ud800-\udfff\u202a-\u202e\u2066-\u2069]", "\ufffd", text)
    return safe if len(safe) <= most else f"{safe[:most]}…"


def importer(job: Job) -> Actor:
    """Who asked for this work, with the rights of today."""
    actor = db.session.get_one(Account, job.created_by).actor
    require(actor, P.ORGANISATION_IMPORT)
    return actor


def bare(store: Database) -> str:
    """The columns of the file without samples of what stood in them."""
    columns = json.loads(file_facts(store)["columns"])
    return json.dumps([{**column, "samples": []} for column in columns])


# What the pages ask


def counts(store: Database) -> dict[str, int]:
    """How many rows are new, near, known and bad."""
    told = dict(store.execute("select state, count(*) from rows group by state").fetchall())
    return {state: told.get(state, 0) for state in (NEW, NEAR, KNOWN, BAD)}


def newest_job(import_id: str) -> Job | None:
    """The latest work on an import."""
    mine = Job.key.like(f"import:{import_id}:%")
    return db.session.scalars(select(Job).where(mine).order_by(Job.created_at.desc())).first()


def ask_to_check(
    import_id: str, targets: Sequence[str], *, usual: str, because: str, headed: bool, by: Actor
) -> None:
    """Have every row read with these columns; a second press while it runs has no effect."""
    require(by, P.ORGANISATION_IMPORT)
    store, before = staged(import_id), newest_job(import_id)
    if store is None:
        raise Refusal(GONE)
    file = file_facts(store)["fingerprint"]
    key = f"import:{import_id}:check:{before.id if before else ''}"
    put(CHECK, key=key, by=by.id, targets=list(targets), usual=usual, because=because,
        headed=headed, file=file, counts=not _counted(file), **{"import": import_id})  # fmt: skip


def _counted(file: str) -> bool:
    """Whether what this file must not hold is counted already: read again, it is counted once."""
    begun = or_(Job.done > 0, Job.state.in_(("queued", "running")))
    same = select(Job.id).where(Job.kind == CHECK, Job.args["file"].as_string() == file, begun)
    return db.session.scalars(same).first() is not None


def ask_to_apply(
    import_id: str, near: str, ticked: Sequence[int], checked: Job, *, by: Actor
) -> None:
    """Have the new rows entered, and of the near ones none, all or those that were ticked."""
    require(by, P.ORGANISATION_IMPORT)
    store = staged(import_id)
    if store is None:
        raise Refusal(GONE)
    with store.conn:
        store.execute("update rows set chosen = ?", [near == "all"])
        if near == "some":
            store.conn.executemany("update rows set chosen = 1 where id = ?",
                                   [(number,) for number in ticked])  # fmt: skip
    put(APPLY, key=f"import:{import_id}:apply:{checked.id}", by=by.id,
        source=file_facts(store)["source"], **{"import": import_id})  # fmt: skip


def stop(job: Job, *, by: Actor) -> bool:
    """Ask the work on an import to stop."""
    require(by, P.ORGANISATION_IMPORT)
    return ask_to_stop(job.id)


def found(
    store: Database, state: str, limit: int | None = None, offset: int = 0
) -> Iterator[dict[str, Any]]:
    """Rows in one state, in the order of the file: line, name, why, cells, whether chosen."""
    ready = store.table("organisations").exists()
    for row in store.table("rows").rows_where("state = ?", (state,), order_by="id", limit=limit,
                                        offset=offset or None):  # fmt: skip
        card, numbers = _ready(store, row["id"]) if ready else ({}, [])
        name = card.get("name") or shown(" · ".join(filter(None, pick_all(row["cells"]))))
        yield {**row, "why": json.loads(row["why"] or "{}"), "name": name, "numbers": numbers,
               "card": card}  # fmt: skip


def _ready(store: Database, number: int) -> tuple[dict[str, Any], list[str]]:
    """A row as it would be entered: its card, and its numbers with their registers."""
    card = next(iter(store.table("organisations").rows_where("id = ?", [number])), {})
    lists = {name: json.loads(card[name]) for name in ("languages", "tags") if card}
    numbers = store.execute("select scheme || '-' || text from names where id = ? and scheme != ''"
                            " order by place", [number])  # fmt: skip
    return {**card, **lists}, [text for (text,) in numbers]


def pick_all(cells: str | None) -> list[str]:
    row = json.loads(cells or "null")
    return [text for path in reading.paths([row]) for text in reading.pick(row, path)]


def cells_of(row: dict[str, Any], columns: Sequence[Any]) -> list[str]:
    """A row as it was handed in, a text for each column; what a page cannot hold becomes marks."""
    cells = json.loads(row["cells"] or "null")
    texts = ("; ".join(reading.pick(cells, tuple(column["path"]))) for column in columns)
    return [shown(text, 32_000) for text in texts]


def rest(store: Database) -> int:
    """How many rows were not added."""
    return store.table("rows").count_where(
        "state in ('bad', 'known') or (state = 'near' and not chosen)"
    )
