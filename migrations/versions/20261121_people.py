"""Tags, the timeline of activities, snoozed conversations and priorities."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "3f8a1d5c9e27"
down_revision = "9e2c64d1a7f5"
branch_labels = None
depends_on = None

SCOPED = ("tags", "contact_tags", "conversation_tags", "activities")


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _created() -> sa.Column:
    return sa.Column(
        "created_at",
        sa.DateTime(timezone=True),
        server_default=sa.text("now()"),
        nullable=False,
    )


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )


def _tagged(table: str, column: str, target: str) -> None:
    op.create_table(
        table,
        _business(),
        sa.Column(column, sa.BigInteger(), nullable=False),
        sa.Column("tag_id", sa.BigInteger(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        _created(),
        _reference(table, column, target),
        _reference(table, "tag_id", "tags"),
        sa.PrimaryKeyConstraint("business_id", column, "tag_id", name=op.f(f"pk_{table}")),
    )
    op.create_index(
        op.f(f"ix_{table}_business_id_tag_id_{column}"), table, ["business_id", "tag_id", column]
    )


def upgrade() -> None:
    op.create_table(
        "tags",
        _business(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("name_key", sa.Text(), nullable=False),
        sa.Column("colour", sa.Text(), server_default="neutral", nullable=False),
        _created(),
        sa.CheckConstraint(
            "colour IN ('neutral', 'green', 'amber', 'red', 'blue')", name=op.f("ck_tags_colour")
        ),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_tags_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_tags")),
        sa.UniqueConstraint("business_id", "name_key", name=op.f("uq_tags_business_id_name_key")),
    )
    _tagged("contact_tags", "contact_id", "contacts")
    _tagged("conversation_tags", "conversation_id", "conversations")
    op.create_table(
        "activities",
        _business(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("contact_id", sa.BigInteger(), nullable=True),
        sa.Column("visitor_id", sa.BigInteger(), nullable=True),
        sa.Column("kind", sa.Text(), nullable=False),
        sa.Column("occurred_at", sa.DateTime(timezone=True), nullable=False),
        sa.Column("actor_kind", sa.Text(), nullable=False),
        sa.Column("actor_id", sa.BigInteger(), nullable=True),
        sa.Column("about", sa.Text(), nullable=True),
        sa.Column("summary", sa.Text(), server_default="", nullable=False),
        sa.Column("payload", postgresql.JSONB(), server_default="{}", nullable=False),
        sa.Column("source_key", sa.Text(), nullable=True),
        _created(),
        sa.CheckConstraint(
            "contact_id IS NOT NULL OR visitor_id IS NOT NULL", name=op.f("ck_activities_whose")
        ),
        sa.CheckConstraint(
            "actor_kind IN ('member', 'visitor', 'assistant', 'system')",
            name=op.f("ck_activities_actor_kind"),
        ),
        _reference("activities", "contact_id", "contacts"),
        _reference("activities", "visitor_id", "visitors"),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_activities")),
        sa.UniqueConstraint(
            "business_id", "source_key", name=op.f("uq_activities_business_id_source_key")
        ),
    )
    op.create_index(
        "ix_activities_timeline",
        "activities",
        ["business_id", "contact_id", sa.text("occurred_at DESC"), sa.text("id DESC")],
    )
    op.create_index(
        "ix_activities_visitor",
        "activities",
        ["business_id", "visitor_id"],
        postgresql_where=sa.text("contact_id IS NULL"),
    )
    for table in SCOPED:
        for statement in policy_statements(table):
            op.execute(statement)
    _contacts()
    _conversations()


def _contacts() -> None:
    op.add_column(
        "contacts",
        sa.Column(
            "last_activity_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
    )
    op.add_column("contacts", sa.Column("archived_at", sa.DateTime(timezone=True), nullable=True))
    op.add_column("contacts", sa.Column("merged_into_id", sa.BigInteger(), nullable=True))
    _for_all("contacts", "UPDATE contacts SET last_activity_at = created_at")
    op.create_index(
        "ix_contacts_list",
        "contacts",
        ["business_id", sa.text("last_activity_at DESC"), sa.text("id DESC")],
        postgresql_where=sa.text("archived_at IS NULL"),
    )


def _for_all(table: str, statement: str) -> None:
    """Of every business: the owner of the table alone may, and only while security isn't forced on it."""
    op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def _conversations() -> None:
    for column in (
        sa.Column("snoozed_until", sa.DateTime(timezone=True), nullable=True),
        sa.Column("snoozed_by", sa.BigInteger(), nullable=True),
        sa.Column("priority", sa.SmallInteger(), server_default="0", nullable=False),
        sa.Column("merged_into_id", sa.BigInteger(), nullable=True),
    ):
        op.add_column("conversations", column)
    op.drop_constraint("ck_conversations_status", "conversations")
    for name, condition in (
        ("status", "status IN ('open', 'snoozed', 'resolved')"),
        ("snoozed_until", "snoozed_until IS NULL OR status = 'snoozed'"),
        ("priority", "priority BETWEEN 0 AND 3"),
    ):
        op.create_check_constraint(op.f(f"ck_conversations_{name}"), "conversations", condition)


def downgrade() -> None:
    for name in ("priority", "snoozed_until", "status"):
        op.drop_constraint(f"ck_conversations_{name}", "conversations")
    awake = (
        "UPDATE conversations SET status = 'open', snoozed_until = NULL WHERE status = 'snoozed'"
    )
    _for_all("conversations", awake)
    op.create_check_constraint(
        op.f("ck_conversations_status"), "conversations", "status IN ('open', 'resolved')"
    )
    for column in ("merged_into_id", "priority", "snoozed_by", "snoozed_until"):
        op.drop_column("conversations", column)
    op.drop_index("ix_contacts_list", "contacts")
    for column in ("merged_into_id", "archived_at", "last_activity_at"):
        op.drop_column("contacts", column)
    for table in ("activities", "conversation_tags", "contact_tags", "tags"):
        op.drop_table(table)
