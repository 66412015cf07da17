"""A visitor has its data deleted: what was said and sent, and who it is. What stays is an empty conversation that
says so, for the team. Nobody can undo it.
"""

from typing import Any
from uuid import uuid4

from sqlalchemy import ColumnElement, delete, select, update

from app.assistant import grouping
from app.assistant.models import ConversationOutcome, GapQuestion, ToolUse
from app.automations.models import AutomationCall, AutomationRun
from app.contacts import unsaying
from app.contacts.models import Visitor
from app.conversations import due, hand_offs, kept_files, services
from app.conversations.models import (
    Callback,
    Conversation,
    ConversationMerge,
    Draft,
    HandOff,
    Message,
    MessageFile,
    ScheduledMessage,
)
from app.core.db import now
from app.core.storage import File
from app.extensions import db
from app.frontdesk import words
from app.notifications.models import Notification
from app.ratings.models import Rating

# What hangs on a conversation and holds people's words. tests/widget/test_own_data.py walks the tables.
FORGOTTEN = (
    ScheduledMessage,
    Draft,
    Callback,
    ConversationOutcome,
    GapQuestion,
    ToolUse,
    AutomationCall,
    AutomationRun,
    Notification,
    Message,
)


def erase(visitor: Visitor) -> None:
    """Locks conversations, then the visitor, then its contact. The visitor's next word is that of somebody new."""
    locked = select(Conversation).where(Conversation.visitor_id == visitor.id)
    talks = list(db.session.scalars(locked.order_by(Conversation.id).with_for_update()))
    _forget_around([each.id for each in talks])
    unsaying.unsay(visitor)
    for talk in talks:
        if talk.merged_into_id is None:
            _empty(talk.lock())
    words.forget(visitor.uuid)
    visitor.uuid = uuid4()


def _forget_around(ids: list[int]) -> None:
    """What was said, and what was made of it: receipts, opinions and mentions go with their messages."""
    for question in db.session.scalars(select(GapQuestion).where(_of(GapQuestion, ids))):
        grouping.leave(question)
    for row in ScheduledMessage.with_contents(ids):
        kept_files.forget(kept_files.of_contents(row.contents))
    for draft in Draft.with_files(ids):
        kept_files.forget(draft.files)
    files = select(MessageFile.file_id).join(Message, Message.id == MessageFile.message_id)
    kept = files.where(_of(Message, ids), MessageFile.file_id.is_not(None))
    db.session.execute(delete(File).where(File.id.in_(kept)))
    db.session.flush()
    for table in FORGOTTEN:
        db.session.execute(delete(table).where(_of(table, ids)))
    merged = ConversationMerge.kept_id.in_(ids) | ConversationMerge.gone_id.in_(ids)
    db.session.execute(delete(ConversationMerge).where(merged))  # nothing comes back
    db.session.execute(update(HandOff).where(_of(HandOff, ids)).values(summary={}))
    db.session.execute(
        update(Rating).where(_of(Rating, ids)).values(words="")
    )  # its stars count on
    db.session.expire_all()


def _of(table: Any, ids: list[int]) -> ColumnElement[bool]:
    found: ColumnElement[bool] = table.conversation_id.in_(ids)
    return found


def _empty(talk: Conversation) -> None:
    talk.last_text = ""
    talk.status, talk.resolved_at, talk.resolved_by = "resolved", now(), None
    talk.snoozed_until = talk.snoozed_by = talk.handed_off_at = talk.assignee_id = None
    talk.waiting_since = None
    hand_offs.end(talk, "resolved")
    talk.answered_position = talk.incoming_position = talk.position + 1  # unread: members are told
    services.post(talk, "event", "system", "erased")
    due.changed(talk)
