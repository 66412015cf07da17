"""Connecting channels: what an owner typed, when a channel is checked next, and how many are broken."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "7d20b6e4f1a8"
down_revision = "c41e7f9a2b63"
branch_labels = None
depends_on = None


def upgrade() -> None:
    op.create_table(
        "connect_attempts",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("channel_id", sa.BigInteger(), nullable=True),
        sa.Column("state", sa.Text(), nullable=False),
        sa.Column("values_json", sa.Text(), nullable=True),
        sa.Column("problems", postgresql.JSONB(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("finished_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "state IN ('asked', 'refused', 'done')", name=op.f("ck_connect_attempts_state")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_connect_attempts_business_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "channel_id"],
            ["channels.business_id", "channels.id"],
            name=op.f("fk_connect_attempts_business_id_channel_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_connect_attempts")),
    )
    for statement in policy_statements("connect_attempts"):
        op.execute(statement)
    op.add_column(
        "channel_routes",
        sa.Column(
            "check_at", sa.DateTime(timezone=True), server_default=sa.text("now()"), nullable=False
        ),
    )
    op.add_column(
        "businesses",
        sa.Column("broken_channels", sa.BigInteger(), server_default="0", nullable=False),
    )


def downgrade() -> None:
    op.drop_column("businesses", "broken_channels")
    op.drop_column("channel_routes", "check_at")
    op.drop_table("connect_attempts")
