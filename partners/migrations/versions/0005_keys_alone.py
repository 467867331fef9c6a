"""keys that are worked out carry no foreign key

Revision ID: 0005
Revises: 0004
"""
from alembic import op

revision = '0005'
down_revision = '0004'
branch_labels = None
depends_on = None

NAME = "fk_name_keys_organisation_id_organisations"
REBUILT = (
    "CREATE TABLE keys_anew (key VARCHAR NOT NULL, organisation_id INTEGER NOT NULL,"
    " CONSTRAINT pk_name_keys PRIMARY KEY (key, organisation_id){more}) WITHOUT ROWID",
    "INSERT INTO keys_anew SELECT key, organisation_id FROM name_keys ORDER BY key, organisation_id",
    "DROP TABLE name_keys",
    "ALTER TABLE keys_anew RENAME TO name_keys",
    "CREATE INDEX ix_name_keys_organisation ON name_keys (organisation_id, key)",
)


def rebuild(more):
    # By hand, because a batch would lose WITHOUT ROWID.
    for statement in REBUILT:
        op.execute(statement.format(more=more))


def upgrade():
    if op.get_bind().dialect.name == "sqlite":
        rebuild("")
    else:
        op.drop_constraint(NAME, "name_keys", type_="foreignkey")


def downgrade():
    if op.get_bind().dialect.name == "sqlite":
        rebuild(f", CONSTRAINT {NAME} FOREIGN KEY(organisation_id) REFERENCES organisations (id)")
    else:
        op.create_foreign_key(NAME, "name_keys", "organisations", ["organisation_id"], ["id"])
