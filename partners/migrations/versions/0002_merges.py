"""merges: two records of one organisation become one, and can be parted again

Revision ID: 0002
Revises: 0001
"""
from alembic import op
import sqlalchemy as sa

revision = '0002'
down_revision = '0001'
branch_labels = None
depends_on = None
MERGED = sa.text('merged_into_id IS NOT NULL')
PAIR = 'uq_resemblances_organisation_id_pair'


def upgrade():
    op.create_table('merges',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('kept_id', sa.Integer(), nullable=False),
    sa.Column('gone_id', sa.Integer(), nullable=False),
    sa.Column('reason', sa.String(), nullable=False),
    sa.Column('at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('by_id', sa.Integer(), nullable=False),
    sa.Column('moved', sa.JSON(), nullable=False),
    sa.Column('changed', sa.JSON(), nullable=False),
    sa.Column('undone_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('undone_because', sa.String(), nullable=False),
    sa.CheckConstraint('kept_id != gone_id', name=op.f('ck_merges_two_records')),
    sa.CheckConstraint("(undone_at IS NULL) = (undone_because = '')", name=op.f('ck_merges_undone_with_reason')),
    sa.ForeignKeyConstraint(['kept_id'], ['organisations.id'], name=op.f('fk_merges_kept_id_organisations')),
    sa.ForeignKeyConstraint(['gone_id'], ['organisations.id'], name=op.f('fk_merges_gone_id_organisations')),
    sa.ForeignKeyConstraint(['by_id'], ['accounts.id'], name=op.f('fk_merges_by_id_accounts')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_merges'))
    )
    op.create_index('ix_merges_kept_id', 'merges', ['kept_id'])
    op.create_index('ix_merges_gone_id', 'merges', ['gone_id'])
    with op.batch_alter_table('organisations') as batch_op:
        batch_op.add_column(sa.Column('merged_into_id', sa.Integer(), nullable=True))
        batch_op.create_foreign_key(op.f('fk_organisations_merged_into_id_organisations'), 'organisations', ['merged_into_id'], ['id'])
    op.create_index('ix_organisations_merged', 'organisations', ['merged_into_id'],
                    sqlite_where=MERGED, postgresql_where=MERGED)
    with op.batch_alter_table('resemblances') as batch_op:
        batch_op.drop_constraint(PAIR, type_='unique')
        batch_op.create_unique_constraint(f'{PAIR}_engagement_id', ['organisation_id', 'pair', 'engagement_id'])


def downgrade():
    with op.batch_alter_table('resemblances') as batch_op:
        batch_op.drop_constraint(f'{PAIR}_engagement_id', type_='unique')
        batch_op.create_unique_constraint(PAIR, ['organisation_id', 'pair'])
    op.drop_index('ix_organisations_merged', 'organisations')
    with op.batch_alter_table('organisations') as batch_op:
        batch_op.drop_constraint('fk_organisations_merged_into_id_organisations', type_='foreignkey')
        batch_op.drop_column('merged_into_id')
    op.drop_table('merges')
