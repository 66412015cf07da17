"""Who made a kept reply: an agent changes the team's only where they made it."""

import sqlalchemy as sa
from alembic import op

revision = "7f2c61d8ab04"
down_revision = "e4b7a90c3d15"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("canned_replies", sa.Column("made_by", sa.BigInteger(), nullable=True))


def downgrade() -> None:
    op.drop_column("canned_replies", "made_by")
