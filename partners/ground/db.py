"""The only place that opens connections, and that knows how each database keeps its word."""

import json
import logging
import secrets
import sqlite3
from collections.abc import Iterable
from contextvars import ContextVar
from datetime import UTC, datetime
from typing import Any

from flask_sqlalchemy import SQLAlchemy
from sqlalchemy import (
    ARRAY,
    JSON,
    DateTime,
    Engine,
    MetaData,
    String,
    TypeDecorator,
    cast,
    event,
    func,
    select,
    text,
)
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import DeclarativeBase, registry

NAMES = {
    "ix": "ix_%(column_0_N_label)s",
    "uq": "uq_%(table_name)s_%(column_0_N_name)s",
    "ck": "ck_%(table_name)s_%(constraint_name)s",
    "fk": "fk_%(table_name)s_%(column_0_N_name)s_%(referred_table_name)s",
    "pk": "pk_%(table_name)s",
}
log = logging.getLogger(__name__)

# Set by the page edge and by jobs: a transaction that will write starts as BEGIN IMMEDIATE, because
# SQLite's deferred ones lose updates without an error when two of them read before they write.
writes: ContextVar[bool] = ContextVar("writes", default=True)
throwaway: ContextVar[bool] = ContextVar("throwaway", default=False)


class UnsafeDatabase(RuntimeError):
    """The database does not keep what it is told; the house does not open."""


class Moment(TypeDecorator[datetime]):
    """A point in time: aware in Python, UTC in storage, the same on both databases."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        if value is not None and value.tzinfo is None:
            raise TypeError("a moment must carry its time zone")
        return value and value.astimezone(UTC)

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        return value and (value.replace(tzinfo=UTC) if value.tzinfo is None else value)


# Byte order on both databases, so that a prefix is a range of an ordinary index.
Folded = String().with_variant(String(collation="C"), "postgresql")


class Table(DeclarativeBase):
    registry = registry(
        metadata=MetaData(naming_convention=NAMES),
        type_annotation_map={datetime: Moment, dict[str, Any]: JSON, list[str]: JSON},
    )


db = SQLAlchemy(model_class=Table)


def among(column: Any, values: Iterable[str]) -> Any:
    """`column` is one of many texts; they are handed over as one value, because that is quicker."""
    if db.engine.dialect.name == "sqlite":
        return column.in_(select(func.json_each(json.dumps(list(values))).table_valued("value")))
    return column == func.any(cast(list(values), ARRAY(String)))


_SIGNS = b"0123456789abcdefghjkmnpqrstvwxyz" * 8  # one for each byte, all equally often


def public_id() -> str:
    """A random name for addresses and papers, 130 bits, 26 signs that are hard to misread."""
    return secrets.token_bytes(26).translate(_SIGNS).decode()


def has_wal_fix(version: tuple[int, ...]) -> bool:
    """Whether SQLite `version` carries the WAL-reset fix, without which WAL may lose a commit."""
    fixed: dict[tuple[int, ...], tuple[int, ...]] = {(3, 44): (3, 44, 6), (3, 50): (3, 50, 7)}
    return version >= fixed.get(version[:2], (3, 51, 3))


def sqlite_pragmas(version: tuple[int, ...]) -> dict[str, tuple[str, object]]:
    """What each pragma is set to, and what it must answer when read back."""
    wal = has_wal_fix(version)
    return {
        "journal_mode": ("wal" if wal else "delete", "wal" if wal else "delete"),
        "synchronous": ("full", 2) if wal else ("extra", 3),
        "foreign_keys": ("on", 1),
        "busy_timeout": ("30000", 30000),
        # Without it INSERT OR REPLACE removes a row of history unseen by the trigger.
        "recursive_triggers": ("on", 1),
    }


@event.listens_for(Engine, "connect")
def _open(connection: Any, _record: Any) -> None:
    if isinstance(connection, sqlite3.Connection):
        connection.isolation_level = None
        for name, (wish, answer) in sqlite_pragmas(sqlite3.sqlite_version_info).items():
            if name == "synchronous" and throwaway.get():
                connection.execute("pragma synchronous=off")
                continue
            connection.execute(f"pragma {name}={wish}")
            told = connection.execute(f"pragma {name}").fetchone()[0]
            in_memory = name == "journal_mode" and told == "memory"
            if told != answer and not in_memory:
                raise UnsafeDatabase(f"SQLite answers {name} = {told}, not {answer}")


@event.listens_for(Engine, "begin")
def _begin(connection: Any) -> None:
    if connection.dialect.name == "sqlite":
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes.get() else "BEGIN")


@event.listens_for(Engine, "before_cursor_execute")
def _read_only(
    connection: Any, _cursor: Any, statement: str, _values: Any, _context: Any, _many: bool
) -> None:
    if not writes.get() and statement.lstrip()[:6].upper() in ("INSERT", "UPDATE", "DELETE"):
        raise RuntimeError(f"a page that only reads would write: {statement[:80]}")


def check_postgresql(*, may_be_throwaway: bool) -> None:
    """Refuse a PostgreSQL that may forget a commit, or an application role that may do too much."""
    if db.engine.dialect.name != "postgresql":
        return
    with db.engine.connect() as connection:
        for name in ("fsync", "synchronous_commit"):
            told = connection.execute(text(f"show {name}")).scalar_one()
            if told == "off" and not may_be_throwaway:
                raise UnsafeDatabase(f"PostgreSQL answers {name} = off; set it to on")
        mighty = connection.execute(
            text("select rolsuper from pg_roles where rolname = current_user")
        ).scalar_one()
        loose = connection.execute(
            text("select has_table_privilege(current_user, 'history', 'UPDATE, DELETE')")
        ).scalar_one()
    if mighty or loose:
        raise UnsafeDatabase(
            "the application must not sign in to PostgreSQL as a superuser or as the owner of"
            " history; run `partners migrate` as the owner and serve as partners_app"
        )
