"""Contacts by their names, addresses, numbers and notes; conversations by who is in them."""

import contextlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import joinedload

from app.businesses import profile
from app.contacts.models import SURE_LINKS, Contact, ContactIdentity, Visitor
from app.conversations.models import MAX_ID, Conversation
from app.extensions import db
from app.lib import emails, phones
from app.search import looking, texts, words
from app.search.asking import NUMBER, Asked
from app.search.models import CONTACT, VISITOR
from app.search.texts import Text

LOOKED_AT = 100  # people, of whom the best are shown


@dataclass(frozen=True, slots=True)
class People:
    ids: list[int]  # of contacts, the best first
    asked: list[Asked]
    has_more: bool

    def first(self, limit: int) -> list[Contact]:
        ids = self.ids[:limit]
        query = select(Contact).where(Contact.id.in_(ids)).options(joinedload(Contact.identities))
        found = db.session.scalars(query).unique()
        return sorted(found, key=lambda each: ids.index(each.id)) if ids else []


def contacts(typed: str, fresh: list[int]) -> People:
    """First whose address or number it is, then whose name it is, then whose name begins so; the newest first."""
    own = _by_address(typed)
    found = looking.look(CONTACT, typed, fresh, LOOKED_AT)
    known = {each.row_id: each for each in found.rows}
    known |= texts.of(CONTACT, own - known.keys())
    ranked = sorted(known.values(), key=lambda each: _rank(each, own, found.asked))
    return People([each.row_id for each in ranked], found.asked, found.has_more)


def _rank(
    contact: Text, own: set[int], asked: Sequence[Asked]
) -> tuple[bool, int, int, float, int]:
    name = words.in_order(contact.body.partition("\n")[0])
    exact = sum(each.word in name for each in asked)
    begun = sum(each.is_in(name) for each in asked)
    return contact.row_id not in own, -exact, -begun, -contact.newness, -contact.row_id


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
    with contextlib.suppress(emails.NotEmail):
        yield emails.normal(typed)
    if words.typed_number(typed):
        yield typed
        with contextlib.suppress(phones.NotPhone):
            yield phones.normal(typed, profile.home_country())


def conversations(
    typed: str, people: People, fresh: list[int], limit: int
) -> tuple[list[Conversation], bool]:
    """With these people, newest first; before them the one of this number."""
    visitors = looking.look(VISITOR, typed, fresh, LOOKED_AT)
    visitor_ids = [each.row_id for each in visitors.rows]
    contact_ids = people.ids
    numbered = _by_number(typed)
    if not visitor_ids and not contact_ids:
        return numbered, False
    theirs = select(Visitor.id).where(
        Visitor.id.in_(visitor_ids)
        | (Visitor.contact_id.in_(contact_ids) & Visitor.contact_link.in_(SURE_LINKS))
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
