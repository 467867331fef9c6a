from datetime import datetime
from typing import Any

from sqlalchemy import DDL, ForeignKey, Index, event
from sqlalchemy.orm import Mapped, mapped_column

from partners.ground.db import Table


class Entry(Table):
    """One deed: who, in which role, what, on what, with which facts. References, never contents."""

    __tablename__ = "history"
    __table_args__ = (
        Index("ix_history_thing", "on_kind", "on_id"),
        Index("ix_history_organisation", "organisation_id", "at"),
        Index("ix_history_what", "what", "id"),
    )
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    by_id: Mapped[int]
    by_name: Mapped[str]
    by_side: Mapped[str]
    what: Mapped[str]
    on_kind: Mapped[str]
    on_id: Mapped[int]
    organisation_id: Mapped[int | None]
    facts: Mapped[dict[str, Any]]


class Look(Table):
    """One look at an organisation's file: by whom, in which role, at what, for which purpose."""

    __tablename__ = "looks"
    __table_args__ = (Index("ix_looks_organisation", "organisation_id", "at"),)
    id: Mapped[int] = mapped_column(primary_key=True)
    at: Mapped[datetime]
    account_id: Mapped[int]
    role: Mapped[str]
    organisation_id: Mapped[int] = mapped_column(ForeignKey("organisations.id"))
    what: Mapped[str]
    purpose: Mapped[str]


KEPT = 60  # months; no policy lets a line go sooner, because the database itself refuses


def guard_ddl(table: str) -> list[tuple[str, str]]:
    """Statements (dialect, sql) after which rows of `table` can only be added, and leave by the
    database's own clock when they are KEPT months old. The application's role on PostgreSQL may
    delete nothing; it asks the function of the owner.
    """
    old = f"(now() AT TIME ZONE 'UTC' - interval '{KEPT} months') AT TIME ZONE 'UTC'"
    return [
        *(
            (
                "sqlite",
                f"CREATE TRIGGER {table}_no_{verb} BEFORE {verb.upper()} ON {table} {when}"
                f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END",
            )
            for verb, when in (
                ("update", ""),
                ("delete", f"WHEN OLD.at >= datetime('now', '-{KEPT} months') "),
            )
        ),
        (
            "postgresql",
            f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
            f"$$ BEGIN IF TG_OP = 'DELETE' AND OLD.at < {old} THEN RETURN OLD; END IF; "
            f"RAISE EXCEPTION '{table} is append-only'; END $$",
        ),
        (
            "postgresql",
            f"CREATE OR REPLACE FUNCTION {table}_let_go(wanted bigint[]) RETURNS void "  # noqa: S608
            "LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS "
            f"$$ DELETE FROM {table} WHERE id = ANY(wanted) $$",
        ),
        (
            "postgresql",
            f"CREATE TRIGGER {table}_no_change BEFORE UPDATE OR DELETE ON {table} "
            f"FOR EACH ROW EXECUTE FUNCTION {table}_append_only()",
        ),
    ]


APPEND_ONLY = (Entry.__table__, Look.__table__)
for _table in APPEND_ONLY:
    for _dialect, _sql in guard_ddl(_table.name):  # type: ignore[attr-defined]
        event.listen(_table, "after_create", DDL(_sql).execute_if(dialect=_dialect))
