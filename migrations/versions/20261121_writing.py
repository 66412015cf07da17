"""Replies that are kept, drafts, and replies that wait."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "b81f5c07d3e9"
down_revision = "6d0b94e2a7c1"
branch_labels = None
depends_on = None

SCOPED = ("canned_replies", "canned_files", "conversation_drafts", "scheduled_messages")


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _id() -> sa.Column:
    return sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False)


def _moment(name: str, *, nullable: bool = False, default: bool = False) -> sa.Column:
    return sa.Column(
        name,
        sa.DateTime(timezone=True),
        server_default=sa.text("now()") if default else None,
        nullable=nullable,
    )


def _number(name: str, *, nullable: bool = False, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.BigInteger(), server_default=default, nullable=nullable)


def _words(name: str, default: str | None = None) -> sa.Column:
    return sa.Column(name, sa.Text(), server_default=default, nullable=False)


def _json(name: str, default: str) -> sa.Column:
    return sa.Column(name, postgresql.JSONB(), server_default=default, nullable=False)


def _reference(table: str, column: str, target: str) -> sa.ForeignKeyConstraint:
    return sa.ForeignKeyConstraint(
        ["business_id", column],
        [f"{target}.business_id", f"{target}.id"],
        name=op.f(f"fk_{table}_business_id_{column}"),
        ondelete="CASCADE",
    )


def _key(table: str, *columns: str) -> sa.PrimaryKeyConstraint:
    return sa.PrimaryKeyConstraint("business_id", *columns, name=op.f(f"pk_{table}"))


def _unique(table: str, *columns: str) -> sa.UniqueConstraint:
    name = "_".join((f"uq_{table}_business_id", *columns))
    return sa.UniqueConstraint("business_id", *columns, name=op.f(name))


def upgrade() -> None:
    _canned()
    _drafts()
    _scheduled()
    for table in SCOPED:
        for statement in policy_statements(table):
            op.execute(statement)
    op.add_column(
        "conversations",
        sa.Column("has_scheduled", sa.Boolean(), server_default="false", nullable=False),
    )
    op.add_column(
        "memberships",
        sa.Column("undo_seconds", sa.SmallInteger(), server_default="5", nullable=False),
    )
    op.create_check_constraint(
        op.f("ck_memberships_undo_seconds"), "memberships", "undo_seconds IN (0, 5, 10)"
    )


def _canned() -> None:
    op.create_table(
        "canned_replies",
        _business(),
        _id(),
        _number("owner_id", default="0"),
        _words("shortcut"),
        _words("title"),
        _words("body"),
        _number("used_count", default="0"),
        _moment("last_used_at", nullable=True),
        _moment("updated_at"),
        _number("updated_by", nullable=True),
        _moment("created_at", default=True),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_canned_replies_business_id"),
            ondelete="CASCADE",
        ),
        _key("canned_replies", "id"),
        _unique("canned_replies", "owner_id", "shortcut"),
    )
    op.create_table(
        "canned_files",
        _business(),
        _id(),
        _number("reply_id"),
        _number("file_id"),
        _words("mime"),
        _words("name"),
        _number("byte_count"),
        _moment("created_at", default=True),
        _reference("canned_files", "reply_id", "canned_replies"),
        _reference("canned_files", "file_id", "files"),
        _key("canned_files", "id"),
    )
    op.create_index(
        op.f("ix_canned_files_business_id_reply_id"), "canned_files", ["business_id", "reply_id"]
    )


def _drafts() -> None:
    table = "conversation_drafts"
    op.create_table(
        table,
        _business(),
        _number("conversation_id"),
        _number("user_id"),
        _words("kind"),
        _words("body"),
        _number("reply_to_id", nullable=True),
        _json("beside", "{}"),
        _json("files", "[]"),
        _number("version"),
        _words("other_body", ""),
        _moment("updated_at"),
        sa.CheckConstraint("kind IN ('reply', 'note')", name=op.f(f"ck_{table}_kind")),
        _reference(table, "conversation_id", "conversations"),
        _key(table, "conversation_id", "user_id", "kind"),
    )
    op.create_index(
        op.f(f"ix_{table}_business_id_user_id_conversation_id"),
        table,
        ["business_id", "user_id", "conversation_id"],
    )


def _scheduled() -> None:
    table = "scheduled_messages"
    op.create_table(
        table,
        _business(),
        _id(),
        _number("conversation_id"),
        _number("user_id"),
        _words("client_key"),
        _words("body"),
        _json("contents", "[]"),
        _number("reply_to_id", nullable=True),
        _moment("due_at"),
        sa.Column("is_later", sa.Boolean(), nullable=False),
        sa.Column("drops_on_reply", sa.Boolean(), nullable=False),
        _words("state"),
        _words("error", ""),
        _moment("created_at", default=True),
        sa.CheckConstraint(
            "state IN ('waiting', 'failed', 'undone', 'dropped')", name=op.f(f"ck_{table}_state")
        ),
        _reference(table, "conversation_id", "conversations"),
        _key(table, "id"),
        _unique(table, "conversation_id", "client_key"),
    )
    op.create_index(
        f"ix_{table}_open",
        table,
        ["business_id", "conversation_id", "due_at"],
        postgresql_where=sa.text("state IN ('waiting', 'failed')"),
    )


def downgrade() -> None:
    op.drop_constraint("ck_memberships_undo_seconds", "memberships")
    op.drop_column("memberships", "undo_seconds")
    op.drop_column("conversations", "has_scheduled")
    for table in reversed(SCOPED):
        op.drop_table(table)
