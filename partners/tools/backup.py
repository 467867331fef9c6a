"""`partners backup` and `partners restore`: one archive of the database and of the files.

The database is copied first, the files after it. A file is written before its row is committed, so
every row of the copy has its file, unless the file was destroyed in between as not ours to hold;
then the copy is made anew, because a backup must not know a paper that the house has forgotten.
"""

import argparse
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import tarfile
import tempfile
from collections.abc import Iterator
from contextlib import closing, suppress
from pathlib import Path
from typing import Any

from flask import Flask
from sqlalchemy import inspect, text

from partners.app import create_app
from partners.ground import clock
from partners.ground.db import UnsafeDatabase, db
from partners.tools.database import migrate_up

MANIFEST, DATABASE, FILES = "manifest.json", "database", "files"
TRIES = 5
FILTER: dict[str, Any] = {"filter": "data"} if hasattr(tarfile, "data_filter") else {}
NAMED = (
    "select fingerprint from uploads where destroyed_at is null"
    " union select fingerprint from papers where fingerprint != ''"
    " union select fingerprint from seals where fingerprint != '' and cleared_on is null"
)


class BadArchive(UnsafeDatabase):
    """The archive is not whole, or does not fit what it is restored into."""


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners backup`, `partners restore`"""
    save = commands.add_parser("backup", help="write database and files into one archive")
    save.add_argument("file", type=Path)
    save.set_defaults(run=lambda c: print(backup(create_app(), c.file)))
    load = commands.add_parser("restore", help="bring an archive back; stop the server first")
    load.add_argument("file", type=Path)
    load.add_argument("--replace", action="store_true", help="replace what is there")
    load.set_defaults(run=lambda c: print(restore(create_app(), c.file, replace=c.replace)))


def backup(app: Flask, target: Path) -> str:
    """Write the archive under writes; it appears under its name only when it is whole."""
    if target.exists():
        raise BadArchive(f"{target} is already there")
    files = app.config["SETTINGS"].instance / FILES
    with app.app_context(), tempfile.TemporaryDirectory(dir=target.parent.absolute()) as folder:
        whole = Path(folder) / "archive"
        count = _pack(_copied(files, Path(folder)), whole)
        os.chmod(whole, 0o600)
        os.replace(whole, target)
    return f"{target}: the database and {count} files"


def _copied(files: Path, folder: Path) -> Path:
    for number in range(TRIES):
        work = folder / f"{number}"
        work.mkdir()
        named = _copy_database(work / DATABASE)
        if files.exists():
            # Names that begin with a dot are files that are still being written.
            unfinished = shutil.ignore_patterns(".*")
            shutil.copytree(files, work / FILES, ignore=unfinished, copy_function=_copy)
        if named <= {path.name for path in work.rglob("*")}:
            return work
        shutil.rmtree(work)
    raise BadArchive("rows of the database name files that are not there")


def _copy(source: str, target: str) -> None:
    with suppress(FileNotFoundError):  # destroyed meanwhile; the caller sees if a row names it
        shutil.copyfile(source, target)


def _copy_database(target: Path) -> set[str]:
    """Copy the database as one moment saw it. Returns the fingerprints that its rows name."""
    if db.engine.dialect.name == "sqlite":
        place = str(db.engine.url.database)
        with closing(sqlite3.connect(place, timeout=30)) as source, \
                closing(sqlite3.connect(target)) as copy:  # fmt: skip
            source.backup(copy)
            return {name for (name,) in copy.execute(NAMED)}
    with db.engine.connect().execution_options(isolation_level="REPEATABLE READ") as moment:
        snapshot = moment.execute(text("select pg_export_snapshot()")).scalar_one()
        _tool("pg_dump", "-Fc", f"--snapshot={snapshot}", "--no-owner", "--no-acl", "-f", target)
        return set(moment.execute(text(NAMED)).scalars())


def _tool(name: str, *arguments: str | Path) -> None:
    """Run a program of PostgreSQL. The password goes by the environment, out of sight."""
    found = Path("/usr/lib/postgresql").glob(f"*/bin/{name}")
    newest = max(found, key=lambda path: float(path.parts[4]), default=None)
    program = newest or shutil.which(name)
    if not program:
        raise BadArchive(f"{name} is not installed; install postgresql-client")
    url = db.engine.url
    told = {
        "PGHOST": url.host or url.query.get("host"), "PGPORT": url.port, "PGUSER": url.username,
        "PGPASSWORD": url.password, "PGDATABASE": url.database,
    }  # fmt: skip
    env = {**os.environ, **{key: str(value) for key, value in told.items() if value}}
    done = subprocess.run([program, *arguments], env=env, capture_output=True, text=True)
    if done.returncode:
        raise BadArchive(f"{name}: {done.stderr.strip()}")


def _members(folder: Path) -> Iterator[tuple[str, Path]]:
    return ((p.relative_to(folder).as_posix(), p) for p in sorted(folder.rglob("*")) if p.is_file())


def _prints(folder: Path) -> dict[str, str]:
    prints = {}
    for name, path in _members(folder):
        with path.open("rb") as file:
            prints[name] = hashlib.file_digest(file, "sha256").hexdigest()
    return prints


def _pack(work: Path, target: Path) -> int:
    prints = _prints(work)
    facts = {"made_at": clock.now().isoformat(), "kind": db.engine.dialect.name, "sha256": prints}
    (work / MANIFEST).write_text(json.dumps(facts, indent=1))
    with tarfile.open(target, "w:gz", compresslevel=3) as archive:
        for name, path in _members(work):
            archive.add(path, name)
    return len(prints) - 1


def restore(app: Flask, source: Path, *, replace: bool = False) -> str:
    """Bring an archive back, after every fingerprint was checked; then migrate and check guards."""
    settings = app.config["SETTINGS"]
    settings.instance.mkdir(parents=True, exist_ok=True)
    with app.app_context(), tempfile.TemporaryDirectory(dir=settings.instance) as folder:
        facts = unpack(source, Path(folder))
        if facts["kind"] != db.engine.dialect.name:
            raise BadArchive(f"this archive is of a {facts['kind']} database")
        if not replace and (_holds_something() or any(_members(settings.instance / FILES))):
            raise BadArchive("there is something here already; say --replace to replace it")
        _put_database(Path(folder) / DATABASE)
        _put_files(Path(folder) / FILES, settings.instance / FILES)
    migrate_up(app)
    return f"{source}: restored as it was at {facts['made_at']}"


def _plain(member: tarfile.TarInfo, folder: Path) -> bool:
    inside = (folder / member.name).resolve().is_relative_to(folder.resolve())
    return inside and (member.isfile() or member.isdir())


def unpack(source: Path, folder: Path) -> dict[str, object]:
    """Unpack an archive and refuse it if a single byte differs from its manifest."""
    try:
        with tarfile.open(source) as archive:
            # Python before 3.11.4 knows no filter; our archives hold plain files only.
            if not all(_plain(one, folder) for one in archive):
                raise BadArchive(f"{source} holds what is no plain file of ours")
            archive.extractall(folder, **FILTER)  # noqa: S202  every member was looked at
        facts = json.loads((folder / MANIFEST).read_text())
        found = {name: mark for name, mark in _prints(folder).items() if name != MANIFEST}
    except (OSError, EOFError, ValueError, tarfile.TarError) as error:
        raise BadArchive(f"{source} cannot be read: {error}") from error
    if found != facts["sha256"]:
        raise BadArchive(f"{source} was changed or is not whole")
    return facts


def _holds_something() -> bool:
    if not inspect(db.engine).has_table("municipality"):
        return False
    with db.engine.connect() as connection:
        return bool(connection.execute(text("select count(*) from municipality")).scalar())


def _put_database(copy: Path) -> None:
    place = str(db.engine.url.database)
    db.session.remove()
    if db.engine.dialect.name == "sqlite":
        db.engine.dispose()
        # First beside it, because until then the database that is there keeps all it has.
        beside = shutil.move(copy, f"{place}.restored")
        for rest in ("-wal", "-shm", "-journal"):
            Path(f"{place}{rest}").unlink(missing_ok=True)
        os.replace(beside, place)
        return
    _tool("pg_restore", "--list", "-f", os.devnull, copy)
    with db.engine.begin() as connection:
        connection.execute(text("drop schema public cascade"))
        connection.execute(text("create schema public"))
    options = ("--no-owner", "--no-acl", "--exit-on-error", "--single-transaction")
    _tool("pg_restore", *options, "-d", place, copy)


def _put_files(copy: Path, target: Path) -> None:
    old = target.with_name(f"{FILES}.before-restore")
    shutil.rmtree(old, ignore_errors=True)
    if target.exists():
        os.replace(target, old)
    if copy.exists():
        os.replace(copy, target)
    shutil.rmtree(old, ignore_errors=True)
