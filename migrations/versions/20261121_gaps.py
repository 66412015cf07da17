"""What visitors ask and the assistant can't answer, grouped by meaning."""

import sqlalchemy as sa
from alembic import op
from pgvector.sqlalchemy import HALFVEC

from app.core.tenancy import policy_statements

revision = "e51b9c7a2d08"
down_revision = "b51f0c6e8d27"
branch_labels = None
depends_on = None

TIME = sa.DateTime(timezone=True)


def upgrade() -> None:
    _create_gaps()
    _create_questions()
    for table in ("gaps", "gap_questions"):
        for statement in policy_statements(table):
            op.execute(statement)


def _create_gaps() -> None:
    op.create_table(
        "gaps",
        *_key(),
        sa.Column("question", sa.Text(), nullable=False),
        sa.Column("asked_count", sa.BigInteger(), nullable=False),
        sa.Column("first_asked_at", TIME, nullable=False),
        sa.Column("last_asked_at", TIME, nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("embedding", HALFVEC(384), nullable=False),
        sa.Column("source_id", sa.BigInteger(), nullable=True),
        sa.Column("answered_by", sa.BigInteger(), nullable=True),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("dismissed_by", sa.BigInteger(), nullable=True),
        sa.Column("dismissed_at", TIME, nullable=True),
        sa.Column("returns_at", sa.BigInteger(), nullable=True),
        sa.Column("reopened_from", sa.Text(), nullable=True),
        _created(),
        sa.CheckConstraint(
            "status IN ('open', 'answered', 'dismissed')", name=op.f("ck_gaps_status")
        ),
        sa.CheckConstraint(
            "reopened_from IN ('answered', 'dismissed')", name=op.f("ck_gaps_reopened_from")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_gaps_business_id"),
            ondelete="CASCADE",
        ),
        sa.ForeignKeyConstraint(
            ["business_id", "source_id"],
            ["sources.business_id", "sources.id"],
            name=op.f("fk_gaps_business_id_source_id"),
            ondelete="SET NULL (source_id)",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_gaps")),
    )
    op.create_index(
        "ix_gaps_list",
        "gaps",
        ["business_id", "status", sa.text("last_asked_at DESC"), sa.text("id DESC")],
    )


def _create_questions() -> None:
    op.create_table(
        "gap_questions",
        *_key(),
        sa.Column("gap_id", sa.BigInteger(), nullable=False),
        sa.Column("message_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("reason", sa.Text(), nullable=False),
        sa.Column("asked_at", TIME, nullable=False),
        sa.Column("embedding", HALFVEC(384), nullable=False),
        _created(),
        sa.CheckConstraint("reason IN ('unsure', 'rated')", name=op.f("ck_gap_questions_reason")),
        *(_reference(column) for column in ("gap_id", "message_id", "conversation_id")),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_gap_questions")),
        sa.UniqueConstraint(
            "business_id", "message_id", name=op.f("uq_gap_questions_business_id_message_id")
        ),
    )
    for column in ("gap_id", "conversation_id"):
        op.create_index(
            op.f(f"ix_gap_questions_business_id_{column}"),
            "gap_questions",
            ["business_id", column],
        )


def _key() -> tuple[sa.Column, sa.Column]:
    return (
        sa.Column(
            "business_id",
            sa.BigInteger(),
            server_default=sa.text("current_setting('app.business_id')::bigint"),
            nullable=False,
        ),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
    )


def _created() -> sa.Column:
    return sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False)


def _reference(column: str) -> sa.ForeignKeyConstraint:
    table = column.removesuffix("_id") + "s"
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{table}.business_id", f"{table}.id"],
        name=op.f(f"fk_gap_questions_business_id_{column}"),
        ondelete="CASCADE",
    )


def downgrade() -> None:
    op.drop_table("gap_questions")
    op.drop_table("gaps")
