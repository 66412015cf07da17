"""The assistant: its settings, calls of a model, tools, money, hand-offs and callbacks."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "f4a81c02d9be"
down_revision = "d6b2f08c3e15"
branch_labels = None
depends_on = None


TABLES = ("assistant_settings", "budgets", "hand_offs", "callbacks", "model_calls", "tool_uses")


def upgrade() -> None:
    _create_assistant_settings()
    _create_budgets()
    _create_hand_offs()
    _create_callbacks()
    _create_model_calls()
    _create_tool_uses()
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)
    op.add_column(
        "conversations",
        sa.Column("answered_position", sa.BigInteger(), server_default="0", nullable=False),
    )
    _leave_the_past_alone()


def _leave_the_past_alone() -> None:
    """What was written before has been answered. Row security holds the owner of the table too, so it is
    lifted for this one statement, inside the migration's transaction."""
    op.execute("ALTER TABLE conversations NO FORCE ROW LEVEL SECURITY")
    op.execute("UPDATE conversations SET answered_position = position")
    op.execute("ALTER TABLE conversations FORCE ROW LEVEL SECURITY")


def _create_assistant_settings() -> None:
    op.create_table(
        "assistant_settings",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("assistant_name", sa.Text(), nullable=False),
        sa.Column("tone", sa.Text(), nullable=False),
        sa.Column("style_notes", sa.Text(), nullable=False),
        sa.Column("never_say", sa.Text(), nullable=False),
        sa.Column("out_of_hours", sa.Text(), nullable=False),
        sa.Column("hand_off_topics", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("hand_off_order", sa.ARRAY(sa.BigInteger()), nullable=False),
        sa.Column("hand_off_minutes", sa.SmallInteger(), nullable=False),
        sa.Column("switched_off_tools", sa.ARRAY(sa.Text()), nullable=False),
        sa.Column("burst_seconds", sa.SmallInteger(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("own_base_url", sa.Text(), nullable=False),
        sa.Column("own_model", sa.Text(), nullable=False),
        sa.Column("own_key", sa.Text(), nullable=True),
        sa.Column("own_read_price", sa.Float(), nullable=True),
        sa.Column("own_written_price", sa.Float(), nullable=True),
        sa.Column("month_cap_cents", sa.BigInteger(), nullable=True),
        sa.Column("visitor_day_cap_cents", sa.BigInteger(), nullable=True),
        sa.CheckConstraint(
            "out_of_hours IN ('call', 'take_message')",
            name=op.f("ck_assistant_settings_out_of_hours"),
        ),
        sa.CheckConstraint(
            "provider IN ('claude', 'own', 'none')", name=op.f("ck_assistant_settings_provider")
        ),
        sa.CheckConstraint(
            "tone IN ('warm', 'plain', 'formal')", name=op.f("ck_assistant_settings_tone")
        ),
        sa.CheckConstraint(
            "burst_seconds BETWEEN 0 AND 30", name=op.f("ck_assistant_settings_burst_seconds")
        ),
        sa.CheckConstraint(
            "hand_off_minutes BETWEEN 7 AND 240",
            name=op.f("ck_assistant_settings_hand_off_minutes"),
        ),
        sa.CheckConstraint(
            "month_cap_cents >= 0 AND visitor_day_cap_cents >= 0",
            name=op.f("ck_assistant_settings_caps"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_assistant_settings_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_assistant_settings")),
    )


def _create_budgets() -> None:
    op.create_table(
        "budgets",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("period", sa.Date(), nullable=False),
        sa.Column("visitor_id", sa.BigInteger(), nullable=False),
        sa.Column("spent_micros", sa.BigInteger(), nullable=False),
        sa.Column("warned", sa.Boolean(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("kind IN ('month', 'visitor_day')", name=op.f("ck_budgets_kind")),
        sa.CheckConstraint("spent_micros >= 0", name=op.f("ck_budgets_spent_micros")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_budgets_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_budgets")),
        sa.UniqueConstraint(
            "business_id",
            "kind",
            "period",
            "visitor_id",
            name=op.f("uq_budgets_business_id_kind_period_visitor_id"),
        ),
    )


def _create_hand_offs() -> None:
    op.create_table(
        "hand_offs",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("summary", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("promised_seconds", sa.BigInteger(), nullable=True),
        sa.Column("step", sa.SmallInteger(), nullable=False),
        sa.Column("answered_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("ended_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("outcome", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "outcome IN ('answered', 'given_back', 'resolved', 'returned')",
            name=op.f("ck_hand_offs_outcome"),
        ),
        sa.CheckConstraint(
            "reason IN ('asked', 'unsure', 'anger', 'topic', 'refusal', 'provider_error', 'money_cap', 'assistant', 'failure')",
            name=op.f("ck_hand_offs_reason"),
        ),
        sa.CheckConstraint(
            "(outcome IS NULL) = (ended_at IS NULL)", name=op.f("ck_hand_offs_ended")
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_hand_offs_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_hand_offs")),
    )
    op.create_index(
        op.f("ix_hand_offs_business_id_created_at"),
        "hand_offs",
        ["business_id", "created_at"],
        unique=False,
    )
    op.create_index(
        "uq_hand_offs_open",
        "hand_offs",
        ["business_id", "conversation_id"],
        unique=True,
        postgresql_where=sa.text("ended_at IS NULL"),
    )


def _create_callbacks() -> None:
    op.create_table(
        "callbacks",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("hand_off_id", sa.BigInteger(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("phone", sa.Text(), nullable=False),
        sa.Column("email", sa.Text(), nullable=False),
        sa.Column("suits", sa.Text(), nullable=False),
        sa.Column("message", sa.Text(), nullable=False),
        sa.Column("done_at", sa.DateTime(timezone=True), nullable=True),
        sa.Column("done_by", sa.BigInteger(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("phone <> '' OR email <> ''", name=op.f("ck_callbacks_reachable")),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_callbacks_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "hand_off_id"],
            ["hand_offs.business_id", "hand_offs.id"],
            name=op.f("fk_callbacks_business_id_hand_off_id"),
            ondelete="SET NULL (hand_off_id)",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_callbacks")),
    )
    op.create_index(
        op.f("ix_callbacks_business_id_conversation_id"),
        "callbacks",
        ["business_id", "conversation_id"],
        unique=False,
    )
    op.create_index(
        "ix_callbacks_open",
        "callbacks",
        ["business_id", "created_at"],
        unique=False,
        postgresql_where=sa.text("done_at IS NULL"),
    )


def _create_model_calls() -> None:
    op.create_table(
        "model_calls",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("question_id", sa.BigInteger(), nullable=True),
        sa.Column("purpose", sa.Text(), nullable=False),
        sa.Column("provider", sa.Text(), nullable=False),
        sa.Column("model", sa.Text(), nullable=False),
        sa.Column("prompt_version", sa.Text(), nullable=False),
        sa.Column("attempt", sa.SmallInteger(), nullable=False),
        sa.Column("reserved_micros", sa.BigInteger(), nullable=False),
        sa.Column("cost_micros", sa.BigInteger(), nullable=True),
        sa.Column("input_tokens", sa.BigInteger(), nullable=True),
        sa.Column("cached_tokens", sa.BigInteger(), nullable=True),
        sa.Column("stored_tokens", sa.BigInteger(), nullable=True),
        sa.Column("output_tokens", sa.BigInteger(), nullable=True),
        sa.Column("first_word_ms", sa.BigInteger(), nullable=True),
        sa.Column("latency_ms", sa.BigInteger(), nullable=True),
        sa.Column("stop_reason", sa.Text(), nullable=True),
        sa.Column("error", sa.Text(), nullable=True),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint(
            "purpose IN ('answer', 'analysis', 'check', 'bench')",
            name=op.f("ck_model_calls_purpose"),
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_model_calls_business_id_conversation_id"),
            ondelete="SET NULL (conversation_id)",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "question_id"],
            ["messages.business_id", "messages.id"],
            name=op.f("fk_model_calls_business_id_question_id"),
            ondelete="SET NULL (question_id)",
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_model_calls_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_model_calls")),
    )
    op.create_index(
        op.f("ix_model_calls_business_id_conversation_id"),
        "model_calls",
        ["business_id", "conversation_id"],
        unique=False,
    )
    op.create_index(
        op.f("ix_model_calls_business_id_created_at"),
        "model_calls",
        ["business_id", "created_at"],
        unique=False,
    )
    op.create_index(
        op.f("ix_model_calls_business_id_question_id"),
        "model_calls",
        ["business_id", "question_id"],
        unique=False,
    )


def _create_tool_uses() -> None:
    op.create_table(
        "tool_uses",
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("question_id", sa.BigInteger(), nullable=False),
        sa.Column("key", sa.Text(), nullable=True),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("input", postgresql.JSONB(astext_type=sa.Text()), nullable=False),
        sa.Column("output", sa.Text(), nullable=False),
        sa.Column("is_error", sa.Boolean(), nullable=False),
        sa.Column("ends_turn", sa.Boolean(), nullable=False),
        sa.Column("took_ms", sa.BigInteger(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_tool_uses_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "question_id"],
            ["messages.business_id", "messages.id"],
            name=op.f("fk_tool_uses_business_id_question_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_tool_uses")),
        sa.UniqueConstraint("business_id", "key", name=op.f("uq_tool_uses_business_id_key")),
    )
    op.create_index(
        op.f("ix_tool_uses_business_id_question_id"),
        "tool_uses",
        ["business_id", "question_id"],
        unique=False,
    )


def downgrade() -> None:
    op.drop_column("conversations", "answered_position")
    op.drop_index(op.f("ix_tool_uses_business_id_question_id"), table_name="tool_uses")
    op.drop_table("tool_uses")
    op.drop_index(op.f("ix_model_calls_business_id_question_id"), table_name="model_calls")
    op.drop_index(op.f("ix_model_calls_business_id_created_at"), table_name="model_calls")
    op.drop_index(op.f("ix_model_calls_business_id_conversation_id"), table_name="model_calls")
    op.drop_table("model_calls")
    op.drop_index(
        "ix_callbacks_open", table_name="callbacks", postgresql_where=sa.text("done_at IS NULL")
    )
    op.drop_index(op.f("ix_callbacks_business_id_conversation_id"), table_name="callbacks")
    op.drop_table("callbacks")
    op.drop_index(
        "uq_hand_offs_open", table_name="hand_offs", postgresql_where=sa.text("ended_at IS NULL")
    )
    op.drop_index(op.f("ix_hand_offs_business_id_created_at"), table_name="hand_offs")
    op.drop_table("hand_offs")
    op.drop_table("budgets")
    op.drop_table("assistant_settings")
