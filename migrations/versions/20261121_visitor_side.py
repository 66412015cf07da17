"""What a visitor speaks, and how far it has read what the team wrote."""

import sqlalchemy as sa
from alembic import op

revision = "0d7a3c5e81f4"
down_revision = "d2f70b8e41c5"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column("visitors", sa.Column("language", sa.Text(), nullable=True))
    for name in ("seen_position", "mailed_position"):
        op.add_column(
            "conversations", sa.Column(name, sa.BigInteger(), server_default="0", nullable=False)
        )
    op.add_column("conversations", sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True))


def downgrade() -> None:
    for name in ("seen_at", "mailed_position", "seen_position"):
        op.drop_column("conversations", name)
    op.drop_column("visitors", "language")
