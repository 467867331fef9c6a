"""some sign for their organisation only together with somebody else

Revision ID: 0017
Revises: 0016
"""
import sqlalchemy as sa
from alembic import op

revision = "0017"
down_revision = "0016"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("offices") as offices:
        offices.add_column(
            sa.Column("together", sa.Boolean(), nullable=False, server_default=sa.false())
        )


def downgrade():
    with op.batch_alter_table("offices") as offices:
        offices.drop_column("together")
