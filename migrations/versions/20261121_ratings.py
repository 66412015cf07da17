"""How people rate a conversation that ended, and whether they are asked."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "e4b7a90c3d15"
down_revision = "0d7a3c5e81f4"
branch_labels = None
depends_on = None

SCOPED = ("ratings", "rating_settings")
TIME = sa.DateTime(timezone=True)


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _number(name: str, *, nullable: bool = False) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), nullable=nullable)


def _reference(column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_ratings_business_id_{column}"),
        ondelete="CASCADE",
    )


def upgrade() -> None:
    _ratings()
    _settings()
    for table in SCOPED:
        for statement in policy_statements(table):
            op.execute(statement)


def _ratings() -> None:
    op.create_table(
        "ratings",
        _business(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        _number("conversation_id"),
        _number("channel_id"),
        _number("event_id"),
        _number("asked_id", nullable=True),
        _number("line_id", nullable=True),
        _number("user_id", nullable=True),
        sa.Column("stars", sa.SmallInteger(), nullable=True),
        sa.Column("words", sa.Text(), nullable=False),
        sa.Column("answered_at", TIME, nullable=True),
        sa.Column("created_at", TIME, server_default=sa.text("now()"), nullable=False),
        sa.CheckConstraint("stars BETWEEN 1 AND 5", name=op.f("ck_ratings_stars")),
        sa.CheckConstraint(
            "(stars IS NULL) = (answered_at IS NULL)", name=op.f("ck_ratings_answered")
        ),
        _reference("conversation_id", "conversations"),
        _reference("channel_id", "channels"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_ratings")),
        sa.UniqueConstraint(
            "business_id", "event_id", name=op.f("uq_ratings_business_id_event_id")
        ),
    )
    for columns in (["business_id", "created_at", "id"], ["business_id", "conversation_id"]):
        op.create_index(op.f("_".join(["ix_ratings", *columns])), "ratings", columns)


def _settings() -> None:
    op.create_table(
        "rating_settings",
        _business(),
        sa.Column("is_on", sa.Boolean(), server_default="true", nullable=False),
        sa.Column(
            "channels", postgresql.ARRAY(sa.Text()), server_default="{website}", nullable=False
        ),
        sa.Column("delay_minutes", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("question", sa.Text(), server_default="", nullable=False),
        sa.CheckConstraint(
            "delay_minutes BETWEEN 0 AND 120", name=op.f("ck_rating_settings_delay_minutes")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_rating_settings_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", name=op.f("pk_rating_settings")),
    )


def downgrade() -> None:
    for table in SCOPED:
        op.drop_table(table)
