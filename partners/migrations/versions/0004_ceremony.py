"""signatures are given step by step, and say what proves them

Revision ID: 0004
Revises: 0003
"""
import sqlalchemy as sa
from alembic import op

revision = "0004"
down_revision = "0003"
branch_labels = None
depends_on = None


def upgrade():
    with op.batch_alter_table("signatures") as signatures:
        signatures.add_column(sa.Column("evidence", sa.JSON(), nullable=False, server_default="{}"))
        signatures.add_column(sa.Column("voided_at", sa.DateTime(timezone=True), nullable=True))
    op.create_table(
        "ceremonies",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("account_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("text_hash", sa.String(), nullable=False),
        sa.Column("nonce", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("begun_at", sa.DateTime(timezone=True), nullable=False),
        sa.UniqueConstraint("account_id", "about"),
    )


def downgrade():
    op.drop_table("ceremonies")
    with op.batch_alter_table("signatures") as signatures:
        signatures.drop_column("voided_at")
        signatures.drop_column("evidence")
