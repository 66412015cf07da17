"""What each member hasn't read, saved views, since when a visitor waits, and an index for each list."""

import sqlalchemy as sa
from alembic import op
from sqlalchemy.dialects import postgresql

from app.core.tenancy import policy_statements

revision = "a41c7e90d5b3"
down_revision = "b81f5c07d3e9"
branch_labels = None
depends_on = None

IN_LISTS = "is_preview IS FALSE AND merged_into_id IS NULL"
NEWEST = (sa.text("last_message_at DESC"), sa.text("id DESC"))
INDEXES = (
    ("ix_conversations_inbox", ("status", *NEWEST), ""),
    ("ix_conversations_channel", ("channel_id", "status", *NEWEST), ""),
    ("ix_conversations_assigned", ("assignee_id", "status", *NEWEST), "assignee_id IS NOT NULL"),
    (
        "ix_conversations_unassigned",
        NEWEST,
        "status = 'open' AND assignee_id IS NULL AND handed_off_at IS NOT NULL",
    ),
    ("ix_conversations_priority", ("priority", "status", *NEWEST), "priority > 0"),
    ("ix_conversations_waiting", ("status", "waiting_since", "id"), "waiting_since IS NOT NULL"),
)

# A conversation is unread for each member who may read the inbox (all but accountants, core/access.py) and hasn't read
# up to what asks for attention; a resolved or emptied one for nobody. In the order of the members, so that two
# can't wait for each other.
KEEP_UNREAD = """
CREATE FUNCTION keep_unread() RETURNS trigger LANGUAGE plpgsql AS $$
DECLARE
  waits boolean := NEW.handed_off_at IS NOT NULL AND NEW.assignee_id IS NULL;
BEGIN
  IF NEW.is_preview THEN
    RETURN NULL;
  END IF;
  IF NEW.merged_into_id IS NOT NULL OR (NEW.status = 'resolved' AND OLD.status <> 'resolved') THEN
    DELETE FROM unread_conversations WHERE business_id = NEW.business_id AND conversation_id = NEW.id;
    RETURN NULL;
  END IF;
  IF (OLD.status, OLD.assignee_id, OLD.handed_off_at) IS DISTINCT FROM (NEW.status, NEW.assignee_id, NEW.handed_off_at) THEN
    UPDATE unread_conversations SET status = NEW.status, assignee_id = NEW.assignee_id, is_waiting = waits
      WHERE business_id = NEW.business_id AND conversation_id = NEW.id;
  END IF;
  IF NEW.incoming_position > coalesce(OLD.incoming_position, 0)
     OR (OLD.status = 'resolved' AND NEW.status <> 'resolved') THEN
    INSERT INTO unread_conversations
        (business_id, user_id, conversation_id, position, status, assignee_id, is_waiting)
      SELECT NEW.business_id, m.user_id, NEW.id, NEW.incoming_position, NEW.status, NEW.assignee_id, waits
      FROM memberships m
      LEFT JOIN conversation_reads r ON r.business_id = NEW.business_id
        AND r.conversation_id = NEW.id AND r.user_id = m.user_id
      WHERE m.business_id = NEW.business_id AND m.role <> 'accountant'
        AND coalesce(r.position, 0) < NEW.incoming_position
      ORDER BY m.user_id
    ON CONFLICT (business_id, user_id, conversation_id) DO UPDATE SET position = excluded.position;
  END IF;
  RETURN NULL;
END $$
"""
TRIGGER = """
CREATE TRIGGER keep_unread
AFTER INSERT OR UPDATE OF status, assignee_id, handed_off_at, incoming_position, merged_into_id ON conversations
FOR EACH ROW EXECUTE FUNCTION keep_unread()
"""

WAITING = """
UPDATE conversations c SET waiting_since = CASE WHEN c.handed_off_at IS NOT NULL AND c.assignee_id IS NULL
    THEN c.handed_off_at ELSE c.last_message_at END
WHERE c.status <> 'resolved' AND ((c.handed_off_at IS NOT NULL AND c.assignee_id IS NULL) OR (
    SELECT m.kind FROM messages m WHERE m.business_id = c.business_id AND m.conversation_id = c.id
      AND m.kind IN ('incoming', 'outgoing') ORDER BY m.position DESC LIMIT 1) = 'incoming')
"""
UNREAD = """
INSERT INTO unread_conversations (business_id, user_id, conversation_id, position, status, assignee_id, is_waiting)
SELECT c.business_id, m.user_id, c.id, c.incoming_position, c.status, c.assignee_id,
    c.handed_off_at IS NOT NULL AND c.assignee_id IS NULL
FROM conversations c
JOIN memberships m ON m.business_id = c.business_id AND m.role <> 'accountant'
LEFT JOIN conversation_reads r ON r.business_id = c.business_id AND r.conversation_id = c.id AND r.user_id = m.user_id
WHERE c.status <> 'resolved' AND NOT c.is_preview AND c.merged_into_id IS NULL
    AND coalesce(r.position, 0) < c.incoming_position
"""


def _business() -> sa.Column:
    return sa.Column(
        "business_id",
        sa.BigInteger(),
        server_default=sa.text("current_setting('app.business_id')::bigint"),
        nullable=False,
    )


def _for_all(statement: str, *tables: str) -> None:
    """Of every business: the owner of the tables alone may, and only while security isn't forced on them."""
    for table in tables:
        op.execute(f"ALTER TABLE {table} NO FORCE ROW LEVEL SECURITY")
    op.execute(statement)
    for table in tables:
        op.execute(f"ALTER TABLE {table} FORCE ROW LEVEL SECURITY")


def upgrade() -> None:
    _unread()
    _saved_views()
    op.add_column("conversations", sa.Column("waiting_since", sa.DateTime(timezone=True)))
    _for_all(WAITING, "conversations", "messages")
    _for_all(UNREAD, "unread_conversations", "conversations", "conversation_reads")
    op.execute(KEEP_UNREAD)
    op.execute(TRIGGER)
    op.drop_index("ix_conversations_inbox", "conversations")
    for name, columns, condition in INDEXES:
        where = f"{IN_LISTS} AND {condition}" if condition else IN_LISTS
        op.create_index(
            name, "conversations", ["business_id", *columns], postgresql_where=sa.text(where)
        )
    op.create_index(
        op.f("ix_conversation_mentions_business_id_user_id_conversation_id"),
        "conversation_mentions",
        ["business_id", "user_id", "conversation_id"],
    )


def _unread() -> None:
    op.create_table(
        "unread_conversations",
        _business(),
        sa.Column("user_id", sa.BigInteger(), nullable=False),
        sa.Column("conversation_id", sa.BigInteger(), nullable=False),
        sa.Column("position", sa.BigInteger(), nullable=False),
        sa.Column("status", sa.Text(), nullable=False),
        sa.Column("assignee_id", sa.BigInteger(), nullable=True),
        sa.Column("is_waiting", sa.Boolean(), server_default=sa.text("false"), nullable=False),
        sa.ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            name=op.f("fk_unread_conversations_business_id_conversation_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint(
            "business_id", "user_id", "conversation_id", name=op.f("pk_unread_conversations")
        ),
    )
    op.create_index(
        op.f("ix_unread_conversations_business_id_conversation_id"),
        "unread_conversations",
        ["business_id", "conversation_id"],
    )
    op.create_index(
        "ix_unread_conversations_counts",
        "unread_conversations",
        ["business_id", "user_id", "status", "assignee_id", "is_waiting"],
    )
    for statement in policy_statements("unread_conversations"):
        op.execute(statement)


def _saved_views() -> None:
    op.create_table(
        "saved_views",
        _business(),
        sa.Column("id", sa.BigInteger(), sa.Identity(always=False), nullable=False),
        sa.Column("name", sa.Text(), nullable=False),
        sa.Column("user_id", sa.BigInteger(), nullable=True),
        sa.Column("place", sa.BigInteger(), nullable=False),
        sa.Column("filters", postgresql.JSONB(), nullable=False),
        sa.Column(
            "created_at",
            sa.DateTime(timezone=True),
            server_default=sa.text("now()"),
            nullable=False,
        ),
        sa.CheckConstraint("char_length(name) BETWEEN 1 AND 40", name=op.f("ck_saved_views_name")),
        sa.ForeignKeyConstraint(
            ["business_id"],
            ["businesses.id"],
            name=op.f("fk_saved_views_business_id"),
            ondelete="CASCADE",
        ),
        sa.PrimaryKeyConstraint("business_id", "id", name=op.f("pk_saved_views")),
    )
    op.create_index(
        op.f("ix_saved_views_business_id_place"), "saved_views", ["business_id", "place"]
    )
    for statement in policy_statements("saved_views"):
        op.execute(statement)


def downgrade() -> None:
    op.drop_index(
        op.f("ix_conversation_mentions_business_id_user_id_conversation_id"),
        "conversation_mentions",
    )
    for name, _columns, _condition in INDEXES:
        op.drop_index(name, "conversations")
    op.create_index(
        "ix_conversations_inbox",
        "conversations",
        ["business_id", "status", sa.text("last_message_at DESC")],
    )
    op.execute("DROP TRIGGER keep_unread ON conversations")
    op.execute("DROP FUNCTION keep_unread()")
    op.drop_column("conversations", "waiting_since")
    op.drop_table("saved_views")
    op.drop_table("unread_conversations")
