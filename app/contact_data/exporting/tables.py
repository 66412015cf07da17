"""Contacts as rows of a table, whose columns an import recognises again."""

from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select
from sqlalchemy.orm import joinedload, selectinload

from app.channels import consents
from app.channels.border import Address
from app.channels.consent_entries import ADDRESS_KINDS
from app.contacts import fields, listing
from app.contacts.models import Contact, ContactField, Tag
from app.contacts.records import LANGUAGES
from app.extensions import db

PAGE = 2_000  # contacts in memory at once
COLUMNS = (
    _l("Name"), _l("E-mail"), _l("Phone"), _l("Company"), _l("Tags"), _l("Good to know"),
    _l("Language"), _l("Birthday"),
)  # fmt: skip
CONSENT = {
    "email": _l("Wants offers by e-mail"),
    "sms": _l("Wants offers by SMS"),
    "whatsapp": _l("Wants offers on WhatsApp"),
}
LAST = (_l("Became a contact"), _l("Last activity"), _l("Number in Frontdesk"))
Row = list[str]


def of(chosen: Select[Contact]) -> tuple[Row, Iterator[list[Row]]]:
    """The header and the pages, with the business's own fields as they are at the beginning."""
    own = ContactField.all()
    for each in own:
        db.session.expunge(each)  # they outlive a page
    return _header(own), _pages(chosen, own)


def _header(own: list[ContactField]) -> Row:
    named = [*COLUMNS, *(each.label for each in own), *CONSENT.values(), *LAST]
    return [str(each) for each in named]


def _pages(chosen: Select[Contact], own: list[ContactField]) -> Iterator[list[Row]]:
    """By id, a page at a time; nothing of one is held while the next is read."""
    after = 0
    while page := _page(chosen, after):
        after = page[-1].id
        yield _rows(page, own)
        db.session.expunge_all()


def _page(chosen: Select[Contact], after: int) -> list[Contact]:
    beside = (selectinload(Contact.identities), joinedload(Contact.company))
    query = chosen.where(Contact.id > after).order_by(Contact.id).limit(PAGE)
    return list(db.session.scalars(query.options(*beside)))


def _rows(page: list[Contact], own: list[ContactField]) -> list[Row]:
    tags = listing.tags_of([each.id for each in page])
    said = {kind: consents.states(kind, _addresses(page, kind)) for kind in CONSENT}
    return [_row(each, own, tags.get(each.id, []), said) for each in page]


def _row(contact: Contact, own: list[ContactField], tags: list[Tag], said: dict[str, Any]) -> Row:
    return [
        contact.name or "",
        "; ".join(each.value for each in contact.identities if each.kind == "email"),
        "; ".join(each.shown for each in contact.identities if each.kind == "phone"),
        contact.company.name if contact.company else "",
        ", ".join(tag.name for tag in tags),
        contact.note,
        str(LANGUAGES.get(contact.language or "", contact.language or "")),
        contact.birthday.isoformat() if contact.birthday else "",
        *(fields.typed(each, contact.custom.get(each.key)) for each in own),
        *(_consent(contact, kind, said[kind]) for kind in CONSENT),
        contact.created_at.isoformat(timespec="seconds"),
        contact.last_activity_at.isoformat(timespec="seconds"),
        str(contact.id),
    ]


def _addresses(page: list[Contact], channel: str) -> list[Address]:
    kind = ADDRESS_KINDS[channel]
    return [Address(kind, i.value) for each in page for i in each.identities if i.kind == kind]


def _consent(contact: Contact, channel: str, said: dict[str, dict[str, str]]) -> str:
    """A no of any of the addresses is one."""
    states = [said.get(consents.key_of(each), {}) for each in _addresses([contact], channel)]
    found = {state for each in states for state in each.values() if state == "out"}
    found |= {each["marketing"] for each in states if "marketing" in each}
    return "no" if "out" in found else "yes" if "in" in found else ""
