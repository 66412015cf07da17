"""What can be done to many contacts: each says how a contact stands in that matter, does it, and puts it back."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.contacts import activities, companies, fields, moving, records, tagging, tags
from app.contacts.models import Contact, ContactField, ContactTag
from app.core.errors import Invalid
from app.extensions import db

Value = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Verb:
    """`read` makes the value of what was typed, and raises Invalid. The contact is locked. `back` puts back what `look`
    saw before."""

    read: Callable[[Mapping[str, str]], Value]
    look: Callable[[Contact, Value], Any]
    do: Callable[[Contact, Value, User], None]
    back: Callable[[Contact, Value, Any, User], None]


# --- Tags


def _read_tag(typed: Mapping[str, str]) -> Value:
    tag = tagging.find_or_make(typed.get("tag", ""))
    return {"tag_id": tag.id, "name": tag.name}


def _read_known_tag(typed: Mapping[str, str]) -> Value:
    tag = tagging.find(typed.get("tag", ""))
    if tag is None:
        raise Invalid(_("There is no tag of this name."), code="tag")
    return {"tag_id": tag.id, "name": tag.name}


def _has_tag(contact: Contact, value: Value) -> bool:
    there = ContactTag.contact_id == contact.id, ContactTag.tag_id == value["tag_id"]
    return db.session.scalar(select(ContactTag.tag_id).where(*there)) is not None


def _put_tag(contact: Contact, value: Value, by: User) -> None:
    """Whatever it is called by now; one that was deleted meanwhile is none."""
    if tag := tags.by_id(value["tag_id"]):
        tags.put_known(contact, tag, by)


def _take_tag(contact: Contact, value: Value, by: User) -> None:
    if tag := tags.by_id(value["tag_id"]):
        tags.take(contact, tag, by)


def _tag_back(contact: Contact, value: Value, before: Any, by: User) -> None:
    (_put_tag if before else _take_tag)(contact, value, by)


# --- The business's own fields, and the company


def _read_field(typed: Mapping[str, str]) -> Value:
    found = next((each for each in ContactField.all() if each.key == typed.get("field")), None)
    if found is None:
        raise Invalid(_("Choose a field."), code="field")
    try:
        value = fields.read([found], {found.key: typed.get("value", "")})[found.key]
    except Invalid as problem:
        raise Invalid(problem.message, code="value") from problem
    return {"key": found.key, "label": found.label, "value": value}


def _look_field(contact: Contact, value: Value) -> Any:
    return contact.custom.get(value["key"])


def _set_field(contact: Contact, value: Value, by: User) -> None:
    _write_field(contact, value, value["value"], by)


def _write_field(contact: Contact, value: Value, new: Any, by: User) -> None:
    before = contact.custom.get(value["key"])
    if before == new:
        return
    rest = {key: each for key, each in contact.custom.items() if key != value["key"]}
    contact.custom = rest | ({value["key"]: new} if new is not None else {})
    _changed(contact, value["label"], before, new, by)


def _read_company(typed: Mapping[str, str]) -> Value:
    company = companies.find_or_make(typed.get("company", ""))
    return {"company_id": company.id if company else None}


def _look_company(contact: Contact, _value: Value) -> Any:
    return contact.company_id


def _set_company(contact: Contact, value: Value, by: User) -> None:
    _write_company(contact, value, value["company_id"], by)


def _write_company(contact: Contact, _value: Value, new: Any, by: User) -> None:
    """One that was deleted meanwhile is none."""
    company = companies.Company.by_id(new) if new else None
    before = companies.Company.by_id(contact.company_id) if contact.company_id else None
    if before is not company:
        contact.company_id = company.id if company else None
        _changed(contact, _("Company"), before and before.name, company and company.name, by)


def _changed(contact: Contact, label: str, before: Any, after: Any, by: User) -> None:
    contact.version += 1
    shown = {"field": label, "from": _shown(before), "to": _shown(after)}
    activities.record(
        "contact.changed", contact_id=contact.id, actor="member", user_id=by.id,
        payload={"changes": [shown]},
    )  # fmt: skip


def _shown(value: Any) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    return "" if value is None else str(value)


# --- The archive


def _read_nothing(_typed: Mapping[str, str]) -> Value:
    return {}


def _look_archived(contact: Contact, _value: Value) -> Any:
    return moving.as_json(contact.archived_at) and "archived"


def _archive(contact: Contact, _value: Value, by: User) -> None:
    records.archive(contact, by)


def _restore(contact: Contact, _value: Value, by: User) -> None:
    records.restore(contact, by)


def _archived_back(contact: Contact, value: Value, before: Any, by: User) -> None:
    (_archive if before else _restore)(contact, value, by)


VERBS = {
    "add_tag": Verb(_read_tag, _has_tag, _put_tag, _tag_back),
    "remove_tag": Verb(_read_known_tag, _has_tag, _take_tag, _tag_back),
    "set_field": Verb(_read_field, _look_field, _set_field, _write_field),
    "set_company": Verb(_read_company, _look_company, _set_company, _write_company),
    "archive": Verb(_read_nothing, _look_archived, _archive, _archived_back),
    "restore": Verb(_read_nothing, _look_archived, _restore, _archived_back),
}
