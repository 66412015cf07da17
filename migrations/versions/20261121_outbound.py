"""What a delivery's callbacks prove, and the index by which a channel's deliveries of a time are found."""

import sqlalchemy as sa
from alembic import op

revision = "7d20c5e81f4a"
down_revision = "7d20b6e4f1a8"
branch_labels = None
depends_on = None

INDEX = "ix_deliveries_business_id_channel_id_sending_at"


def upgrade() -> None:
    op.add_column("deliveries", sa.Column("heard_at", sa.DateTime(timezone=True), nullable=True))
    op.create_index(op.f(INDEX), "deliveries", ["business_id", "channel_id", "sending_at"])


def downgrade() -> None:
    op.drop_index(op.f(INDEX), table_name="deliveries")
    op.drop_column("deliveries", "heard_at")
