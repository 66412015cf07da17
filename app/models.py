"""Every table, for migrations and for whoever works outside the web: importing this knows them all."""

from app.accounts.models import User
from app.assistant.models import Answer, Gap, GapQuestion
from app.businesses.models import (
    Business,
    BusinessProfile,
    Membership,
    OpeningException,
    OpeningHours,
)
from app.channels.models import Channel
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.conversations.models import Conversation, ConversationRead, Message
from app.core.jobs import OutboxJob
from app.core.storage import File, FilePart
from app.knowledge.models import (
    Chunk,
    ChunkCitation,
    ChunkVector,
    CommonTerm,
    Document,
    Finding,
    NextVector,
    Posting,
    RegressionCase,
    SearchStatistics,
    Sentence,
    Source,
    Upkeep,
    WebPage,
)

__all__ = [
    "Answer",
    "Business",
    "BusinessProfile",
    "Channel",
    "Chunk",
    "ChunkCitation",
    "ChunkVector",
    "CommonTerm",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "ConversationRead",
    "Document",
    "File",
    "FilePart",
    "Finding",
    "Gap",
    "GapQuestion",
    "Membership",
    "Message",
    "NextVector",
    "OpeningException",
    "OpeningHours",
    "OutboxJob",
    "Posting",
    "RegressionCase",
    "SearchStatistics",
    "Sentence",
    "Source",
    "Upkeep",
    "User",
    "Visitor",
    "WebPage",
]
