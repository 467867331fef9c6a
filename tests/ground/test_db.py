"""The database keeps its word, or the house does not open; history cannot be rewritten."""

import os
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from flask import Flask
from sqlalchemy.exc import DBAPIError

from partners.app import Settings, create_app, session_key
from partners.ground import db as ground
from partners.ground.db import Table, UnsafeDatabase, check_postgresql, db, has_wal_fix
from partners.ground.db import sqlite_pragmas as pragmas
from partners.tools.database import migrate_up
from tests.builders import House
from tests.conftest import DATA, _sql, cloned
from tests.rows import add

WAL = [
    ((3, 40, 1), False), ((3, 44, 5), False), ((3, 44, 6), True), ((3, 45, 0), False),
    ((3, 50, 6), False), ((3, 50, 7), True), ((3, 51, 2), False), ((3, 51, 3), True),
    ((3, 52, 0), True), ((4, 0, 0), True),
]  # fmt: skip


@pytest.mark.parametrize(("version", "fixed"), WAL)
def test_wal_is_used_only_where_it_loses_nothing(version: tuple[int, ...], fixed: bool) -> None:
    assert has_wal_fix(version) is fixed
    assert pragmas(version)["journal_mode"][0] == ("wal" if fixed else "delete")
    assert pragmas(version)["synchronous"][1] == (2 if fixed else 3)


def deaf_to(name: str) -> type[sqlite3.Connection]:
    """A SQLite that ignores one pragma, as one that was built without it does."""

    class Deaf(sqlite3.Connection):
        def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
            return super().execute(f"pragma {name}" if sql.startswith(f"pragma {name}=") else sql)

    return Deaf


@pytest.fixture
def in_earnest() -> Iterator[None]:
    """As outside of tests: no database may be a throw-away one."""
    ground.throwaway.set(False)
    yield
    ground.throwaway.set(True)


@pytest.mark.usefixtures("in_earnest")
@pytest.mark.parametrize("name", ["synchronous", "foreign_keys", "busy_timeout",
                                  "recursive_triggers"])  # fmt: skip
def test_a_sqlite_that_does_not_obey_is_refused(name: str, tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.sqlite", factory=deaf_to(name))
    with pytest.raises(UnsafeDatabase, match=name):
        ground._open(connection, None)
    connection.close()


@pytest.mark.usefixtures("in_earnest")
def test_a_sqlite_that_obeys_is_opened_with_every_pragma(tmp_path: Path) -> None:
    connection = sqlite3.connect(tmp_path / "x.sqlite")
    ground._open(connection, None)
    for name, (_wish, answer) in pragmas(sqlite3.sqlite_version_info).items():
        assert connection.execute(f"pragma {name}").fetchone()[0] == answer
    connection.close()


def served_by(url: sa.URL, database: str, role: str, folder: Path) -> Flask:
    address = url.set(username=role, database=database).render_as_string(hide_password=False)
    return create_app(Settings(address, folder, DATA, testing=True))


@pytest.fixture
def postgresql(request: pytest.FixtureRequest) -> Iterator[tuple[sa.URL, str]]:
    server: sa.URL = request.getfixturevalue("pg_server")
    name = f"t_{os.urandom(6).hex()}"
    cloned(server, name)
    yield server, name
    _sql(server, f"drop database {name} with (force)")


@pytest.mark.parametrize("role", ["postgres", "partners_owner"])
def test_the_house_does_not_serve_as_superuser_or_owner(
    postgresql: tuple[sa.URL, str], role: str, tmp_path: Path
) -> None:
    app = served_by(*postgresql, role, tmp_path)
    with app.app_context(), pytest.raises(UnsafeDatabase, match="superuser or as the owner"):
        check_postgresql(may_be_throwaway=True)
    with app.app_context():
        db.engine.dispose()


def test_a_postgresql_that_may_forget_is_refused_unless_it_is_thrown_away(
    postgresql: tuple[sa.URL, str], tmp_path: Path
) -> None:
    app = served_by(*postgresql, "partners_app", tmp_path)
    with app.app_context():
        check_postgresql(may_be_throwaway=True)
        with pytest.raises(UnsafeDatabase, match="fsync"):
            check_postgresql(may_be_throwaway=False)
        db.engine.dispose()


def test_the_serving_role_starts_on_a_database_that_the_owner_has_migrated(
    postgresql: tuple[sa.URL, str], tmp_path: Path
) -> None:
    app = served_by(*postgresql, "partners_app", tmp_path)
    migrate_up(app)  # as `serve` does
    with app.app_context():
        db.engine.dispose()


def test_the_serving_role_asks_for_the_owner_where_a_migration_waits(
    postgresql: tuple[sa.URL, str], tmp_path: Path
) -> None:
    server, name = postgresql
    _sql(server.set(database=name), "update alembic_version set version_num = '0001'")
    app = served_by(server, name, "partners_app", tmp_path)
    with pytest.raises(UnsafeDatabase, match="let its owner run `partners migrate`"):
        migrate_up(app)
    with app.app_context():
        db.engine.dispose()


FORBIDDEN = ["create table x (id integer)", "alter table looks add x integer",
             "drop table looks", "drop trigger looks_no_change on looks",
             "alter table looks disable trigger all", "truncate history", "truncate looks",
             "update history set what = ''", "delete from looks"]  # fmt: skip


@pytest.mark.parametrize("sql", FORBIDDEN)
def test_the_serving_role_can_neither_change_the_schema_nor_history(
    postgresql: tuple[sa.URL, str], sql: str
) -> None:
    url, name = postgresql
    engine = sa.create_engine(url.set(username="partners_app", database=name))
    with engine.connect() as connection, pytest.raises(DBAPIError, match="denied|owner"):
        connection.exec_driver_sql(sql)
    engine.dispose()


REWRITES = ["update {t} set at = at", "delete from {t}", "delete from {t} where id = 1"]


@pytest.mark.parametrize("table", ["history", "looks"])
@pytest.mark.parametrize("sql", REWRITES)
def test_history_and_looks_can_only_grow(house: House, table: str, sql: str) -> None:
    house.organisation()
    add(db.session.connection(), Table.metadata.tables[table])
    db.session.commit()
    with pytest.raises(DBAPIError, match="append-only|permission denied"):
        db.session.execute(sa.text(sql.format(t=table)))
    db.session.rollback()
    assert db.session.scalar(sa.text(f"select count(*) from {table}")) > 0


@pytest.mark.parametrize("table", ["history", "looks"])
def test_even_the_owner_cannot_rewrite_history(postgresql: tuple[sa.URL, str], table: str) -> None:
    url, name = postgresql
    engine = sa.create_engine(url.set(username="partners_owner", database=name))
    with engine.begin() as connection:
        add(connection, Table.metadata.tables[table])
    for sql in (f"update {table} set at = at", f"delete from {table}"):
        with engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql(sql)
    engine.dispose()


@pytest.mark.parametrize("database", ["sqlite"], indirect=True)
def test_replacing_a_row_of_history_is_rewriting_it(house: House) -> None:
    house.organisation()
    add(db.session.connection(), Table.metadata.tables["history"])
    db.session.commit()
    columns = [c.name for c in Table.metadata.tables["history"].columns]
    sql = f"insert or replace into history ({','.join(columns)}) select * from history limit 1"
    with pytest.raises(DBAPIError, match="append-only"):
        db.session.execute(sa.text(sql))
    db.session.rollback()


def test_rows_must_point_somewhere(house: House) -> None:
    names = Table.metadata.tables["names"]
    with pytest.raises(DBAPIError, match="(?i)foreign key"):
        add(db.session.connection(), names, organisation_id=999_999)
        db.session.commit()
    db.session.rollback()


def test_times_come_back_as_they_went_in(house: House) -> None:
    account = house.account("maja")
    with pytest.raises(sa.exc.StatementError, match="time zone"):
        account.ended_at = account.created_at.replace(tzinfo=None)
        db.session.flush()
    db.session.rollback()
    assert house.account("maja").created_at.utcoffset().total_seconds() == 0  # type: ignore[union-attr]


# The key that signs cookies


def test_the_session_key_is_made_once_and_for_its_owner_only(tmp_path: Path) -> None:
    key = session_key(tmp_path)
    path = tmp_path / "keys" / "session"
    assert len(key) == 32
    assert session_key(tmp_path) == key
    assert path.stat().st_mode & 0o777 == 0o600
    assert path.parent.stat().st_mode & 0o777 == 0o700


def test_two_houses_have_different_keys(tmp_path: Path) -> None:
    assert session_key(tmp_path / "a") != session_key(tmp_path / "b")


@pytest.mark.parametrize("mode", [0o640, 0o604, 0o666])
def test_a_session_key_that_others_can_read_is_refused(tmp_path: Path, mode: int) -> None:
    session_key(tmp_path)
    (tmp_path / "keys" / "session").chmod(mode)
    with pytest.raises(RuntimeError, match="chmod 600"):
        session_key(tmp_path)
