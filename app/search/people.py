"""Contacts by their names, addresses, numbers and notes; conversations by who is in them."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import select
from sqlalchemy.orm import joinedload, selectinload

from app.businesses import profile
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.conversations.models import MAX_ID, Conversation
from app.extensions import db
from app.lib import emails, phones
from app.search import looking, words
from app.search.asking import NUMBER, Asked
from app.search.models import CONTACT, VISITOR

LOOKED_AT = 200  # people, of whom the best are shown
SURE = ("own", "confirmed")  # links between a visitor and its contact


@dataclass(frozen=True, slots=True)
class People:
    contacts: list[Contact]
    asked: list[Asked]
    has_more: bool


def contacts(typed: str) -> People:
    """The best first: whose address or number it is, whose name it is, whose name begins so; then the newest."""
    own = _by_address(typed)
    found = looking.look_for_people(CONTACT, typed, LOOKED_AT)
    ids = {*own, *(row_id for row_id, _ in found.rows)}
    query = (
        select(Contact)
        .where(Contact.id.in_(ids), Contact.archived_at.is_(None), Contact.merged_into_id.is_(None))
        .options(selectinload(Contact.identities))
    )
    people = sorted(db.session.scalars(query), key=lambda each: _rank(each, own, found.asked))
    return People(people, found.asked, found.has_more)


def _rank(
    contact: Contact, own: set[int], asked: Sequence[Asked]
) -> tuple[bool, int, int, float, int]:
    name = words.in_order(contact.name or "")
    exact = sum(each.word in name for each in asked)
    begun = sum(each.is_in(name) for each in asked)
    at: datetime = contact.last_activity_at
    return contact.id not in own, -exact, -begun, -at.timestamp(), -contact.id


def _by_address(typed: str) -> set[int]:
    values = list(_addresses(typed))
    if not values:
        return set()
    kinds = ("email", "phone", "whatsapp", "messenger")
    whose = select(ContactIdentity.contact_id).where(
        ContactIdentity.kind.in_(kinds), ContactIdentity.value.in_(values)
    )
    return set(db.session.scalars(whose))


def _addresses(typed: str) -> Iterable[str]:
    """As an e-mail address and as a number to call, each in its one spelling, if it is one."""
    try:
        yield emails.normal(typed)
    except emails.NotEmail:
        pass
    if words.typed_number(typed):
        yield typed
        try:
            yield phones.normal(typed, profile.home_country())
        except phones.NotPhone:
            pass


def conversations(typed: str, people: People, limit: int) -> tuple[list[Conversation], bool]:
    """With these people, newest first; before them the one of this number."""
    visitors = looking.look_for_people(VISITOR, typed, LOOKED_AT)
    visitor_ids = {row_id for row_id, _ in visitors.rows}
    contact_ids = {contact.id for contact in people.contacts}
    numbered = _by_number(typed)
    if not visitor_ids and not contact_ids:
        return numbered, False
    theirs = select(Visitor.id).where(
        Visitor.id.in_(visitor_ids)
        | (Visitor.contact_id.in_(contact_ids) & Visitor.contact_link.in_(SURE))
    )
    query = (
        select(Conversation)
        .where(
            Conversation.visitor_id.in_(theirs),
            Conversation.is_preview.is_(False),
            Conversation.merged_into_id.is_(None),
        )
        .order_by(Conversation.last_message_at.desc(), Conversation.id.desc())
        .limit(limit + 1)
        .options(*shown_with(Conversation))
    )
    found = list(dict.fromkeys([*numbered, *db.session.scalars(query)]))
    return found[:limit], len(found) > limit


def _by_number(typed: str) -> list[Conversation]:
    number = NUMBER.fullmatch(typed)
    found = Conversation.in_inbox(min(int(number[1]), MAX_ID)) if number else None
    return [found] if found else []


def shown_with(conversation: type[Conversation]) -> list:
    """What a row of it shows besides."""
    return [
        joinedload(conversation.visitor).joinedload(Visitor.contact),
        joinedload(conversation.channel),
    ]
