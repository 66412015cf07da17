"""The language that a member chose for the dashboard."""

import sqlalchemy as sa
from alembic import op

revision = "d2f70b8e41c5"
down_revision = "6b1f0c94d2e8"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("users", sa.Column("language", sa.Text()))


def downgrade() -> None:
    op.drop_column("users", "language")
