"""What has a time at last: lines of the log after five years, and who signed the charter.

When work ended is kept with it from now on, because the line that said so may go.
"""

import sqlalchemy as sa
from alembic import op

revision = "0020"
down_revision = "0018"
TABLES = ("history", "looks")
ENDED = (
    "UPDATE engagements SET ended_at = (SELECT max(at) FROM history WHERE on_kind = 'engagements'"
    " AND on_id = engagements.id AND what IN ('engagement.close', 'engagement.decline'))"
    " WHERE state IN ('closed', 'declined')"
)
OLD = "(now() AT TIME ZONE 'UTC' - interval '60 months') AT TIME ZONE 'UTC'"
LEAVES = f"IF TG_OP = 'DELETE' AND OLD.at < {OLD} THEN RETURN OLD; END IF; "


def guard(table, when, leaves):
    if op.get_bind().dialect.name == "sqlite":
        op.execute(f"DROP TRIGGER {table}_no_delete")
        op.execute(
            f"CREATE TRIGGER {table}_no_delete BEFORE DELETE ON {table} {when}"
            f"BEGIN SELECT RAISE(ABORT, '{table} is append-only'); END"
        )
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_append_only() RETURNS trigger LANGUAGE plpgsql AS "
        f"$$ BEGIN {leaves}RAISE EXCEPTION '{table} is append-only'; END $$"
    )
    if not leaves:
        op.execute(f"DROP FUNCTION {table}_let_go(bigint[])")
        return
    op.execute(
        f"CREATE OR REPLACE FUNCTION {table}_let_go(wanted bigint[]) RETURNS void "
        "LANGUAGE sql SECURITY DEFINER SET search_path FROM CURRENT AS "
        f"$$ DELETE FROM {table} WHERE id = ANY(wanted) $$"
    )


def upgrade():
    for table in TABLES:
        guard(table, "WHEN OLD.at >= datetime('now', '-60 months') ", LEAVES)
    with op.batch_alter_table("engagements") as engagements:
        engagements.add_column(sa.Column("ended_at", sa.DateTime(timezone=True)))
    op.execute(ENDED)
    with op.batch_alter_table("seals") as seals:
        seals.add_column(sa.Column("cleared_on", sa.Date()))


def downgrade():
    with op.batch_alter_table("seals") as seals:
        seals.drop_column("cleared_on")
    with op.batch_alter_table("engagements") as engagements:
        engagements.drop_column("ended_at")
    for table in TABLES:
        guard(table, "", "")
