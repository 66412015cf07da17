"""What an update of Messenger means. It never raises: whatever is missing or odd in it, a person’s message stays a
message, if only one that can’t be shown."""

import re
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from app.channels.border import (
    Address,
    Came,
    Incoming,
    Line,
    News,
    Nothing,
    Person,
    Reaction,
    Status,
)
from app.channels.content import GET_STARTED, Choice, Content
from app.channels.loose import as_dict, as_number, as_text
from app.channels.messenger import contents
from app.channels.messenger.reading import is_echo, person_of
from app.channels.meta_hooks import digest, moment, seconds

TOKEN = re.compile(r"[0-9a-f]{32}")  # of a delivery
LEAD = ("ref", "source", "type", "ad_id", "referer_uri")


def understand(payload: Mapping[str, Any], line: Line) -> list[News]:
    update = dict(payload)
    read = _READERS.get(as_text(update, "kind"))
    event = as_dict(update, "event")
    psid = person_of(event, as_text(update, "page"))
    if read is None:
        return [Nothing(f"an unknown event: {', '.join(sorted(event))[:200]}")]
    if not psid:
        return [Nothing("an event of nobody")]
    person = Person((Address("page_user", psid),))
    return [read(update, event, person, moment(as_number(update, "at") or 0.0), line)]


def _message(
    update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, line: Line
) -> News:
    message = as_dict(event, "message")
    if is_echo(event) and _is_ours(message, line):
        return _sent(message, person, at)
    return Incoming(
        person,
        as_text(message, "mid") or digest(event),
        contents.content_of(message),
        at,
        files=contents.files_of(message),
        reply_to=as_text(message, "reply_to", "mid") or None,
        lead=_lead(as_dict(message, "referral")),
        is_echo=is_echo(event),
        is_automatic=update.get("is_standby") is True,
        payload=as_text(message, "quick_reply", "payload"),
    )


def _is_ours(message: dict[str, Any], line: Line) -> bool:
    """What we sent ourselves. Everything else was written in the page’s inbox, or by another app."""
    app_id = as_text(message, "app_id")
    if app_id:
        return app_id == str(line.settings.get("app_id", ""))
    return bool(TOKEN.fullmatch(as_text(message, "metadata")))


def _sent(message: dict[str, Any], person: Person, at: datetime) -> News:
    mid, token = as_text(message, "mid"), as_text(message, "metadata")
    if not (mid or token):
        return Nothing("an echo of nothing")
    return Status("sent", at, provider_id=mid, token=token, person=person)


def _postback(
    update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, _line: Line
) -> News:
    postback = as_dict(event, "postback")
    lead = _lead(as_dict(postback, "referral"))
    chosen = contents.choice_of(postback)
    if chosen is None:
        return Came(person, at, lead)
    return Incoming(
        person,
        as_text(postback, "mid") or digest(event),
        _begun(chosen),
        at,
        lead=lead,
        is_automatic=update.get("is_standby") is True,
        payload=chosen.id,
    )


def _begun(chosen: Choice) -> Content:
    """The button that opens a conversation says the same in any language."""
    return chosen.model_copy(update={"title": GET_STARTED}) if _is_start(chosen) else chosen


def _is_start(chosen: Choice) -> bool:
    return chosen.id.upper().replace(" ", "_") == contents.GET_STARTED


def _referral(
    _update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, _line: Line
) -> News:
    return Came(person, at, _lead(as_dict(event, "referral")))


def _lead(referral: dict[str, Any]) -> dict[str, Any] | None:
    """The advertisement or link that somebody came from."""
    lead = {name: text for name in LEAD if (text := as_text(referral, name))}
    if title := as_text(referral, "ads_context_data", "ad_title"):
        lead["headline"] = title
    if "ad_id" in lead:
        lead |= {"source_id": lead["ad_id"], "source_type": "ad"}
    return lead or None


def _reaction(
    _update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, _line: Line
) -> News:
    reaction = as_dict(event, "reaction")
    about, emoji = as_text(reaction, "mid"), as_text(reaction, "emoji")
    is_back = as_text(reaction, "action") == "unreact"
    if not about or not (emoji or is_back):
        return Nothing("a reaction to nothing")
    return Reaction(person, about, "" if is_back else emoji, at)


def _delivery(
    _update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, _line: Line
) -> News:
    """By the moment alone: among its ids are messages that were written in the page’s inbox."""
    return _upto("delivered", as_dict(event, "delivery"), person, at)


def _read(
    _update: dict[str, Any], event: dict[str, Any], person: Person, at: datetime, _line: Line
) -> News:
    return _upto("read", as_dict(event, "read"), person, at)


def _upto(status: str, said: dict[str, Any], person: Person, at: datetime) -> News:
    upto = moment(seconds(said.get("watermark"), at.timestamp()))
    return Status(status, at, person=person, upto=upto)


def _optin(
    _update: dict[str, Any], event: dict[str, Any], _person: Person, _at: datetime, _line: Line
) -> News:
    return Nothing(f"an opt-in that we don’t use: {as_text(event, 'optin', 'type')}")


_READERS = {
    "message": _message,
    "postback": _postback,
    "referral": _referral,
    "reaction": _reaction,
    "delivery": _delivery,
    "read": _read,
    "optin": _optin,
}
