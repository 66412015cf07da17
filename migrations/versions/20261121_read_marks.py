"""A read mark goes along with the answer that it stands under."""

import sqlalchemy as sa
from alembic import op

revision = "c41e07b85d2a"
down_revision = "b51c0e7f9a34"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("reads", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("deliveries", "reads")
