"""Where somebody takes part is looked up together with how, because few have stepped aside."""

from alembic import op

revision = "0022"
down_revision = "0021"
OLD, NEW = "ix_team_account_id", "ix_team_account_id_part"


def upgrade():
    op.create_index(NEW, "team", ["account_id", "part"])
    op.drop_index(OLD, "team")


def downgrade():
    op.create_index(OLD, "team", ["account_id"])
    op.drop_index(NEW, "team")
