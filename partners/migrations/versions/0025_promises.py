"""Somebody's open promises lie in the order of their days, so the first of many are found at once."""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

NAME, OPEN = "ix_contacts_follow_up", "follow_up <> '' AND done_at IS NULL AND withdrawn_at IS NULL"


def upgrade():
    op.drop_index(NAME, "contacts")
    where = sa.text(OPEN)
    columns = ["follow_up_owner_id", "follow_up_on"]
    op.create_index(NAME, "contacts", columns, sqlite_where=where, postgresql_where=where)


def downgrade():
    op.drop_index(NAME, "contacts")
    op.create_index(NAME, "contacts", ["follow_up_owner_id", "done_at", "follow_up_on"])
