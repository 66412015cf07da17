"""Twilio's webhooks: signed forms, one thing each. For the web process, which loads nothing of Twilio's."""

import base64
import hmac
from collections.abc import Mapping
from datetime import UTC, datetime
from hashlib import sha1
from urllib.parse import SplitResult, parse_qsl, urlsplit

from app.channels.border import THIS_CHANNEL, Hook, HookRefused, Update

TWIML = '<?xml version="1.0" encoding="UTF-8"?><Response />'
PORTS = {"http": 80, "https": 443}


def check_signature(hook: Hook, credentials: Mapping[str, str]) -> None:
    """HMAC-SHA1 of the address and the sorted form. Twilio signs some addresses with their port and some without."""
    secret = credentials.get("auth_token", "").encode()
    said = hook.headers.get("x-twilio-signature", "").encode(errors="replace")
    form = "".join(f"{name}{value}" for name, value in sorted(set(_pairs(hook))))
    known = [_signed(secret, address + form) for address in _spellings(urlsplit(hook.url))]
    if not secret or not any(hmac.compare_digest(said, each) for each in known):
        raise HookRefused(401, "the signature isn't right")


def split(hook: Hook) -> list[Update]:
    """A message, or how far one of ours got. Its address names the channel: each has one of its own."""
    form = dict(_pairs(hook))
    sid = form.get("MessageSid") or form.get("SmsSid")
    if not sid:
        raise HookRefused(400, "no MessageSid")
    at = datetime.now(UTC)
    status = form.get("MessageStatus", "")
    payload = form | {"_at": at.isoformat()}
    if token := hook.args.get("token"):
        payload["_token"] = token
    return [
        Update(
            account=THIS_CHANNEL,
            external_id=f"{sid}:{status}" if status else sid,
            person=form.get("To" if status else "From", ""),
            occurred_at=at,  # Twilio says no time
            payload=payload,
            is_urgent=not status,
        )
    ]


def _pairs(hook: Hook) -> list[tuple[str, str]]:
    try:
        return parse_qsl(hook.body.decode(), keep_blank_values=True, max_num_fields=500)
    except ValueError as error:
        raise HookRefused(400, "this is no form") from error


def _spellings(url: SplitResult) -> list[str]:
    host = url.netloc.rpartition("@")[2]
    name = host.partition(":")[0]
    with_port = host if ":" in host else f"{name}:{PORTS.get(url.scheme, 443)}"
    return [url._replace(netloc=each).geturl() for each in (name, with_port)]


def _signed(secret: bytes, text: str) -> bytes:
    return base64.b64encode(hmac.new(secret, text.encode(errors="replace"), sha1).digest())
