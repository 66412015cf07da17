"""What a browser or a provider sends again is known by its client key, and stored once."""

from sqlalchemy import ColumnElement, select

from app.contacts.models import Visitor
from app.conversations.models import Conversation, Message
from app.core.preparing import PREPARED
from app.extensions import db


def sent_in(conversation: Conversation, client_key: str) -> Message | None:
    return _found(client_key, Message.conversation_id == conversation.id)


def sent_by(visitor: Visitor, client_key: str) -> Message | None:
    """In whichever conversation of the visitor: another may have begun since."""
    theirs = select(Conversation.id).where(Conversation.visitor_id == visitor.id)
    return _found(client_key, Message.conversation_id.in_(theirs))


def _found(client_key: str, where: ColumnElement[bool]) -> Message | None:
    found = select(Message).where(where, Message.client_key == client_key)
    return db.session.scalar(found.execution_options(**PREPARED))
