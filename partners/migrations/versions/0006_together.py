"""papers are written together: turns, promises, what a paper follows

Revision ID: 0006
Revises: 0005
"""
import sqlalchemy as sa
from alembic import op

revision = "0006"
down_revision = "0005"
branch_labels = None
depends_on = None

NEW = ("turn", "remarks", "meant", "tested", "follows_id", "follows_how", "follows_hash")


def upgrade():
    with op.batch_alter_table("papers") as papers:
        papers.add_column(sa.Column("turn", sa.String(), nullable=False, server_default="city"))
        for name, empty in (("remarks", "[]"), ("meant", "{}"), ("tested", "{}")):
            papers.add_column(sa.Column(name, sa.JSON(), nullable=False, server_default=empty))
        papers.add_column(sa.Column("follows_id", sa.Integer(), nullable=True))
        for name in ("follows_how", "follows_hash"):
            papers.add_column(sa.Column(name, sa.String(), nullable=False, server_default=""))
        papers.create_foreign_key("fk_papers_follows_id_papers", "papers", ["follows_id"], ["id"])
        papers.create_index("ix_papers_follows_id", ["follows_id"])
    op.create_table(
        "paper_turns",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("paper_id", sa.Integer(), sa.ForeignKey("papers.id"), nullable=False),
        sa.Column("number", sa.Integer(), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("by_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=False),
        sa.Column("at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("language", sa.String(), nullable=False),
        sa.Column("facts", sa.JSON(), nullable=False),
        sa.UniqueConstraint("paper_id", "number"),
    )
    op.create_table(
        "promises",
        sa.Column("id", sa.Integer(), primary_key=True),
        sa.Column("public_id", sa.String(), nullable=False, unique=True),
        sa.Column("paper_id", sa.Integer(), sa.ForeignKey("papers.id"), nullable=False),
        sa.Column("organisation_id", sa.Integer(), sa.ForeignKey("organisations.id"), nullable=False),
        sa.Column("engagement_id", sa.Integer(), sa.ForeignKey("engagements.id"), nullable=False),
        sa.Column("side", sa.String(), nullable=False),
        sa.Column("text", sa.String(), nullable=False),
        sa.Column("owner", sa.String(), nullable=False),
        sa.Column("owner_id", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=True),
        sa.Column("due", sa.String(), nullable=False),
        sa.Column("due_on", sa.Date(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.Integer(), sa.ForeignKey("accounts.id"), nullable=True),
        sa.Column("note", sa.String(), nullable=False),
        sa.Column("replaced_on", sa.Date(), nullable=True),
        sa.Column("version", sa.Integer(), nullable=False),
    )
    for column in ("paper_id", "organisation_id", "engagement_id", "due_on"):
        op.create_index(f"ix_promises_{column}", "promises", [column])


def downgrade():
    op.drop_table("promises")
    op.drop_table("paper_turns")
    with op.batch_alter_table("papers") as papers:
        papers.drop_index("ix_papers_follows_id")
        papers.drop_constraint("fk_papers_follows_id_papers", type_="foreignkey")
        for name in NEW:
            papers.drop_column(name)
