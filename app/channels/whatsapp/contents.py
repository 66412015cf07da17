"""What a WhatsApp message holds, type by type, and its file. What can’t be read is Unreadable, with the name of its type."""

import binascii
import json
import re
from base64 import b64decode
from collections.abc import Callable
from typing import Any

from app.channels.border import IncomingFile
from app.channels.content import (
    MEDIA_SIGNS,
    Card,
    Cards,
    Choice,
    Content,
    Location,
    Media,
    Order,
    OrderLine,
    Unreadable,
    Words,
)  # fmt: skip
from app.channels.loose import as_dict, as_number, as_text, dicts
from app.lib.marking import kept

USER_ID = re.compile(r"[A-Z]{2}\.(ENT\.)?[A-Za-z0-9]{1,128}")
PHONE = re.compile(r"\+?([1-9]\d{4,14})")
MAX_NAME_CHARACTERS = 200


def is_user_id(text: str) -> bool:
    return bool(USER_ID.fullmatch(text))


def phone_of(number: str) -> str:
    """E.164, or nothing. WhatsApp writes it without the plus, people write spaces into their cards."""
    found = PHONE.fullmatch(re.sub(r"[\s().-]", "", number))
    return f"+{found[1]}" if found else ""


def content_of(message: dict[str, Any]) -> Content:
    kind = as_text(message, "type")
    read = _READERS.get(kind)
    found = read(message) if read else None
    return found or Unreadable(what=as_text(message, "unsupported", "type") or kind or "unknown")


def files_of(message: dict[str, Any]) -> tuple[IncomingFile, ...]:
    kind = as_text(message, "type")
    media = as_dict(message, kind)
    ref = as_text(media, "id")
    if kind not in MEDIA_SIGNS or not ref:
        return ()
    return (IncomingFile(kind, _mime(media), _name(media), ref, sha256=_hex(media)),)


def _mime(media: dict[str, Any]) -> str:
    """Without what follows it: "audio/ogg; codecs=opus"."""
    return as_text(media, "mime_type").partition(";")[0].strip().lower()


def _name(media: dict[str, Any]) -> str:
    return as_text(media, "filename")[:MAX_NAME_CHARACTERS]


def _hex(media: dict[str, Any]) -> str:
    """Webhooks have the digest in base64, Graph’s answers in hex."""
    given = as_text(media, "sha256")
    if re.fullmatch(r"[0-9a-fA-F]{64}", given):
        return given.lower()
    try:
        digest = b64decode(given, validate=True)
    except (binascii.Error, ValueError):
        return ""
    return digest.hex() if len(digest) == 32 else ""


def _text(message: dict[str, Any]) -> Content | None:
    body = as_text(message, "text", "body")
    return Words(body=body) if body else None


def _media(message: dict[str, Any]) -> Content | None:
    kind: Any = as_text(message, "type")
    media = as_dict(message, kind)
    if not media:
        return None
    return Media(
        kind=kind,
        caption=as_text(media, "caption"),
        mime=_mime(media),
        name=_name(media),
        is_voice=media.get("voice") is True,
    )


def _location(message: dict[str, Any]) -> Content | None:
    place = as_dict(message, "location")
    latitude, longitude = as_number(place, "latitude"), as_number(place, "longitude")
    if latitude is None or longitude is None or abs(latitude) > 90 or abs(longitude) > 180:
        return None
    return Location(
        latitude=latitude,
        longitude=longitude,
        name=as_text(place, "name"),
        address=as_text(place, "address"),
    )


def _cards(message: dict[str, Any]) -> Content | None:
    cards = [card for each in dicts(message, "contacts") if (card := _card(each))]
    is_own = as_text(message, "origin") == "contact_request"
    return Cards(cards=cards, is_own_number=is_own) if cards else None


def _card(each: dict[str, Any]) -> Card | None:
    name = as_text(each, "name", "formatted_name") or as_text(each, "name", "first_name")
    phones = [
        phone_of(as_text(phone, "wa_id")) or as_text(phone, "phone")
        for phone in dicts(each, "phones")
    ]
    emails = [as_text(email, "email") for email in dicts(each, "emails")]
    company = as_text(each, "org", "company")
    if not (name or any(phones) or any(emails) or company):
        return None
    return Card(
        name=name or company,
        phones=[phone for phone in phones if phone],
        emails=[email for email in emails if email],
        company=company,
    )


def _interactive(message: dict[str, Any]) -> Content | None:
    interactive = as_dict(message, "interactive")
    kind = as_text(interactive, "type")
    reply = as_dict(interactive, kind)
    if kind == "nfm_reply":
        return _form(reply)
    if kind == "call_permission_reply":
        return _call_permission(reply)
    title, chosen = as_text(reply, "title"), as_text(reply, "id")
    if not (title or chosen):
        return None
    return Choice(id=chosen, title=title or chosen, description=as_text(reply, "description"))


def _form(reply: dict[str, Any]) -> Content | None:
    """A form that was filled in: its fields are JSON written as text."""
    try:
        fields = json.loads(as_text(reply, "response_json"))
    except (ValueError, RecursionError):
        fields = {}
    name = as_text(reply, "name")
    title = as_text(reply, "body") or (
        kept("Address") if name == "address_message" else kept("Form filled in")
    )
    return Choice(id=name, title=title, fields=fields if isinstance(fields, dict) else {})


def _call_permission(reply: dict[str, Any]) -> Content | None:
    said = as_text(reply, "response")
    title = kept("You may call me") if said == "accept" else kept("Please don’t call me")
    return Choice(id=f"call_permission:{said}", title=title) if said else None


def _button(message: dict[str, Any]) -> Content | None:
    """A quick reply under a template."""
    title, payload = as_text(message, "button", "text"), as_text(message, "button", "payload")
    return Choice(id=payload or title, title=title or payload) if title or payload else None


def _order(message: dict[str, Any]) -> Content | None:
    lines = [_order_line(each) for each in dicts(message, "order", "product_items")]
    return Order(lines=lines, text=as_text(message, "order", "text")) if lines else None


def _order_line(each: dict[str, Any]) -> OrderLine:
    price = each.get("item_price")
    return OrderLine(
        product=as_text(each, "product_retailer_id") or "?",
        quantity=int(as_number(each, "quantity") or 1),
        price=f"{price}" if isinstance(price, int | float | str) else "",
        currency=as_text(each, "currency"),
    )


_READERS: dict[str, Callable[[dict[str, Any]], Content | None]] = {
    "text": _text,
    "location": _location,
    "contacts": _cards,
    "interactive": _interactive,
    "button": _button,
    "order": _order,
    **dict.fromkeys(MEDIA_SIGNS, _media),
}
