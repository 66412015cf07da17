"""What an update of WhatsApp means. It never raises: whatever is missing or odd in it, a person’s message stays a message,
if only one that can’t be shown."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.channels.border import (
    Address,
    Edited,
    Incoming,
    Line,
    News,
    Nothing,
    Notice,
    Person,
    Preference,
    Reaction,
    Renamed,
    Revoked,
    SendFailed,
    Status,
)  # fmt: skip
from app.channels.content import Cards, Choice
from app.channels.graph_errors import failure
from app.channels.loose import as_dict, as_number, as_text, dicts
from app.channels.meta_hooks import digest, moment
from app.channels.whatsapp import contents
from app.channels.whatsapp.reading import PERSON

RANKS = ("sent", "delivered", "read", "played", "failed")
NOTICES = {
    "message_template_status_update": "template_status",
    "message_template_quality_update": "template_quality",
    "template_category_update": "template_category",
    "phone_number_quality_update": "number_quality",
    "business_capability_update": "capability",
    "account_update": "account",
    "account_alerts": "alert",
    "account_review_update": "review",
    "security": "security",
}
LEFT_OUT = {
    "history": Nothing("conversations of before, from the owner’s phone"),
    "smb_app_state_sync": Nothing("the address book of the owner’s phone"),
}
LEAD = (
    "source_url", "source_id", "source_type", "headline", "body", "media_type", "image_url", "video_url",
    "thumbnail_url", "ctwa_clid",
)  # fmt: skip


def understand(payload: Mapping[str, Any], line: Line) -> list[News]:  # noqa: ARG001
    """Without looking at the line: an update says all of it."""
    update = dict(payload)
    read = _READERS.get(as_text(update, "kind"), _notice)
    return read(update, as_dict(update, "item"), _moment(update))


def _moment(update: dict[str, Any]) -> datetime:
    return moment(as_number(update, "at") or 0.0)


# Messages


def _message(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    read = _ABOUT_OTHERS.get(as_text(item, "type"))
    if read is not None:
        return read(update, item, at)
    return _incoming(update, item, at, is_echo=False)


def _echo(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    """What the owner wrote on their own phone."""
    kind = as_text(item, "type")
    if kind in ("edit", "revoke"):
        return _ABOUT_OTHERS[kind](update, item, at)
    if kind == "reaction":
        return [Nothing("the owner’s own reaction")]
    return _incoming(update, item, at, is_echo=True)


def _incoming(
    update: dict[str, Any], item: dict[str, Any], at: datetime, *, is_echo: bool
) -> list[News]:
    content = contents.content_of(item)
    person = _person(update, item)
    if isinstance(content, Cards) and content.is_own_number:
        person = _with_phones(person, content)
    if not person.addresses:
        return [Nothing("a message from nobody")]
    return [
        Incoming(
            person,
            as_text(item, "id") or digest(item),
            content,
            at,
            files=contents.files_of(item),
            reply_to=as_text(item, "context", "id") or None,
            lead=_lead(item),
            is_echo=is_echo,
            is_automatic=bool(as_text(item, "group_id")),  # an answer would go to one of the group
            payload=content.id if isinstance(content, Choice) else "",
        )
    ]


def _lead(item: dict[str, Any]) -> dict[str, Any] | None:
    """The advertisement that somebody came from."""
    referral = as_dict(item, "referral")
    lead = {name: text for name in LEAD if (text := as_text(referral, name))}
    if welcome := as_text(referral, "welcome_message", "text"):
        lead["welcome"] = welcome
    return lead or None


def _edit(_update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    original = as_text(item, "edit", "original_message_id")
    if not original:
        return [Nothing("an edit of nothing")]
    return [Edited(original, contents.content_of(as_dict(item, "edit", "message")), at)]


def _revoke(_update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    original = as_text(item, "revoke", "original_message_id")
    return [Revoked(original, at)] if original else [Nothing("a revocation of nothing")]


def _reaction(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    person, about = _person(update, item), as_text(item, "reaction", "message_id")
    if not about or not person.addresses:
        return [Nothing("a reaction to nothing")]
    return [Reaction(person, about, as_text(item, "reaction", "emoji"), at)]


def _welcome(_update: dict[str, Any], _item: dict[str, Any], _at: datetime) -> list[News]:
    return [Nothing("somebody opened the chat and has written nothing yet")]


def _system(_update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    """A new number brings a new user id too. Who is known by both is told of twice: each may be all we know."""
    system = as_dict(item, "system")
    new = _addresses(
        as_text(system, "user_id"), as_text(system, "wa_id") or as_text(system, "new_wa_id")
    )
    old = _addresses(
        as_text(item, "from_user_id"), as_text(item, "from") or as_text(system, "customer")
    )
    found = [Renamed(each, new, at) for each in old if each not in new] if new else []
    return [*found] or [Nothing(f"told by WhatsApp itself: {as_text(system, 'type')}")]


# People


def _person(update: dict[str, Any], item: dict[str, Any]) -> Person:
    contact = as_dict(update, "contact")
    *ids, phone = PERSON.get(as_text(update, "kind"), ("",))
    own = next((found for name in ids if (found := as_text(item, name))), "")
    addresses = _addresses(
        own or as_text(contact, "user_id"), as_text(item, phone) or as_text(contact, "wa_id")
    )
    username = as_text(contact, "profile", "username")
    return Person(
        addresses, as_text(contact, "profile", "name") or (f"@{username}" if username else "")
    )


def _addresses(user_id: str, number: str) -> tuple[Address, ...]:
    """The surest first: a user id is one person’s, a number goes from one to the next."""
    found = [Address("user", user_id)] if contents.is_user_id(user_id) else []
    if phone := contents.phone_of(number):
        found.append(Address("phone", phone))
    return tuple(found)


def _with_phones(person: Person, cards: Cards) -> Person:
    """Who was asked for their number has sent it."""
    phones = [contents.phone_of(each) for card in cards.cards[:1] for each in card.phones[:1]]
    more = [Address("phone", phone) for phone in phones if phone]
    return Person(tuple(dict.fromkeys((*person.addresses, *more))), person.name)


# What became of ours, and what concerns the account


def _status(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    status = as_text(item, "status")
    provider_id, token = as_text(item, "id"), as_text(item, "biz_opaque_callback_data")
    if status not in RANKS or not (provider_id or token):
        return [Nothing(f"a status that says nothing: {status}")]
    person = _person(update, item)
    return [
        Status(
            status,
            at,
            provider_id=provider_id,
            token=token,
            person=person if person.addresses else None,
            failure=_failure(item) if status == "failed" else None,
            pricing=as_dict(item, "pricing") or None,
        )
    ]


def _failure(item: dict[str, Any]) -> SendFailed:
    error = next(iter(dicts(item, "errors")), {})
    return failure(error)


def _preference(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    person, value = _person(update, item), as_text(item, "value")
    if not person.addresses or value not in ("stop", "resume"):
        return [Nothing("a preference of nobody, or of nothing")]
    state = "out" if value == "stop" else "in"
    return [Preference(person, "marketing", state, at, {"said": "whatsapp", **item})]


def _notice(update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    field = as_text(update, "field")
    if field not in NOTICES:
        return [LEFT_OUT.get(field) or Nothing(f"an unknown field: {field}")]
    return [Notice(NOTICES[field], {"account": as_text(update, "account"), **item}, at)]


def _errors(_update: dict[str, Any], item: dict[str, Any], at: datetime) -> list[News]:
    """Something of the number went wrong, which belongs to no message."""
    return [Notice("alert", {"errors": dicts(item, "errors")}, at)]


_READERS = {
    "message": _message,
    "echo": _echo,
    "status": _status,
    "preference": _preference,
    "errors": _errors,
}
_ABOUT_OTHERS = {
    "edit": _edit,
    "revoke": _revoke,
    "reaction": _reaction,
    "request_welcome": _welcome,
    "system": _system,
}
