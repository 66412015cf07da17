"""Who was named in a note."""

import sqlalchemy as sa
from alembic import op

from app.core.tenancy import policy_statements

revision = "6d0b94e2a7c1"
down_revision = "7b1e4c9a2d60"
branch_labels = None
depends_on = None

TABLE = "conversation_mentions"


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{TABLE}_business_id_{column}"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    op.create_table(
        TABLE,
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("seen_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        _reference("conversation_id", "conversations"),
        _reference("message_id", "messages"),
        sa.PrimaryKeyConstraint("business_id", "message_id", "user_id", name=op.f(f"pk_{TABLE}")),
    )
    op.create_index(
        op.f(f"ix_{TABLE}_business_id_conversation_id_user_id"),
        TABLE,
        ["business_id", "conversation_id", "user_id"],
    )
    op.create_index(
        f"ix_{TABLE}_unseen",
        TABLE,
        ["business_id", "user_id", "conversation_id"],
        postgresql_where=sa.text("seen_at IS NULL"),
    )
    for statement in policy_statements(TABLE):
        op.execute(statement)


def downgrade() -> None:
    op.drop_table(TABLE)
