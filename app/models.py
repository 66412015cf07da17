"""Every table, for migrations and for whoever works outside the web: importing this knows them all."""

from app.accounts.models import User
from app.assistant.models import (
    Answer,
    AssistantSettings,
    Budget,
    ConversationOutcome,
    Gap,
    GapQuestion,
    ModelCall,
    ProviderTrouble,
    ToolUse,
)
from app.businesses.models import (
    Business,
    BusinessProfile,
    Membership,
    OpeningException,
    OpeningHours,
)
from app.channels.models import Channel
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.conversations.models import (
    Callback,
    Conversation,
    ConversationRead,
    HandOff,
    Message,
)
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
    "AssistantSettings",
    "Budget",
    "Business",
    "BusinessProfile",
    "Callback",
    "Channel",
    "Chunk",
    "ChunkCitation",
    "ChunkVector",
    "CommonTerm",
    "Contact",
    "ContactIdentity",
    "Conversation",
    "ConversationOutcome",
    "ConversationRead",
    "Document",
    "File",
    "FilePart",
    "Finding",
    "Gap",
    "GapQuestion",
    "HandOff",
    "Membership",
    "Message",
    "ModelCall",
    "NextVector",
    "OpeningException",
    "OpeningHours",
    "OutboxJob",
    "Posting",
    "ProviderTrouble",
    "RegressionCase",
    "SearchStatistics",
    "Sentence",
    "Source",
    "ToolUse",
    "Upkeep",
    "User",
    "Visitor",
    "WebPage",
]
