"""A valid row for any table, by looking at its columns: for tests that are about tables as such."""

from collections.abc import Mapping
from datetime import UTC, date, datetime
from itertools import count
from typing import Any

import sqlalchemy as sa
from sqlalchemy.engine import Connection

from partners.ground.db import Table

NOON = datetime(2026, 11, 20, 12, tzinfo=UTC)
_numbers = count(1)
# What a check constraint wants beyond what the columns say.
WANTED: Mapping[str, Mapping[str, Any]] = {
    "accounts": {"department_id": "departments"},
    "signatures": {"paper_id": "papers"},
    "seals": {"paper_id": "papers"},
    "organisations": {"legal_form": "an invented form"},
    "municipality": {"id": 1},
    "four_eyes": {"kind": "hold"},
}


def add(connection: Connection, table: sa.Table, **values: Any) -> Any:
    """Insert one row, and rows that it points to where there are none yet; return its key."""
    wanted = {**WANTED.get(table.name, {}), **values}
    row = {}
    for column in table.columns:
        if column.name in wanted:
            row[column.name] = _meant(connection, table, wanted[column.name])
        elif _needed(column):
            row[column.name] = _some(connection, table, column)
    _tell_apart(connection, table, row)
    return connection.execute(table.insert().values(**row)).inserted_primary_key[0]


def _meant(connection: Connection, table: sa.Table, value: Any) -> Any:
    if isinstance(value, str) and value in table.metadata.tables:
        return first(connection, table.metadata.tables[value])
    return value


def _needed(column: sa.Column[Any]) -> bool:
    key = list(column.table.primary_key.columns)
    numbered = key == [column] and isinstance(column.type, sa.Integer) and not column.foreign_keys
    return not column.nullable and column.default is None and not numbered


def _some(connection: Connection, table: sa.Table, column: sa.Column[Any]) -> Any:
    for key in column.foreign_keys:
        return first(connection, key.column.table)
    # A table as it lies in the database knows no defaults; the models do.
    known = Table.metadata.tables.get(table.name, table).c.get(column.name)
    default: Any = known.default if known is not None else None
    if default is not None and default.is_scalar:
        return default.arg
    kind = column.type
    if isinstance(kind, sa.JSON):
        return {}
    if isinstance(kind, sa.Boolean):
        return False
    if isinstance(kind, sa.Integer | sa.Numeric):
        return 1
    if isinstance(kind, sa.Date):
        return date(2026, 11, 20)
    if isinstance(kind, sa.DateTime) or type(kind).__name__ == "Moment":
        return NOON
    return f"{table.name}-{column.name}-{next(_numbers)}"


def _tell_apart(connection: Connection, table: sa.Table, row: dict[str, Any]) -> None:
    if table.name == "delegations" and row["account_id"] == row["given_by"]:
        row["given_by"] = add(connection, table.metadata.tables["accounts"])
    if table.name == "pairs" and row["one_id"] >= row["other_id"]:
        row["other_id"] = add(connection, table.metadata.tables["organisations"])
    if table.name == "merges" and row["kept_id"] == row["gone_id"]:
        row["gone_id"] = add(connection, table.metadata.tables["organisations"])


def first(connection: Connection, table: sa.Table) -> Any:
    """The key of some row of this table."""
    key = next(iter(table.primary_key.columns))
    found = connection.execute(sa.select(key).order_by(key).limit(1)).scalar()
    return add(connection, table) if found is None else found


def fill(connection: Connection, metadata: sa.MetaData) -> dict[str, int]:
    """At least one row in every table; how many there are in each afterwards."""
    for table in metadata.sorted_tables:
        first(connection, table)
    return counts(connection, metadata)


def counts(connection: Connection, metadata: sa.MetaData) -> dict[str, int]:
    return {
        table.name: connection.execute(sa.select(sa.func.count()).select_from(table)).scalar_one()
        for table in metadata.sorted_tables
    }
