"""What became of each conversation: what it was about, and whether the assistant alone resolved it."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "a7c3e5d10f42"
down_revision = "d2c7a9e4f510"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)
TABLE = "conversation_outcomes"


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("heard_position", sa.BigInteger(), nullable=False),
        sa.Column("ended_at", TIME, nullable=False),
        sa.Column("asked", sa.Text(), nullable=False),
        sa.Column("intent", sa.Text(), nullable=False),
        sa.Column("topic", sa.Text(), nullable=True),
        sa.Column("mood", sa.Text(), nullable=False),
        sa.Column("collected", postgresql.JSONB(), nullable=False),
        sa.Column("model", sa.Text(), nullable=True),
        sa.Column("conditions", postgresql.JSONB(), nullable=False),
        sa.Column("is_resolved", sa.Boolean(), nullable=False),
        sa.Column("rejected_at", TIME, nullable=True),
        sa.Column("rejected_by", sa.BigInteger(), nullable=True),
        sa.Column("rejected_reason", sa.Text(), server_default="", nullable=False),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_conversation_outcomes_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_conversation_outcomes")),
        sa.UniqueConstraint(
            "business_id",
            "conversation_id",
            name=op.f("uq_conversation_outcomes_business_id_conversation_id"),
        ),
    )
    op.create_index(
        "ix_conversation_outcomes_ended",
        TABLE,
        ["business_id", sa.text("ended_at DESC"), sa.text("id DESC")],
    )
    for statement in policy_statements(TABLE):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
