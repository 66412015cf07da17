"""Receipts say what an answer cost."""

import sqlalchemy as sa
from alembic import op

revision = "b51f0c6e8d27"
down_revision = "a3d95e1b70c4"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("answers", sa.Column("cost_micros", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("answers", "cost_micros")
