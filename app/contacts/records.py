"""The record of a contact, as members write it: made by hand, changed, archived, its addresses.

Two members may write at once. Who saves with an older version than there is by now is told what the other one
changed, and keeps what was typed (`Outdated`).
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import select

from app.accounts.models import User
from app.contacts import activities, companies, fields, services
from app.contacts.models import KINDS, Contact, ContactField, ContactIdentity
from app.contacts.services import Details
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib.dates import time_zones

OLDEST_BIRTHDAY = date(1900, 1, 1)
LABELS = {
    "name": _l("Name"),
    "company": _l("Company"),
    "language": _l("Language"),
    "time_zone": _l("Time zone"),
    "birthday": _l("Birthday"),
    "note": _l("Good to know"),
}
LANGUAGES = {
    "ar": _l("Arabic"), "bn": _l("Bengali"), "bg": _l("Bulgarian"), "ca": _l("Catalan"), "zh": _l("Chinese"),
    "hr": _l("Croatian"), "cs": _l("Czech"), "da": _l("Danish"), "nl": _l("Dutch"), "en": _l("English"),
    "et": _l("Estonian"), "fi": _l("Finnish"), "fr": _l("French"), "de": _l("German"), "el": _l("Greek"),
    "gu": _l("Gujarati"), "he": _l("Hebrew"), "hi": _l("Hindi"), "hu": _l("Hungarian"), "id": _l("Indonesian"),
    "it": _l("Italian"), "ja": _l("Japanese"), "ko": _l("Korean"), "lv": _l("Latvian"), "lt": _l("Lithuanian"),
    "ms": _l("Malay"), "mr": _l("Marathi"), "no": _l("Norwegian"), "fa": _l("Persian"), "pl": _l("Polish"),
    "pt": _l("Portuguese"), "pa": _l("Punjabi"), "ro": _l("Romanian"), "ru": _l("Russian"), "sr": _l("Serbian"),
    "sk": _l("Slovak"), "sl": _l("Slovenian"), "es": _l("Spanish"), "sw": _l("Swahili"), "sv": _l("Swedish"),
    "tl": _l("Tagalog"), "ta": _l("Tamil"), "te": _l("Telugu"), "th": _l("Thai"), "tr": _l("Turkish"),
    "uk": _l("Ukrainian"), "ur": _l("Urdu"), "vi": _l("Vietnamese"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Written:
    """What a form holds, each in its one spelling. `custom` has every shown field, None where it is empty."""

    name: str | None = None
    company: str = ""
    language: str | None = None
    time_zone: str | None = None
    birthday: date | None = None
    note: str = ""
    custom: Mapping[str, Any] = field(default_factory=dict)


class Outdated(Conflict):
    """Somebody else has saved meanwhile; nothing of ours was."""

    code = "outdated"


def read(
    *,
    name: str = "", company: str = "", language: str = "", time_zone: str = "",
    birthday: date | None = None, note: str = "", custom: Mapping[str, str] | None = None,
) -> Written:  # fmt: skip
    """Raises Invalid; its code is the field's name, or "custom.<key>"."""
    if language and language not in LANGUAGES:
        raise Invalid(_("Choose one of the languages."), code="language")
    if time_zone and time_zone not in time_zones():
        raise Invalid(_("Choose one of the time zones."), code="time_zone")
    if birthday and not OLDEST_BIRTHDAY <= birthday <= now().date():
        raise Invalid(_("A birthday lies in the past, from 1900 on."), code="birthday")
    return Written(
        services.read(name=name).name, company, language or None, time_zone or None, birthday,
        services.clean_note(note), _custom(custom or {}),
    )  # fmt: skip


def create(by: User, written: Written, details: Details) -> Contact:
    """By hand. Raises Invalid without any name or address, and Conflict when an address is another contact's:
    of fifty at once with one address, one makes the contact."""
    if not (written.name or details.identities):
        raise Invalid(_("Write a name, an e-mail address or a phone number."), code="name")
    services.refuse_taken(details)
    contact = services.new_contact(None, by=by)
    for kind, value in details.identities:
        if not services.claim(contact, kind, value, by=by):
            services.refuse_taken(details)
    _write(contact, written)
    db.session.flush()
    return contact


def change(contact: Contact, by: User, version: int, written: Written) -> None:
    """Raises Outdated."""
    asked, contact = contact, services.locked(contact.id)
    if contact is not asked or contact.version != version:  # another: they were merged just now
        raise Outdated(_("Somebody else has changed this contact while you were writing."))
    before = as_shown(contact)
    _write(contact, written)
    changed = {label: was for label, was in before.items() if as_shown(contact).get(label) != was}
    after = as_shown(contact)
    changed |= {label: "" for label in after if label not in before}
    if changed:
        contact.version += 1
        changes = [{"field": k, "from": was, "to": after.get(k, "")} for k, was in changed.items()]
        _tell("contact.changed", contact, by, payload={"changes": changes})
    db.session.flush()


def as_shown(contact: Contact) -> dict[str, str]:
    """What it holds, by the labels of the page; without what is empty."""
    company = contact.company
    if contact.company_id and (company is None or company.id != contact.company_id):
        db.session.flush()
        db.session.expire(contact, ["company"])
    shown = {
        "Name": contact.name,
        "Company": contact.company.name if contact.company_id and contact.company else "",
        "Language": LANGUAGES.get(contact.language or "", contact.language),
        "Time zone": contact.time_zone,
        "Birthday": contact.birthday and contact.birthday.isoformat(),
        "Good to know": contact.note,
    }
    shown |= {
        each.label: fields.shown(each, contact.custom.get(each.key)) for each in ContactField.all()
    }
    return {label: str(value) for label, value in shown.items() if value}


def archive(contact: Contact, by: User) -> None:
    """Out of the lists; everything stays, and who writes is still recognised. Safe to repeat."""
    contact = services.locked(contact.id)
    if contact.archived_at is None:
        contact.archived_at = now()
        _tell("contact.archived", contact, by)


def restore(contact: Contact, by: User) -> None:
    contact = services.locked(contact.id)
    if contact.archived_at is not None:
        contact.archived_at = None
        _tell("contact.restored", contact, by)


# --- Addresses


def add_identity(contact: Contact, kind: str, typed: str, by: User) -> None:
    """Safe to repeat. Raises Invalid, or Conflict when it is somebody else's."""
    if kind not in KINDS:
        raise Invalid(_("Choose what it is."), code="kind")
    details = services.read(**{kind: typed})
    if not details.identities:
        raise Invalid(_("Write the address or number."), code=kind)
    contact = services.locked(contact.id)
    value = details.identities[0][1]
    if not services.claim(contact, kind, value, by=by):
        known = Contact.by_identity(kind, value)
        if known is None or known.id != contact.id:
            services.refuse_taken(details)
    db.session.expire(contact, ["identities"])


def remove_identity(contact: Contact, identity: ContactIdentity, by: User) -> None:
    """Whoever writes from it next is a new person. Raises Conflict for a provider's own id: it comes again."""
    if identity.kind not in KINDS:
        raise Conflict(_("The channel knows them by this; it can’t be taken away here."))
    services.locked(contact.id)
    db.session.delete(identity)
    _tell("identity.removed", contact, by, identity.shown, {"kind": identity.kind})
    db.session.flush()
    db.session.expire(contact, ["identities"])


def make_primary(contact: Contact, identity: ContactIdentity) -> None:
    services.locked(contact.id)
    identity.made_primary_at, identity.said_by = now(), None
    db.session.flush()
    db.session.expire(contact, ["identities"])


def identity_of(contact: Contact, identity_id: int) -> ContactIdentity | None:
    if identity_id >= 2**63:
        return None
    return db.session.scalar(
        select(ContactIdentity).where(
            ContactIdentity.contact_id == contact.id, ContactIdentity.id == identity_id
        )
    )


def _write(contact: Contact, written: Written) -> None:
    if written.name != contact.name:
        contact.name_said_by = None
    contact.name, contact.note = written.name, written.note
    contact.language, contact.time_zone = written.language, written.time_zone
    contact.birthday = written.birthday
    company = companies.find_or_make(written.company)
    contact.company_id = company.id if company else None
    kept = {key: value for key, value in contact.custom.items() if key not in written.custom}
    contact.custom = kept | {k: v for k, v in written.custom.items() if v is not None}


def _custom(typed: Mapping[str, str]) -> dict[str, Any]:
    try:
        return fields.read(ContactField.all(), typed)
    except Invalid as problem:
        raise Invalid(problem.message, code=f"custom.{problem.code}") from problem


def _tell(
    kind: str, contact: Contact, by: User, summary: str = "", payload: dict[str, Any] | None = None
) -> None:
    activities.record(
        kind, contact_id=contact.id, actor="member", user_id=by.id, summary=summary, payload=payload
    )
