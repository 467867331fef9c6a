"""Each signer's own name is shown with its own yes, also where two have signed."""

import sqlalchemy as sa
from alembic import op

revision = "0021"
down_revision = "0020"
NEWEST = """UPDATE signatures SET shown = true WHERE id IN (
    SELECT max(s.id) FROM signatures s JOIN charters c ON c.id = s.charter_id
    WHERE c.publish_signer AND s.voided_at IS NULL GROUP BY c.id)"""
ANY = """UPDATE charters SET publish_signer = true
    WHERE id IN (SELECT charter_id FROM signatures WHERE shown)"""


def upgrade():
    with op.batch_alter_table("signatures") as signatures:
        signatures.add_column(
            sa.Column("shown", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(NEWEST)
    with op.batch_alter_table("charters") as charters:
        charters.drop_column("publish_signer")


def downgrade():
    with op.batch_alter_table("charters") as charters:
        charters.add_column(
            sa.Column("publish_signer", sa.Boolean(), nullable=False, server_default=sa.false())
        )
    op.execute(ANY)
    with op.batch_alter_table("charters") as charters:
        charters.alter_column("publish_signer", server_default=None)
    with op.batch_alter_table("signatures") as signatures:
        signatures.drop_column("shown")
