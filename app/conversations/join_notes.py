"""What a join of two conversations notes, so that they can be parted again (parting.py): keys, places and columns,
nobody's words."""

from datetime import UTC, datetime
from typing import Any

from sqlalchemy import Table, delete, select

from app.accounts.models import User
from app.conversations.models import (
    Conversation,
    ConversationMerge,
    ConversationRead,
    ConversationTag,
    Draft,
    HandOff,
    Message,
)
from app.conversations.models.merges import UNDO_WITHIN
from app.core.db import Base, now
from app.extensions import db

Reversal = dict[str, Any]
# Each goes back by a function of its own; of all other tables the rows that were moved.
WITH_CARE = {
    "messages", "conversation_reads", "conversation_tags", "conversation_drafts", "unread_conversations",
}  # fmt: skip
# Columns that mean something together: they go back if all are as the join left them.
STATES = (
    ("status", "snoozed_until", "snoozed_by", "resolved_at", "resolved_by"),
    ("handed_off_at", "assignee_id"),
    ("waiting_since",),
    ("priority",),
)
PLACES = ("position", "incoming_position", "answered_position")


def before(stays: Conversation, goes: Conversation) -> Reversal:
    """Before anything is moved; both are locked."""
    messages = select(Message.id, Message.position).where(Message.conversation_id == goes.id)
    reads = select(ConversationRead.user_id, ConversationRead.position)
    tags = select(ConversationTag.tag_id)
    theirs = list(db.session.scalars(tags.where(ConversationTag.conversation_id == goes.id)))
    own = set(db.session.scalars(tags.where(ConversationTag.conversation_id == stays.id)))
    led = select(Conversation.id).where(Conversation.merged_into_id == goes.id)
    return {
        "goes": columns(goes) | {name: getattr(goes, name) for name in PLACES},
        "before": columns(stays),
        "messages": _rows(messages),
        "reads": _rows(reads.where(ConversationRead.conversation_id == goes.id)),
        "tags": theirs,
        "new_tags": [each for each in theirs if each not in own],
        "drafts": _drafts(stays, goes),
        "moved": {table.name: _rows(select(*keys_of(table)).where(table.c.conversation_id == goes.id)) for table in tables()},
        "ended": _ended(stays, goes),
        "led_here": list(db.session.scalars(led)),
    }  # fmt: skip


def keep(
    stays: Conversation, goes: Conversation, by: User, reversal: Reversal, own: Reversal
) -> ConversationMerge:
    """After it was moved. `own`: where the marks of the one that stays would be without the other."""
    db.session.flush()
    old = ConversationMerge.created_at < now() - UNDO_WITHIN
    db.session.execute(delete(ConversationMerge).where(old))
    versions = select(Draft.user_id, Draft.kind, Draft.version)
    reversal |= {
        "after": columns(stays) | {name: getattr(stays, name) for name in PLACES},
        "own": own,
        "versions": _rows(versions.where(Draft.conversation_id == stays.id)),
    }
    done = ConversationMerge(kept_id=stays.id, gone_id=goes.id, merged_by=by.id, reversal=reversal)
    db.session.add(done)
    db.session.flush()
    return done


def _drafts(stays: Conversation, goes: Conversation) -> list[list[Any]]:
    """Whose, and how much of the words and files below which it comes to stand is the other's: -1 for no draft there."""
    found = []
    for each in db.session.scalars(select(Draft).where(Draft.conversation_id == goes.id)):
        above = Draft.one(stays.id, each.user_id, each.kind)
        sizes = [len(above.body), len(above.files)] if above else [-1, -1]
        found.append([each.user_id, each.kind, *sizes, each.reply_to_id])
    return found


def _ended(stays: Conversation, goes: Conversation) -> int | None:
    """The hand-off that ends because one may be open."""
    theirs = HandOff.open_of(goes.id)
    return theirs.id if theirs and HandOff.open_of(stays.id) else None


def tables() -> list[Table]:
    there = (each for each in Base.metadata.sorted_tables if "conversation_id" in each.c)
    return [each for each in there if each.name not in WITH_CARE]


def keys_of(table: Table) -> list[Any]:
    return [each for each in table.primary_key if each.name != "business_id"]


def columns(conversation: Conversation) -> Reversal:
    return {name: _plain(getattr(conversation, name)) for names in STATES for name in names}


def _plain(value: Any) -> Any:
    return value.astimezone(UTC).isoformat() if isinstance(value, datetime) else value


def _rows(query: Any) -> list[list[Any]]:
    return [list(row) for row in db.session.execute(query)]
