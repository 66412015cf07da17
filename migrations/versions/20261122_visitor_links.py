"""Which of the links that were mailed to a visitor still opens its chat, and in which browser."""

import sqlalchemy as sa
from alembic import op

revision = "5c19e8d2a7f4"
down_revision = "c85e1f0a7d24"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "visitors", sa.Column("link_number", sa.BigInteger(), server_default="0", nullable=False)
    )
    op.add_column("visitors", sa.Column("link_claim", sa.Text(), nullable=True))


def downgrade() -> None:
    op.drop_column("visitors", "link_claim")
    op.drop_column("visitors", "link_number")
