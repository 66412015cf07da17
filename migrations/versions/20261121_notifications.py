"""What members are told, how they want it, and in which browsers."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "e4a8c25b7f10"
down_revision = "e5a1d7c93b40"
branch_labels = None
depends_on = None

TABLES = ("notifications", "notification_choices", "push_subscriptions")


def _business() -> sa.Column:
    scope = sa.text("current_setting('app.business_id')::bigint")
    return sa.Column("business_id", sa.BigInteger(), server_default=scope, nullable=False)


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _at(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column:
    default_ = sa.text(default) if default else None
    moment = sa.DateTime(timezone=True)
    return sa.Column(name, moment, server_default=default_, nullable=nullable)


def _of_business(table: str) -> sa.ForeignKeyConstraint:
    name = op.f(f"fk_{table}_business_id")
    return sa.ForeignKeyConstraint(
        ["business_id"], ["businesses.id"], name=name, ondelete="CASCADE"
    )


def upgrade() -> None:
    _notifications()
    op.create_table(
        "notification_choices",
        _business(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("ways", postgresql.JSONB(), nullable=False),
        sa.Column("quiet_days", postgresql.ARRAY(sa.SmallInteger()), nullable=False),
        sa.Column("quiet_from", sa.SmallInteger(), nullable=False),
        sa.Column("quiet_to", sa.SmallInteger(), nullable=False),
        sa.Column("time_zone", sa.Text(), nullable=False),
        sa.Column("shows_text", sa.Boolean(), nullable=False),
        sa.CheckConstraint(
            "quiet_from BETWEEN 0 AND 1439", name=op.f("ck_notification_choices_quiet_from")
        ),
        sa.CheckConstraint(
            "quiet_to BETWEEN 0 AND 1439", name=op.f("ck_notification_choices_quiet_to")
        ),
        _of_business("notification_choices"),
        sa.PrimaryKeyConstraint("business_id", "user_id", name=op.f("pk_notification_choices")),
    )
    op.create_table(
        "push_subscriptions",
        _business(),
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("endpoint", sa.Text(), nullable=False),
        sa.Column("p256dh", sa.Text(), nullable=False),
        sa.Column("auth", sa.Text(), nullable=False),
        sa.Column("server_key", sa.Text(), nullable=False),
        sa.Column("browser", sa.Text(), nullable=False),
        _at("created_at", default="now()"),
        _of_business("push_subscriptions"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_push_subscriptions")),
        sa.UniqueConstraint(
            "business_id", "endpoint", name=op.f("uq_push_subscriptions_business_id_endpoint")
        ),
    )
    op.create_index(
        op.f("ix_push_subscriptions_business_id_user_id"),
        "push_subscriptions",
        ["business_id", "user_id"],
    )
    for table in TABLES:
        for statement in policy_statements(table):
            op.execute(statement)


def _notifications() -> None:
    op.create_table(
        "notifications",
        _business(),
        _id(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("event", sa.Text(), nullable=False),
        sa.Column("about", sa.Text(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=True),
        sa.Column("who", sa.Text(), nullable=False),
        sa.Column("text", sa.Text(), nullable=False),
        sa.Column("by_id", sa.BigInteger(), nullable=True),
        sa.Column("since", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("count", sa.BigInteger(), nullable=False),
        _at("happened_at"),
        _at("read_at", nullable=True),
        sa.Column("is_shown", sa.Boolean(), nullable=False),
        sa.Column("wants_mail", sa.Boolean(), nullable=False),
        sa.Column("wants_push", sa.Boolean(), nullable=False),
        _at("created_at", default="now()"),
        _of_business("notifications"),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_notifications_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_notifications")),
    )
    for columns in (("user_id", "happened_at"), ("conversation_id", "user_id")):
        every = ["business_id", *columns]
        op.create_index(op.f(f"ix_notifications_{'_'.join(every)}"), "notifications", every)
    op.create_index(
        "uq_notifications_unread",
        "notifications",
        ["business_id", "user_id", "event", "about"],
        unique=True,
        postgresql_where=sa.text("read_at IS NULL"),
    )


def downgrade() -> None:
    for table in reversed(TABLES):
        op.drop_table(table)
