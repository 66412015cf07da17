"""A person who asks for it is forgotten: the contact, with every conversation and file of it.

What stays is that an address said no to messages, without its words: so that nobody writes to it again.
"""

from collections.abc import Callable

from flask_babel import ngettext
from sqlalchemy import Select, delete, func, select, update

from app.channels.models import Consent
from app.contacts import moving, services
from app.contacts.models import SURE_LINKS, Contact, ContactFile, Visitor
from app.conversations import kept_files
from app.conversations.models import Conversation, Draft, Message, MessageFile, ScheduledMessage
from app.core.storage import File
from app.extensions import db
from app.lib import numbers

Follower = Callable[[list[Contact]], None]
_followers: list[Follower] = []


def begun_by(function: Follower) -> Follower:
    """It is given who goes, locked, while all of them is still there."""
    _followers.append(function)
    return function


def what_goes(contact: Contact) -> list[str]:
    """In words, to be shown before."""
    found = moving.counts(contact.id)
    talks = Conversation.visitor_id.in_(_visitors(contact))
    count = db.session.scalar(select(func.count()).select_from(Conversation).where(talks))
    if count:
        talks_said = ngettext(
            "%(count)s conversation, with all messages",
            "%(count)s conversations, with all messages",
            count, count=numbers.grouped(count),
        )  # fmt: skip
        found.insert(0, talks_said)
    return found


def erase(contact: Contact) -> None:
    """Also those that were merged into it. Can't be undone. Locks conversations, then visitors, then contacts, as
    everybody does."""
    _lock([contact, *_merged_into(contact.id)])
    contact = services.locked(contact.id)
    them = [*_merged_into(contact.id), contact]
    for follow in _followers:
        follow(them)
    for each in them:
        _erase_one(each)
    db.session.expire_all()


def _lock(contacts: list[Contact]) -> None:
    visitors = Visitor.contact_id.in_(each.id for each in contacts)
    theirs = Conversation.visitor_id.in_(select(Visitor.id).where(visitors))
    for query in (
        select(Conversation.id).where(theirs).order_by(Conversation.id),
        select(Visitor.id).where(visitors).order_by(Visitor.id),
    ):
        db.session.scalars(query.with_for_update()).all()


def _erase_one(contact: Contact) -> None:
    visitors = list(db.session.scalars(_visitors(contact)))
    talks = list(
        db.session.scalars(select(Conversation.id).where(Conversation.visitor_id.in_(visitors)))
    )
    said = Consent.visitor_id.in_(visitors)
    db.session.execute(delete(Consent).where(said, Consent.state == "in"))
    db.session.execute(update(Consent).where(said).values(visitor_id=None, evidence={}))
    for file_ids in (
        select(ContactFile.file_id).where(ContactFile.contact_id == contact.id),
        select(MessageFile.file_id)
        .join(Message, Message.id == MessageFile.message_id)
        .where(Message.conversation_id.in_(talks), MessageFile.file_id.is_not(None)),
    ):
        db.session.execute(delete(File).where(File.id.in_(file_ids)))
    _forget_unsent(talks)
    db.session.execute(delete(Visitor).where(Visitor.id.in_(visitors)))
    db.session.execute(delete(Contact).where(Contact.id == contact.id))


def _forget_unsent(talks: list[int]) -> None:
    """The files of replies that still wait, or were taken back into a composer."""
    for row in ScheduledMessage.with_contents(talks):
        kept_files.forget(kept_files.of_contents(row.contents))
    for draft in Draft.with_files(talks):
        kept_files.forget(draft.files)
    db.session.flush()


def _visitors(contact: Contact) -> Select[int]:
    """Who surely is this contact; who only says so is somebody else, perhaps."""
    sure = Visitor.contact_link.in_(SURE_LINKS)
    return select(Visitor.id).where(Visitor.contact_id == contact.id, sure)


def _merged_into(contact_id: int) -> list[Contact]:
    direct = list(db.session.scalars(select(Contact).where(Contact.merged_into_id == contact_id)))
    return [each for one in direct for each in (*_merged_into(one.id), one)]
