"""What other domains know of a contact: its conversations, and what may be written to it."""

from typing import Any

from sqlalchemy import func, select
from sqlalchemy.orm import joinedload

from app.channels.consent_entries import LABELS
from app.channels.models import Consent, VisitorAddress
from app.contacts.models import SURE_LINKS, Contact, Visitor
from app.conversations.models import Conversation
from app.core.access import Permission, may
from app.extensions import db

MOST_CONVERSATIONS = 5
SHOWN = (Conversation.is_preview.is_(False), Conversation.merged_into_id.is_(None))
# A contact's address, as consents have it, on the channels where it is one.
KEYS = {"email": "email", "phone": "phone", "whatsapp": "user", "messenger": "page_user"}


def of(contact: Contact) -> dict[str, Any]:
    return {"conversations": _conversations(contact), "consents": _consents(contact), "channel_labels": LABELS}  # fmt: skip


def _conversations(contact: Contact) -> list[Conversation]:
    """The newest, for those who may read them."""
    if not may(Permission.INBOX_READ):
        return []
    query = (
        select(Conversation)
        .join(Visitor, Visitor.id == Conversation.visitor_id)
        .where(Visitor.contact_id == contact.id, *SHOWN)
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(MOST_CONVERSATIONS)
        .options(joinedload(Conversation.channel))
    )
    return list(db.session.scalars(query))


def conversation_count(contact: Contact) -> int:
    query = (
        select(func.count())
        .select_from(Conversation)
        .join(Visitor, Visitor.id == Conversation.visitor_id)
        .where(Visitor.contact_id == contact.id, *SHOWN)
    )
    return db.session.scalar(query) or 0


def _consents(contact: Contact) -> list[Consent]:
    """What counts now, of each channel and purpose that anything was said of."""
    query = (
        select(Consent)
        .where(Consent.address.in_(_addresses(contact)))
        .order_by(Consent.occurred_at, Consent.id)
    )
    newest = {(each.channel_kind, each.purpose): each for each in db.session.scalars(query)}
    return sorted(newest.values(), key=lambda each: (each.channel_kind, each.purpose))


def _addresses(contact: Contact) -> set[str]:
    own = {f"{KEYS[each.kind]}:{each.value}" for each in contact.identities}
    theirs = (
        select(VisitorAddress.kind, VisitorAddress.value)
        .join(Visitor, Visitor.id == VisitorAddress.visitor_id)
        .where(Visitor.contact_id == contact.id, Visitor.contact_link.in_(SURE_LINKS))
    )
    return own | {f"{kind}:{value}" for kind, value in db.session.execute(theirs)}
