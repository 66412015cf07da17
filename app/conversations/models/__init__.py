"""Conversations with their messages; hand-offs to people, and callbacks that were asked for."""

from app.conversations.models.canned import TEAM, CannedFile, CannedReply
from app.conversations.models.drafts import Draft
from app.conversations.models.files import MessageFile
from app.conversations.models.hand_offs import REASONS, Callback, HandOff
from app.conversations.models.mentions import Mention
from app.conversations.models.merges import ConversationMerge
from app.conversations.models.reads import ConversationRead
from app.conversations.models.saved_views import SavedView
from app.conversations.models.scheduled import ScheduledMessage
from app.conversations.models.tags import ConversationTag
from app.conversations.models.threads import (
    EVENTS,
    MAX_ID,
    PRIORITIES,
    Conversation,
    Message,
)
from app.conversations.models.undo import UndoStep
from app.conversations.models.unread import Unread

__all__ = [
    "EVENTS",
    "MAX_ID",
    "PRIORITIES",
    "REASONS",
    "TEAM",
    "Callback",
    "CannedFile",
    "CannedReply",
    "Conversation",
    "ConversationMerge",
    "ConversationRead",
    "ConversationTag",
    "Draft",
    "HandOff",
    "Mention",
    "Message",
    "MessageFile",
    "SavedView",
    "ScheduledMessage",
    "UndoStep",
    "Unread",
]
