"""records that may be about one organisation

Revision ID: 0009
Revises: 0008
"""
from alembic import op
import sqlalchemy as sa

revision = '0009'
down_revision = '0008'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table(
        "pairs",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("one_id", sa.Integer(), nullable=False),
        sa.Column("other_id", sa.Integer(), nullable=False),
        sa.Column("weight", sa.Integer(), nullable=False),
        sa.Column("sign", sa.String(), nullable=False),
        sa.Column("said", sa.JSON(), nullable=False),
        sa.Column("settled_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("settled_by", sa.Integer(), nullable=True),
        sa.CheckConstraint("one_id < other_id", name=op.f("ck_pairs_one_before_other")),
        sa.ForeignKeyConstraint(["one_id"], ["organisations.id"],
                                name=op.f("fk_pairs_one_id_organisations")),
        sa.ForeignKeyConstraint(["other_id"], ["organisations.id"],
                                name=op.f("fk_pairs_other_id_organisations")),
        sa.ForeignKeyConstraint(["settled_by"], ["accounts.id"],
                                name=op.f("fk_pairs_settled_by_accounts")),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_pairs")),
        sa.UniqueConstraint("one_id", "other_id", name=op.f("uq_pairs_one_id_other_id")),
        sa.UniqueConstraint("public_id", name=op.f("uq_pairs_public_id")),
    )
    op.create_index("ix_pairs_weight", "pairs", ["weight", "id"])
    op.create_index(op.f("ix_pairs_other_id"), "pairs", ["other_id"])


def downgrade():
    op.drop_table("pairs")
