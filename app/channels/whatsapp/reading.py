"""Which updates are in a webhook of WhatsApp. Cheap, as it runs before the answer; what an update means is understood
later.

An update’s payload stands for itself: {"kind", "field", "account", "at", "item"}, of a message or status with its
"metadata" and the "contact" that the batch has for its person.
"""

from collections.abc import Iterator
from typing import Any

from app.channels.border import Hook, Update
from app.channels.loose import as_dict, as_text, dicts
from app.channels.meta_hooks import digest, moment, seconds, updates

# Where a value has its updates, and of what kind they are.
LISTS = {
    "messages": "message",
    "statuses": "status",
    "message_echoes": "echo",
    "user_preferences": "preference",
}
PERSON = {
    "message": ("from_user_id", "from"),
    "status": ("recipient_user_id", "recipient_id"),
    "echo": ("to_user_id", "recipient_user_id", "to"),
    "preference": ("user_id", "wa_id"),
}


def split(hook: Hook) -> list[Update]:
    return updates(hook, _of_entry)


def _of_entry(entry: dict[str, Any]) -> Iterator[Update]:
    for change in dicts(entry, "changes"):
        yield from _of_change(entry, as_text(change, "field"), as_dict(change, "value"))


def _of_change(entry: dict[str, Any], field: str, value: dict[str, Any]) -> Iterator[Update]:
    account = as_text(entry, "id")
    number = as_text(value, "metadata", "phone_number_id") or account
    contacts = _Contacts(dicts(value, "contacts"))
    is_read = False
    for name, kind in LISTS.items():
        for item in dicts(value, name):
            is_read = True
            contact = contacts.of(item, kind)
            payload = _payload(entry, field, kind, item) | {
                "metadata": as_dict(value, "metadata"),
                "contact": contact,
            }
            yield _update(number, kind, item, contact, payload)
    if is_read:
        return
    about = as_text(value, "waba_info", "waba_id") or account
    kind = "errors" if dicts(value, "errors") else "notice"
    payload = _payload(entry, field, kind, value)
    stamp = digest(account, field, value, entry.get("time"))
    yield Update(
        number if kind == "errors" else about, f"n:{stamp}", "", moment(payload["at"]), payload
    )


def _payload(entry: dict[str, Any], field: str, kind: str, item: dict[str, Any]) -> dict[str, Any]:
    return {
        "kind": kind,
        "field": field,
        "account": as_text(entry, "id"),
        "at": seconds(item.get("timestamp"), entry.get("time")),
        "item": item,
    }


def _update(
    number: str, kind: str, item: dict[str, Any], contact: dict[str, Any], payload: dict[str, Any]
) -> Update:
    person = _person(item, kind, contact)
    at, is_urgent = moment(payload["at"]), kind != "status"
    return Update(number, _external_id(kind, item), person, at, payload, is_urgent)


def _external_id(kind: str, item: dict[str, Any]) -> str:
    own = as_text(item, "id")
    if kind == "status" and own:
        return f"s:{own}:{as_text(item, 'status')}"
    if kind in ("message", "echo") and own:
        return f"m:{own}"
    return f"{kind[0]}x:{digest(item)}"


def _person(item: dict[str, Any], kind: str, contact: dict[str, Any]) -> str:
    """By what the person is told apart in our lanes: the user id, where there is one."""
    own, *others = (as_text(item, name) for name in PERSON[kind])
    return (
        own
        or as_text(contact, "user_id")
        or next(filter(None, others), "")
        or as_text(contact, "wa_id")
    )


class _Contacts:
    """A value’s contacts, found by either id."""

    def __init__(self, contacts: list[dict[str, Any]]) -> None:
        self._only = contacts[0] if len(contacts) == 1 else {}
        self._by_id = {
            as_text(each, name): each for each in contacts for name in ("user_id", "wa_id")
        }

    def of(self, item: dict[str, Any], kind: str) -> dict[str, Any]:
        named = [own for name in PERSON[kind] if (own := as_text(item, name))]
        if not named:
            return self._only
        return next((self._by_id[own] for own in named if own in self._by_id), {})
