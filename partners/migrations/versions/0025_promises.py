"""What waits for somebody is found at once: promises by their days, what is asked of a second
manager, one's own signatures, the points of a round.
"""

import sqlalchemy as sa
from alembic import op

revision = "0025"
down_revision = "0024"

OPEN = "follow_up != '' AND done_at IS NULL AND withdrawn_at IS NULL"


def upgrade():
    _anew("contacts", "follow_up", ["follow_up_owner_id", "follow_up_on", "follow_up_side"], OPEN)
    _anew("contacts", "open", ["follow_up_on", "follow_up_side", "by_id"], OPEN)
    _anew("engagements", "asked", ["asked_on"], "asked != ''")
    op.create_index("ix_signatures_account_id", "signatures", ["account_id"])
    op.create_index("ix_points_round_id", "points", ["round_id"])


def downgrade():
    op.drop_index("ix_points_round_id", "points")
    op.drop_index("ix_signatures_account_id", "signatures")
    _anew("engagements", "asked", ["asked"])
    _anew("contacts", "open", ["follow_up_on"], OPEN)
    _anew("contacts", "follow_up", ["follow_up_owner_id", "done_at", "follow_up_on"])


def _anew(table, name, columns, where=None):
    only = where and sa.text(where)
    op.drop_index(f"ix_{table}_{name}", table)
    op.create_index(f"ix_{table}_{name}", table, columns, sqlite_where=only, postgresql_where=only)
