"""Every table, for migrations and for whoever works outside the web: importing this knows them all."""

from app.accounts.models import User
from app.assistant.models import Answer, Gap, GapQuestion
from app.businesses.models import Business, Membership
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations.models import Conversation, ConversationRead, Message
from app.core.jobs import OutboxJob
from app.core.storage import File, FilePart
from app.knowledge.models import (
    Chunk,
    ChunkCitation,
    ChunkVector,
    CommonTerm,
    Document,
    NextVector,
    Posting,
    RegressionCase,
    SearchStatistics,
    Sentence,
    Source,
    WebPage,
)

__all__ = [
    "Answer",
    "Business",
    "Channel",
    "Chunk",
    "ChunkCitation",
    "ChunkVector",
    "CommonTerm",
    "Conversation",
    "ConversationRead",
    "Document",
    "File",
    "FilePart",
    "Gap",
    "GapQuestion",
    "Membership",
    "Message",
    "NextVector",
    "OutboxJob",
    "Posting",
    "RegressionCase",
    "SearchStatistics",
    "Sentence",
    "Source",
    "User",
    "Visitor",
    "WebPage",
]
