"""Migrations run on a connection of their own; on SQLite with foreign keys off, read back."""

from alembic import context
from flask import current_app
from sqlalchemy import text

db = current_app.extensions["migrate"].db


def run() -> None:
    with db.engine.connect() as connection:
        sqlite = connection.dialect.name == "sqlite"
        if sqlite:
            raw = connection.connection.dbapi_connection
            connection.rollback()
            raw.execute("pragma foreign_keys=off")
            if raw.execute("pragma foreign_keys").fetchone()[0]:
                raise RuntimeError("SQLite did not switch foreign keys off for the migration")
        context.configure(
            connection=connection,
            target_metadata=db.metadata,
            render_as_batch=True,
            compare_type=False,
        )
        with context.begin_transaction():
            context.run_migrations()
        if sqlite:
            broken = connection.execute(text("pragma foreign_key_check")).all()
            if broken:
                raise RuntimeError(f"rows point nowhere after the migration: {broken[:5]}")
    db.engine.dispose()


run()
