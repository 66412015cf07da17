"""What Twilio's forms say."""

from collections.abc import Mapping
from datetime import UTC, datetime
from mimetypes import guess_extension
from typing import Any

from app.channels import opt_words
from app.channels.border import (
    Address,
    Incoming,
    IncomingFile,
    Line,
    News,
    Nothing,
    Person,
    Preference,
    Status,
)
from app.channels.content import Content, Media, Unreadable, Words
from app.channels.loose import as_text
from app.channels.sms.errors import failure

# Twilio's word: ours. What it has taken is "sent" here; carriers come later.
STATUSES = {
    "accepted": "sent", "scheduled": "sent", "queued": "sent", "sending": "sent", "sent": "sent",
    "delivered": "delivered", "read": "read",
    "undelivered": "failed", "failed": "failed", "canceled": "failed",
}  # fmt: skip
OPT_OUTS = {"STOP": "out", "START": "in"}
KINDS = {"image": "image", "video": "video", "audio": "audio"}
MAX_FILES = 10


def understand(payload: Mapping[str, Any], line: Line) -> list[News]:
    if as_text(payload, "MessageStatus"):
        return [_status(payload)]
    to = as_text(payload, "To")
    if line.external_id.startswith("+") and to != line.external_id:
        return [Nothing(f"it was sent to {to}, which isn't this channel's number")]
    if not as_text(payload, "From"):
        return [Nothing("nobody sent it")]
    return _message(payload)


def _status(payload: Mapping[str, Any]) -> News:
    said = as_text(payload, "MessageStatus")
    status = STATUSES.get(said)
    if status is None:
        return Nothing(f"the status {said} is unknown")
    code = as_text(payload, "ErrorCode")
    return Status(
        status=status,
        occurred_at=_at(payload),
        provider_id=as_text(payload, "MessageSid") or as_text(payload, "SmsSid"),
        token=as_text(payload, "_token"),
        failure=failure(int(code) if code.isdecimal() else 0) if status == "failed" else None,
    )


def _message(payload: Mapping[str, Any]) -> list[News]:
    person, body = _person(as_text(payload, "From")), as_text(payload, "Body")
    files = _files(payload)
    told = OPT_OUTS.get(as_text(payload, "OptOutType"))
    incoming = Incoming(
        person=person,
        external_id=as_text(payload, "MessageSid") or as_text(payload, "SmsSid"),
        content=_content(body, files),
        occurred_at=_at(payload),
        files=files,
        # Nobody waits for an answer: Twilio has answered, or a machine wrote.
        is_automatic=bool(as_text(payload, "OptOutType")) or person.addresses[0].kind != "phone",
    )
    if told is None or _is_known_word(body):
        return [incoming]
    evidence = {"words": body, "type": as_text(payload, "OptOutType")}
    return [incoming, Preference(person, "all", told, _at(payload), evidence)]


def _is_known_word(body: str) -> bool:
    """Those are read from the message itself (app/channels/consents.py); Twilio may know others."""
    return opt_words.normal(body) in opt_words.CARRIER_STOP | opt_words.CARRIER_START


def _person(sender: str) -> Person:
    """A short code or a name is no number that could be written to."""
    is_phone = sender.startswith("+") and sender[1:].isdecimal() and sender.isascii()
    address = Address("phone" if is_phone and len(sender) > 7 else "sender", sender)
    return Person((address,), "" if address.kind == "phone" else sender)


def _content(body: str, files: tuple[IncomingFile, ...]) -> Content:
    if files:
        first = files[0]
        kind: Any = first.kind
        return Media(kind=kind, caption=body, mime=first.mime, name=first.name)
    return Words(body=body) if body.strip() else Unreadable(what="empty")


def _files(payload: Mapping[str, Any]) -> tuple[IncomingFile, ...]:
    count = as_text(payload, "NumMedia")
    numbers = range(min(int(count), MAX_FILES) if count.isdecimal() else 0)
    found = [
        (as_text(payload, f"MediaUrl{number}"), as_text(payload, f"MediaContentType{number}"))
        for number in numbers
    ]
    return tuple(_file(url, mime) for url, mime in found if url)


def _file(url: str, mime: str) -> IncomingFile:
    kind = KINDS.get(mime.partition("/")[0], "document")
    return IncomingFile(kind, mime, f"{kind}{guess_extension(mime) or ''}", url)


def _at(payload: Mapping[str, Any]) -> datetime:
    try:
        return datetime.fromisoformat(as_text(payload, "_at"))
    except ValueError:
        return datetime.now(UTC)
