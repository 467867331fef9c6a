"""Migrations, and what must hold after them.

Alembic is imported only where something migrates, because web processes would carry it for nothing.
"""

import argparse
import logging
import sqlite3
from collections.abc import Iterator
from pathlib import Path

from flask import Flask, current_app
from sqlalchemy import inspect, text

from partners import create_app
from partners.ground.db import Table, UnsafeDatabase, db
from partners.history.models import APPEND_ONLY, guard_ddl

APP_ROLE = "partners_app"
FOLDER = str(Path(__file__).parent.parent / "migrations")


def add_commands(commands: "argparse._SubParsersAction[argparse.ArgumentParser]") -> None:
    """`partners migrate`"""
    migrate = commands.add_parser("migrate", help="bring the database to the newest form")
    migrate.set_defaults(run=lambda _chosen: migrate_up(create_app()))


def migrate_up(app: Flask, to: str = "head") -> None:
    """Migrate forward on a connection of its own; on SQLite after an online copy, then check."""
    with app.app_context():
        if db.engine.dialect.name == "sqlite":
            _copy_first()
        elif not _owned() and _waits():
            raise UnsafeDatabase("the database is of an earlier version: let its owner run"
                                 " `partners migrate`, then serve again")  # fmt: skip
        run("upgrade", to)
        _grant()
        check_guards()


def run(step: str, to: str) -> None:
    """Upgrade or downgrade, without a look at what was there; see `migrate_up`."""
    import flask_migrate

    logging.getLogger("alembic").setLevel(logging.WARNING)
    db.session.remove()
    db.engine.dispose()
    flask_migrate.Migrate(current_app, db, directory=FOLDER, render_as_batch=True)
    getattr(flask_migrate, step)(revision=to)


def _copy_first() -> None:
    """An online copy beside the database, so that a migration that goes wrong loses nothing."""
    name = db.engine.url.database
    if not name or not Path(name).exists() or not _waits():
        return
    with sqlite3.connect(name) as source, sqlite3.connect(f"{name}.before-migration") as target:
        source.backup(target)


def _waits() -> bool:
    """Whether there is a house already, and a migration waits for it."""
    if not inspect(db.engine).has_table("alembic_version"):
        return False
    from alembic.config import Config
    from alembic.runtime.migration import MigrationContext
    from alembic.script import ScriptDirectory

    config = Config()
    config.set_main_option("script_location", FOLDER)
    heads = set(ScriptDirectory.from_config(config).get_heads())
    with db.engine.connect() as connection:
        return set(MigrationContext.configure(connection).get_current_heads()) != heads


def _grant() -> None:
    """The role that serves may neither change the schema nor rewrite what is append-only."""
    if db.engine.dialect.name != "postgresql" or not _owned():
        return
    current_app.extensions["jobs"].huey.storage.initialize_schema()
    with db.engine.begin() as connection:
        role = text("select 1 from pg_roles where rolname = :role")
        if not connection.execute(role, {"role": APP_ROLE}).scalar():
            return
        for statement in (
            f"grant usage on schema public to {APP_ROLE}",
            f"grant select, insert, update, delete on all tables in schema public to {APP_ROLE}",
            f"grant usage, select on all sequences in schema public to {APP_ROLE}",
            *(f"revoke update, delete on {t.name} from {APP_ROLE}" for t in APPEND_ONLY),  # type: ignore[attr-defined]
        ):
            connection.execute(text(statement))


def _owned() -> bool:
    """Whether this role made the tables; the one that serves finds them made, and may not grant."""
    owner = text("select tableowner = current_user from pg_tables where tablename = :table")
    with db.engine.connect() as connection:
        return bool(connection.execute(owner, {"table": "alembic_version"}).scalar())


def check_guards() -> None:
    """Refuse a database that lost a guard, an index or a check on the way."""
    with db.engine.connect() as connection:
        if db.engine.dialect.name == "sqlite":
            broken = connection.execute(text("pragma foreign_key_check")).all()
            if broken:
                raise UnsafeDatabase(f"rows point nowhere after the migration: {broken[:5]}")
            kept = "select name from sqlite_master where type = 'trigger'"
        else:
            kept = "select tgname from pg_trigger where not tgisinternal"
        triggers = set(connection.execute(text(kept)).scalars())
    wanted = {name for table in APPEND_ONLY for name in _trigger_names(table.name)}  # type: ignore[attr-defined]
    if missing := wanted - triggers:
        raise UnsafeDatabase(f"the database lost the guards {sorted(missing)}")
    if lost := sorted(_lost()):
        raise UnsafeDatabase(f"the database differs from the models: {', '.join(lost)}")


def _trigger_names(table: str) -> Iterator[str]:
    for dialect, statement in guard_ddl(table):
        words = statement.split()
        if dialect == db.engine.dialect.name and words[1] == "TRIGGER":
            yield words[2]


def _lost() -> Iterator[str]:
    look = inspect(db.engine)
    for table in Table.metadata.sorted_tables:
        if not look.has_table(table.name):
            yield f"table {table.name}"
            continue
        kept = {i["name"] for i in look.get_indexes(table.name)}
        yield from (f"index {i.name}" for i in table.indexes if i.name not in kept)
        checks = {c["name"] for c in look.get_check_constraints(table.name)}
        named = (c.name for c in table.constraints if type(c).__name__ == "CheckConstraint")
        yield from (f"check {n}" for n in named if str(n) not in checks)
