"""Conversations with their messages; hand-offs to people, and callbacks that were asked for."""

from app.conversations.models.files import MessageFile
from app.conversations.models.hand_offs import REASONS, Callback, HandOff
from app.conversations.models.reads import ConversationRead
from app.conversations.models.tags import ConversationTag
from app.conversations.models.threads import (
    EVENTS,
    MAX_ID,
    PRIORITIES,
    VIEWS,
    Conversation,
    Message,
)

__all__ = [
    "EVENTS",
    "MAX_ID",
    "PRIORITIES",
    "REASONS",
    "VIEWS",
    "Callback",
    "Conversation",
    "ConversationRead",
    "ConversationTag",
    "HandOff",
    "Message",
    "MessageFile",
]
