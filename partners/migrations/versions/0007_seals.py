"""Each text that all have signed gets one seal.

Revision ID: 0007
Revises: 0006
"""
from alembic import op
import sqlalchemy as sa

revision = '0007'
down_revision = '0006'
branch_labels = None
depends_on = None


def upgrade():
    op.create_table('seals',
    sa.Column('id', sa.Integer(), nullable=False),
    sa.Column('public_id', sa.String(), nullable=False),
    sa.Column('paper_id', sa.Integer(), nullable=True),
    sa.Column('charter_id', sa.Integer(), nullable=True),
    sa.Column('salt', sa.String(), nullable=False),
    sa.Column('asked_at', sa.DateTime(timezone=True), nullable=False),
    sa.Column('try_after', sa.DateTime(timezone=True), nullable=False),
    sa.Column('tries', sa.Integer(), nullable=False),
    sa.Column('trouble', sa.String(), nullable=False),
    sa.Column('sealed_at', sa.DateTime(timezone=True), nullable=True),
    sa.Column('fingerprint', sa.String(), nullable=False),
    sa.Column('signed_bytes', sa.String(), nullable=False),
    sa.Column('evidence', sa.JSON(), nullable=False),
    sa.CheckConstraint('(paper_id IS NULL) != (charter_id IS NULL)', name=op.f('ck_seals_one_text')),
    sa.CheckConstraint("(sealed_at IS NULL) = (fingerprint = '')", name=op.f('ck_seals_sealed_has_file')),
    sa.ForeignKeyConstraint(['charter_id'], ['charters.id'], name=op.f('fk_seals_charter_id_charters')),
    sa.ForeignKeyConstraint(['paper_id'], ['papers.id'], name=op.f('fk_seals_paper_id_papers')),
    sa.PrimaryKeyConstraint('id', name=op.f('pk_seals')),
    sa.UniqueConstraint('charter_id', name=op.f('uq_seals_charter_id')),
    sa.UniqueConstraint('paper_id', name=op.f('uq_seals_paper_id')),
    sa.UniqueConstraint('public_id', name=op.f('uq_seals_public_id')),
    )
    with op.batch_alter_table('seals', schema=None) as batch_op:
        batch_op.create_index(batch_op.f('ix_seals_fingerprint'), ['fingerprint'], unique=False)
        batch_op.create_index(batch_op.f('ix_seals_signed_bytes'), ['signed_bytes'], unique=False)


def downgrade():
    op.drop_table('seals')
