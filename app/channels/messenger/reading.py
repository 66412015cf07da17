"""Which updates are in a webhook of Messenger. Cheap, as it runs before the answer; what an update means is understood
later.

An update’s payload stands for itself: {"kind", "page", "at", "is_standby", "event"}.
"""

from collections.abc import Iterator
from typing import Any

from app.channels.border import Hook, Update
from app.channels.loose import as_dict, as_text, dicts
from app.channels.meta_hooks import digest, moment, seconds, updates

# What an event is about, by the name of its part; the first that is there.
KINDS = ("message", "postback", "reaction", "delivery", "read", "referral", "optin")


def split(hook: Hook) -> list[Update]:
    return updates(hook, _of_entry)


def _of_entry(entry: dict[str, Any]) -> Iterator[Update]:
    """`standby`: another app has the conversation, we only hear of it."""
    for name in ("messaging", "standby"):
        for event in dicts(entry, name):
            yield _update(entry, event, is_standby=name == "standby")


def _update(entry: dict[str, Any], event: dict[str, Any], *, is_standby: bool) -> Update:
    kind, page = kind_of(event), as_text(entry, "id")
    at = seconds(event.get("timestamp"), entry.get("time"))
    payload = {"kind": kind, "page": page, "at": at, "is_standby": is_standby, "event": event}
    mid = as_text(event, kind, "mid")
    external_id = f"m:{mid}" if mid and kind in ("message", "postback") else f"x:{digest(event)}"
    is_urgent = kind not in ("delivery", "read")
    return Update(page, external_id, person_of(event, page), moment(at), payload, is_urgent)


def kind_of(event: dict[str, Any]) -> str:
    return next((kind for kind in KINDS if as_dict(event, kind)), "")


def person_of(event: dict[str, Any], page: str) -> str:
    """Who isn’t the page: the sender, and of an echo the recipient."""
    sender = as_text(event, "sender", "id")
    is_ours = sender == page or is_echo(event)
    return as_text(event, "recipient", "id") if is_ours else sender


def is_echo(event: dict[str, Any]) -> bool:
    return as_dict(event, "message").get("is_echo") is True
