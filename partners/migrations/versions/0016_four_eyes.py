"""what two people agree on for a time; how often something was refused

Revision ID: 0016
Revises: 0011
"""
import sqlalchemy as sa
from alembic import op

revision = "0016"
down_revision = "0011"
branch_labels = None
depends_on = None


def upgrade():
    when = sa.DateTime(timezone=True)
    people = ("asked_by", "agreed_by", "ended_by")
    keys = {"organisation_id": "organisations", "engagement_id": "engagements",
            "point_id": "points", **dict.fromkeys(people, "accounts")}
    op.create_table(
        "four_eyes",
        sa.Column("id", sa.Integer(), nullable=False),
        sa.Column("public_id", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("organisation_id", sa.Integer(), nullable=False),
        sa.Column("engagement_id", sa.Integer(), nullable=True),
        sa.Column("point_id", sa.Integer(), nullable=True),
        sa.Column("ground", sa.String(), nullable=False),
        sa.Column("reason", sa.String(), nullable=False),
        sa.Column("until", sa.Date(), nullable=False),
        sa.Column("asked_by", sa.Integer(), nullable=False),
        sa.Column("asked_at", when, nullable=False),
        sa.Column("agreed_by", sa.Integer(), nullable=True),
        sa.Column("agreed_at", when, nullable=True),
        sa.Column("ended_by", sa.Integer(), nullable=True),
        sa.Column("ended_at", when, nullable=True),
        sa.CheckConstraint("agreed_by IS NULL OR agreed_by != asked_by",
                           name=op.f("ck_four_eyes_another_agrees")),
        sa.CheckConstraint("(kind = 'look') = (point_id IS NOT NULL)",
                           name=op.f("ck_four_eyes_look_has_point")),
        *(sa.ForeignKeyConstraint([key], [f"{table}.id"], name=op.f(f"fk_four_eyes_{key}_{table}"))
          for key, table in keys.items()),
        sa.PrimaryKeyConstraint("id", name=op.f("pk_four_eyes")),
        sa.UniqueConstraint("public_id", name=op.f("uq_four_eyes_public_id")),
    )
    op.create_index("ix_four_eyes_organisation", "four_eyes", ["organisation_id", "until"])
    op.create_table(
        "refused",
        sa.Column("rule", sa.String(), nullable=False),
        sa.Column("kind", sa.String(), nullable=False),
        sa.Column("month", sa.String(), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.PrimaryKeyConstraint("rule", "kind", "month", name=op.f("pk_refused")),
    )


def downgrade():
    op.drop_table("refused")
    op.drop_table("four_eyes")
