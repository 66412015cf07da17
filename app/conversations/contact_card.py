"""What members see of a person beside a conversation: what is known, what was only said, what differs."""

from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.contacts import fields, tags
from app.contacts import services as contacts
from app.contacts.models import KINDS, Contact, ContactField, Tag, Visitor
from app.conversations.models import Callback, Conversation
from app.lib import phones

MOST_CONVERSATIONS = 10
LABELS = {"name": _l("Name"), "email": _l("E-mail"), "phone": _l("Phone")}


@dataclass(frozen=True, slots=True)
class Line:
    """`is_said`: the visitor says so, and nobody has checked it. `owner`: a known contact whose it is."""

    kind: str
    value: str
    is_said: bool
    owner: Contact | None = None

    @property
    def label(self) -> str:
        return str(LABELS[self.kind])

    @property
    def shown(self) -> str:
        return phones.shown(self.value) if self.kind == "phone" else self.value


@dataclass(frozen=True, slots=True)
class Card:
    """`known` is the contact's, or what the visitor said while there is none. `differs` is what this
    visitor said otherwise. `claimed` is whom it may be, for a member to decide."""

    visitor: Visitor
    contact: Contact | None
    known: list[Line]
    differs: list[Line]
    claimed: Contact | None
    others: list[Conversation]
    callbacks: list[Callback]
    tags: list[Tag]
    own_fields: list[tuple[str, str]]  # label and value

    @property
    def is_claim(self) -> bool:
        return self.visitor.contact_link == "says" and self.contact is not None

    def shown(self, kind: str) -> str | None:
        return next((line.shown for line in self.known if line.kind == kind), None)


def of(conversation: Conversation) -> Card:
    visitor = conversation.visitor
    contact = visitor.contact
    said = _said(visitor)
    return Card(
        visitor,
        contact,
        known=_of_contact(contact) if contact else said,
        differs=_differing(contact, said) if contact else [],
        claimed=contact if visitor.contact_link == "says" else _claimed(visitor),
        others=Conversation.of_the_same(conversation, MOST_CONVERSATIONS),
        callbacks=Callback.all_of(conversation.id),
        tags=tags.of(contact.id) if contact else [],
        own_fields=_own_fields(contact) if contact else [],
    )


def _own_fields(contact: Contact) -> list[tuple[str, str]]:
    """That hold something; with the company before them."""
    company = [(_("Company"), contact.company.name)] if contact.company else []
    own = ContactField.all() if contact.custom else []
    shown = [(each.label, fields.shown(each, contact.custom.get(each.key))) for each in own]
    return company + [(label, value) for label, value in shown if value]


def typed(card: Card) -> dict[str, str | None]:
    """What the form begins with; not what belongs to somebody who it isn't."""
    values = {kind: card.shown(kind) for kind in LABELS}
    if card.claimed and not card.contact:
        values |= dict.fromkeys(KINDS)
    return values | {"note": card.contact.note if card.contact else ""}


def _of_contact(contact: Contact) -> list[Line]:
    name = [Line("name", contact.name, bool(contact.name_said_by))] if contact.name else []
    return name + [
        Line(each.kind, each.value, bool(each.said_by))
        for each in contact.identities
        if each.kind in KINDS  # a provider's own id says nothing to a person
    ]


def _said(visitor: Visitor) -> list[Line]:
    said = contacts.said_by(visitor)
    name = [("name", said.name)] if said.name else []
    return [Line(kind, value, True) for kind, value in [*name, *said.identities]]


def _differing(contact: Contact, said: list[Line]) -> list[Line]:
    known = {(line.kind, line.value) for line in _of_contact(contact)}
    return [
        Line(line.kind, line.value, True, _owner(line))
        for line in said
        if (line.kind, line.value) not in known
    ]


def _owner(line: Line) -> Contact | None:
    return Contact.by_identity(line.kind, line.value) if line.kind in KINDS else None


def _claimed(visitor: Visitor) -> Contact | None:
    return contacts.claimed_by(visitor) if visitor.contact_link == "refused" else None
