"""What was asked for in a round is kept with it, because later rounds may ask for something else."""

import sqlalchemy as sa
from alembic import op

revision = "0003"
down_revision = "0002"
branch_labels = depends_on = None


def upgrade() -> None:
    op.add_column(
        "rounds", sa.Column("asked_for", sa.JSON(), nullable=False, server_default="{}")
    )


def downgrade() -> None:
    with op.batch_alter_table("rounds") as rounds:
        rounds.drop_column("asked_for")
