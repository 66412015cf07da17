"""Messages that want no answer of their own: words of consent, automatic mail, what can't be read."""

import sqlalchemy as sa
from alembic import op

revision = "9e2c64d1a7f5"
down_revision = "e5b80c2f4d17"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.add_column(
        "messages",
        sa.Column("is_settled", sa.Boolean(), server_default=sa.text("false"), nullable=False),
    )


def downgrade() -> None:
    op.drop_column("messages", "is_settled")
