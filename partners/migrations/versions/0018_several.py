"""Several parties under one charter: what belongs together, and until when it can be signed."""

import sqlalchemy as sa
from alembic import op

revision = "0018"
down_revision = "0017"
AT, KEY = "ix_charters_with_id", "fk_charters_with_id_charters"


def upgrade():
    with op.batch_alter_table("charters") as charters:
        charters.add_column(sa.Column("with_id", sa.Integer()))
        charters.add_column(sa.Column("sign_by", sa.Date()))
        charters.create_foreign_key(KEY, "charters", ["with_id"], ["id"])
        charters.create_index(AT, ["with_id"])


def downgrade():
    with op.batch_alter_table("charters") as charters:
        charters.drop_index(AT)
        charters.drop_constraint(KEY, type_="foreignkey")
        charters.drop_column("sign_by")
        charters.drop_column("with_id")
