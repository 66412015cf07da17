"""Who writes in a conversation: what the visitor says of itself, and what members know and decide.

app/contacts/services.py holds the rules; here the conversation's pages are told.
"""

from sqlalchemy import select

from app.accounts.models import User
from app.businesses import profile
from app.contacts import services as contacts
from app.contacts.models import Contact, Visitor
from app.contacts.services import Details
from app.conversations.models import Conversation
from app.core import realtime, tenancy
from app.core.errors import Invalid
from app.extensions import db
from app.lib import emails, names, phones

MOST_TOLD = 20  # conversations of one contact, the newest


def said(
    conversation: Conversation | None, name: str | None, email: str | None, phone: str | None
) -> Details:
    """Details that somebody else hands in for the visitor: each must stand in the visitor's own words of
    this conversation. Without one (a rehearsal) there are no words to look at. Raises Invalid."""
    details = contacts.read(name, email, phone)
    if conversation is None:
        return details
    words, home = conversation.visitor_words(), profile.home_country()
    if details.name and not names.is_said(details.name, words):
        raise _not_said("name", details.name)
    if details.email and not emails.is_said(details.email, words):
        raise _not_said("e-mail address", details.email)
    if details.phone and not phones.is_said(details.phone, words, home):
        raise _not_said("telephone number, whole and with its country code,", details.phone)
    return details


def introduce(conversation: Conversation, details: Details) -> None:
    """The visitor says who it is. The owner who tries the chat becomes nobody's contact."""
    conversation.lock()  # before its visitor: a new contact refers to it
    if conversation.is_preview:
        contacts.keep_said(conversation.visitor, details)
    else:
        contacts.find_or_update(conversation.visitor, details, conversation.id)
    tell(conversation)


def change(
    conversation: Conversation, typed: Details, note: str, by: User | None = None
) -> Contact:
    """By a member. Raises Invalid or Conflict."""
    conversation.lock()
    contact = contacts.change(conversation.visitor, typed, note, conversation.id, by)
    tell(conversation)
    return contact


def confirm(conversation: Conversation) -> None:
    contacts.confirm(conversation.visitor)
    tell(conversation)


def refuse(conversation: Conversation) -> None:
    contacts.refuse(conversation.visitor)
    tell(conversation)


def tell(conversation: Conversation) -> None:
    """Members alone: its card, its name in the header and in the list."""
    if conversation.is_preview:
        return
    members = f"business:{tenancy.current_business_id()}"
    realtime.publish(members, name=f"contact-{conversation.id}")
    realtime.publish(
        members, name=f"conversation-{conversation.id}", position=conversation.position
    )
    realtime.publish(members, name="inbox")


def tell_of(contact: Contact) -> None:
    """It was written on its own page: whoever has one of its conversations open sees it."""
    query = (
        select(Conversation)
        .join(Visitor, Visitor.id == Conversation.visitor_id)
        .where(Visitor.contact_id == contact.id)
        .order_by(Conversation.id.desc())
        .limit(MOST_TOLD)
    )
    for conversation in db.session.scalars(query):
        tell(conversation)


def _not_said(what: str, value: str) -> Invalid:
    return Invalid(
        f"The visitor has not written this {what} here: {value}. Give it exactly as they wrote it, "
        "or ask them for it."
    )
