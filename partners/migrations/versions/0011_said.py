"""what was said to each point of the charter

Revision ID: 0011
Revises: 0010
"""
import sqlalchemy as sa
from alembic import op

revision = "0011"
down_revision = "0010"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("charters") as charters:
        charters.add_column(sa.Column("said", sa.JSON(), nullable=False, server_default="{}"))


def downgrade():
    with op.batch_alter_table("charters") as charters:
        charters.drop_column("said")
