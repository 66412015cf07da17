"""Addresses of files for one visitor: signed, so that nobody makes one up, and the same for a day, so that a
message that is fetched again is the same."""

from uuid import UUID

from itsdangerous import BadSignature

from app.contacts.models import Visitor
from app.conversations.models import Conversation, Message, MessageFile
from app.core import tenancy
from app.core.crypto import keys
from app.core.db import now
from app.extensions import db

PURPOSE = "visitor-file"
DAYS = 2  # after the day on which it was shown


def sealed(file_id: int, visitor: UUID) -> str:
    said: str = keys().lasting_signer(PURPOSE).dumps([file_id, visitor.hex, _today()])
    return said


def opened(signed: str) -> MessageFile | None:
    """None when it is forged or old, or when the file isn't this visitor's any more."""
    try:
        file_id, uuid, day = keys().lasting_signer(PURPOSE).loads(signed)
    except BadSignature:
        return None
    row = MessageFile.by_id(file_id) if 0 <= _today() - day <= DAYS else None
    return row if row is not None and _owner(row) == UUID(uuid) else None


def _owner(row: MessageFile) -> UUID:
    message = db.session.get_one(Message, (tenancy.current_business_id(), row.message_id))
    conversation = db.session.get_one(Conversation, (row.business_id, message.conversation_id))
    return db.session.get_one(Visitor, (row.business_id, conversation.visitor_id)).uuid


def _today() -> int:
    return now().toordinal()
