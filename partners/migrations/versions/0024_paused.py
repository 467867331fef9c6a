"""A paper rests until the day of the next talk."""

import sqlalchemy as sa
from alembic import op

revision = "0024"
down_revision = "0023"
AT = "ix_papers_paused_until"


def upgrade():
    op.add_column("papers", sa.Column("paused_until", sa.Date()))
    op.create_index(AT, "papers", ["paused_until"])


def downgrade():
    op.drop_index(AT, "papers")
    with op.batch_alter_table("papers") as papers:
        papers.drop_column("paused_until")
