"""What rests, what readers found, rounds on the text, and the municipality's own part."""

import sqlalchemy as sa
from alembic import op

revision = "0008"
down_revision = "0007"


def upgrade():
    for name, empty in (("first_points", "[]"), ("second_points", "[]"), ("suspension", "{}")):
        op.add_column(
            "charters", sa.Column(name, sa.JSON(), nullable=False, server_default=empty)
        )
    op.add_column(
        "charters", sa.Column("hearing", sa.Boolean(), nullable=False, server_default=sa.false())
    )
    op.create_table(
        "charter_shapings",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("about", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("opened_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("opened_by", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("changed", sa.String(), nullable=False),
        sa.Column("closed_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_table(
        "charter_voices",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("shaping_id", sa.Integer(), sa.ForeignKey("charter_shapings.id"), nullable=False),
        sa.Column(
            "organisation_id", sa.Integer(), sa.ForeignKey("organisations.id"), nullable=False
        ),
        sa.Column("asked_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("words", sa.String(), nullable=False),
        sa.Column("by_name", sa.Boolean(), nullable=False),
        sa.Column("said_at", sa.DateTime(timezone=True)),
        sa.Column("answer", sa.String(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True)),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_charter_voices_shaping_id", "charter_voices", ["shaping_id"])
    op.create_index("ix_charter_voices_organisation_id", "charter_voices", ["organisation_id"])
    op.create_table(
        "charter_commitments",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("version", sa.String(), nullable=False),
        sa.Column("number", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("report", sa.String(), nullable=False),
        sa.Column("reported_at", sa.DateTime(timezone=True)),
        sa.Column("reported_by", sa.Integer(), sa.ForeignKey("accounts.id")),
        sa.PrimaryKeyConstraint("id"),
        sa.UniqueConstraint("public_id"),
    )
    op.create_index("ix_charter_commitments_due_on", "charter_commitments", ["due_on"])


def downgrade():
    for table in ("charter_commitments", "charter_voices", "charter_shapings"):
        op.drop_table(table)
    with op.batch_alter_table("charters") as batch:
        for name in ("hearing", "suspension", "second_points", "first_points"):
            batch.drop_column(name)
