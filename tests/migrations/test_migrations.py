"""Migrations lead to the models, back and again; they lose no row and no guard."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
import sqlalchemy as sa
from alembic.autogenerate import compare_metadata
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from flask import Flask
from flask_migrate import Migrate, upgrade
from sqlalchemy.exc import DBAPIError

from partners.app import Settings, create_app
from partners.ground.db import Table, UnsafeDatabase, db
from partners.tools.database import check_guards, migrate_up, run
from tests.conftest import DATA, _sql
from tests.rows import counts, fill

MIGRATIONS = Path(__file__).resolve().parents[2] / "partners" / "migrations"


@pytest.fixture(params=["sqlite", "postgresql"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Flask]:
    """A house over an empty database, as the owner sees it."""
    if request.param == "sqlite":
        address, name = f"sqlite:///{tmp_path}/m.sqlite", ""
    else:
        server: sa.URL = request.getfixturevalue("pg_server")
        name = f"m_{abs(hash(str(tmp_path))) % 10**12}"
        _sql(server, f"create database {name} owner partners_owner")
        url = server.set(username="partners_owner", database=name)
        address = url.render_as_string(hide_password=False)
    app = create_app(Settings(address, tmp_path / "instance", DATA, testing=True))
    Migrate(app, db, render_as_batch=True)
    yield app
    with app.app_context():
        db.session.remove()
        db.engine.dispose()
    if name:
        _sql(server, f"drop database {name} with (force)")


def revisions() -> list[str]:
    """From the first to the newest."""
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    found = ScriptDirectory.from_config(config).walk_revisions()
    return [script.revision for script in found][::-1]


def reflected() -> sa.MetaData:
    """The tables as they are now, without those of the tools."""
    found = sa.MetaData()
    with db.engine.connect() as connection:
        found.reflect(connection, only=lambda name, _m: name in Table.metadata.tables)
    return found


def test_there_is_one_newest_form() -> None:
    config = Config()
    config.set_main_option("script_location", str(MIGRATIONS))
    assert len(ScriptDirectory.from_config(config).get_heads()) == 1


def test_migrations_lead_exactly_to_the_models(bare: Flask) -> None:
    migrate_up(bare)
    with bare.app_context(), db.engine.connect() as connection:
        context = MigrationContext.configure(
            connection,
            opts={"include_name": _ours, "compare_type": False, "compare_server_default": False},
        )
        assert compare_metadata(context, Table.metadata) == []


def _ours(name: str | None, kind: str, _parents: Any) -> bool:
    return kind != "table" or name in Table.metadata.tables


def migrate_down(app: Flask, to: str) -> None:
    with app.app_context():
        run("downgrade", to)


def test_every_migration_goes_back_and_forth(bare: Flask) -> None:
    migrate_up(bare)
    migrate_down(bare, "base")
    with bare.app_context():
        left = set(sa.inspect(db.engine).get_table_names()) & set(Table.metadata.tables)
        assert left == set()
    migrate_up(bare)


def test_no_row_is_lost_on_the_way(bare: Flask) -> None:
    first, *later = revisions()
    with bare.app_context():
        upgrade(directory=str(MIGRATIONS), revision=first)
        then = reflected() if later else Table.metadata
        with db.engine.begin() as connection:
            before = fill(connection, then)
    migrate_up(bare)
    with bare.app_context(), db.engine.connect() as connection:
        now = counts(connection, Table.metadata)
    assert {name: now.get(name) for name in before if name in now} == {
        name: count for name, count in before.items() if name in now
    }
    assert min(before.values()) > 0


@pytest.mark.parametrize("table", ["history", "looks"])
@pytest.mark.parametrize("verb", ["update {t} set at = at", "delete from {t}"])
def test_after_all_migrations_history_can_only_grow(bare: Flask, table: str, verb: str) -> None:
    migrate_up(bare)
    with bare.app_context():
        with db.engine.begin() as connection:
            fill(connection, Table.metadata)
        with db.engine.connect() as connection, pytest.raises(DBAPIError, match="append-only"):
            connection.exec_driver_sql(verb.format(t=table))


NEXT = """from alembic import op
import sqlalchemy as sa

revision = "9999"
down_revision = "{last}"


def upgrade():
    {body}


def downgrade():
    pass
"""
REBUILDS = (
    'with op.batch_alter_table("{t}", recreate="always") as batch: '
    'batch.add_column(sa.Column("x", sa.Integer))'
)


def with_next(folder: Path, body: str) -> str:
    copy = folder / "migrations"
    shutil.copytree(MIGRATIONS, copy)
    text = NEXT.replace("{last}", revisions()[-1]).replace("{body}", body)
    (copy / "versions" / "9999_next.py").write_text(text)
    return str(copy)


@pytest.mark.parametrize("table", ["accounts", "organisations", "engagements", "policy_editions"])
def test_rebuilding_a_parent_empties_no_child(bare: Flask, tmp_path: Path, table: str) -> None:
    migrate_up(bare)
    with bare.app_context():
        with db.engine.begin() as connection:
            before = fill(connection, Table.metadata)
        db.engine.dispose()
        body = REBUILDS.replace("{t}", table)
        if db.engine.dialect.name == "postgresql":
            body = body.replace(', recreate="always"', "")
        upgrade(directory=with_next(tmp_path, body))
        check_guards()
        with db.engine.connect() as connection:
            assert counts(connection, Table.metadata) == before


LOSSES = [
    ("op.execute('drop trigger history_no_update')",
     "op.execute('drop trigger history_no_change on history')", "history_no"),
    ("op.execute('drop index ix_engagements_review_on')",
     "op.execute('drop index ix_engagements_review_on')", "ix_engagements_review_on"),
    ("op.execute('drop trigger looks_no_delete')",
     "op.execute('alter table rounds drop constraint ck_rounds_decider_prepared')", "looks|rounds"),
]  # fmt: skip


@pytest.mark.parametrize(("on_sqlite", "on_postgresql", "named"), LOSSES)
def test_a_migration_that_loses_a_guard_does_not_pass(
    bare: Flask, tmp_path: Path, on_sqlite: str, on_postgresql: str, named: str
) -> None:
    migrate_up(bare)
    with bare.app_context():
        body = on_sqlite if db.engine.dialect.name == "sqlite" else on_postgresql
        upgrade(directory=with_next(tmp_path, body))
        with pytest.raises(UnsafeDatabase, match=named):
            check_guards()


def test_an_online_copy_is_made_before_a_migration(tmp_path: Path) -> None:
    app = create_app(Settings(f"sqlite:///{tmp_path}/c.sqlite", tmp_path / "i", DATA, testing=True))
    migrate_up(app)
    assert not (tmp_path / "c.sqlite.before-migration").exists()
    migrate_down(app, "base")
    migrate_up(app)
    assert (tmp_path / "c.sqlite.before-migration").exists()
    with app.app_context():
        db.engine.dispose()


def test_no_foreign_key_deletes_on_its_own() -> None:
    keys = [key for table in Table.metadata.sorted_tables for key in table.foreign_keys]
    assert len(keys) > 30
    assert {key.ondelete for key in keys} == {None}


def test_no_migration_imports_the_models() -> None:
    for path in (MIGRATIONS / "versions").glob("*.py"):
        assert "import partners" not in path.read_text()
        assert "from partners" not in path.read_text()
