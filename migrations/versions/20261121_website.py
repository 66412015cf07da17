"""What a site's page says of a visitor, and what the visitor agreed to."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

revision = "b51c0e7f9a34"
down_revision = "3f8a1d5c9e27"
branch_labels = None
depends_on = None


def upgrade() -> None:
    attributes = sa.Column("attributes", postgresql.JSONB(), server_default="{}", nullable=False)
    op.add_column("visitors", attributes)
    op.add_column("visitors", sa.Column("chat_consent", postgresql.JSONB(), nullable=True))


def downgrade() -> None:
    op.drop_column("visitors", "chat_consent")
    op.drop_column("visitors", "attributes")
