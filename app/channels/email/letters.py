"""A mail, taken apart: who wrote what, as an answer to which, and whether a person wrote it at all.

Anybody may send anything: a mail of a hundred thousand parts, or of one header without an end, keeps the standard
library busy for minutes. So what is taken apart is bounded first, and of the headers alone the rest isn't read.
"""

import re
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import EmailMessage, Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from functools import cached_property
from hashlib import sha256

from app.channels.email.page_words import page_words
from app.channels.email.parts import (
    body_of,
    decoded,
    is_attached,
    is_text,
    name_of,
    raw_header,
    type_of,
)
from app.core.db import now
from app.lib.quoted import own_words

MAX_WORDS = 60_000  # characters that are looked through
MAX_PAGES, MAX_PAGE = 5, 500_000  # characters of each, with its tags
MAX_HEAD = 131_072  # bytes with all headers of the mail
MAX_HEADERS, MAX_HEADER = 200, 4_000  # of each part; characters of each
MAX_PARTS = 3_000  # lines that may begin one
LOOP = "X-Frontdesk-Channel"  # on everything that we send
AUTOMATIC = ("bulk", "list", "junk", "auto_reply")
REPLY = re.compile(
    r"\s*((re|aw|sv|antw|odp|rif|ref|res|fw|fwd|wg|tr|rv|enc)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_ID = re.compile(r"<[^<>\s]{1,250}>")
_HEAD_END = re.compile(rb"\r\n\r\n|\n\n|\r\r")
_BEGINNING = re.compile(rb"[\r\n]--")
_SIGNED_OFF = re.compile(
    r"(mailer-daemon|postmaster|no-?reply|do-?not-?reply|bounces?)([+-].*)?@", re.IGNORECASE
)


@dataclass(frozen=True, slots=True)
class Attachment:
    name: str
    mime: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Bounce:
    """`of`: the Message-ID that couldn't be delivered, "" when it isn't said; `words` of the server."""

    of: str
    words: str
    is_final: bool


class _Bounded(Message):
    """The parser hands over each header here."""

    def set_raw(self, name: str, value: str) -> None:
        if len(self._headers) < MAX_HEADERS:  # type: ignore[attr-defined]
            super().set_raw(name, value[:MAX_HEADER])  # type: ignore[misc]


class _Head(_Bounded, EmailMessage):
    """Its headers are read as the standards have them; what the mail is made of, its parts say."""

    def set_raw(self, name: str, value: str) -> None:
        if not name.lower().startswith("content-"):
            super().set_raw(name, value)


# Parts have another policy, for which a type is a word before a semicolon: so many of them are read.
_HEADS = BytesParser(_Head, policy=policy.default)
_PARTS = BytesParser(_Bounded, policy=policy.compat32)


class Letter:
    """Never raises for what somebody may send: header classes of the standard library do, now and then."""

    def __init__(self, raw: bytes) -> None:
        self._raw = raw

    @cached_property
    def _head(self) -> Message:
        return _HEADS.parsebytes(self._raw[:MAX_HEAD], headersonly=True)

    @cached_property
    def _parts(self) -> list[Message]:
        """Itself first. Of one that is folded into itself too often, no more than that."""
        with suppress(RecursionError):
            return list(_PARTS.parsebytes(_bounded(self._raw)).walk())
        return [_PARTS.parsebytes(self._raw[:MAX_HEAD], headersonly=True)]

    def header(self, name: str) -> str:
        try:
            value = self._head.get(name)
        except Exception:
            return ""
        return " ".join(str(value).split()) if value is not None else ""

    @property
    def id(self) -> str:
        """Its Message-ID, or what stands for it: the same mail has the same one."""
        return self._first_id("Message-ID") or f"<{sha256(self._raw).hexdigest()[:40]}@no-id>"

    @property
    def answers(self) -> str:
        """The Message-ID that it answers."""
        references = _ID.findall(self.header("References"))
        return self._first_id("In-Reply-To") or (references[-1] if references else "")

    @property
    def sender(self) -> tuple[str, str]:
        """Name and address; where a form's server writes for somebody, whom one would answer."""
        for header in ("Reply-To", "From"):
            for name, address in getaddresses([self.header(header)]):
                if "@" in address:
                    return (name if header == "From" else name or self._from_name()), address
        return "", ""

    @property
    def written_at(self) -> datetime:
        """By its own clock, but never later than now."""
        try:
            said = parsedate_to_datetime(self.header("Date"))
        except (ValueError, TypeError, IndexError):
            return now()
        said = said if said.tzinfo else said.replace(tzinfo=UTC)
        return min(said.astimezone(UTC), now())

    @property
    def subject(self) -> str:
        """Without "Re:", in any language."""
        return REPLY.sub("", self.header("Subject"), count=1).strip()[:250]

    @property
    def is_reply(self) -> bool:
        return bool(self.answers) or bool(REPLY.match(self.header("Subject")))

    @property
    def is_automatic(self) -> bool:
        """No person waits for an answer to it, and answering may begin a loop (RFC 3834)."""
        submitted = self.header("Auto-Submitted").lower()
        return (
            (bool(submitted) and not submitted.startswith("no"))
            or self.header("Precedence").lower() in AUTOMATIC
            or any(self.header(name) for name in ("List-Id", "List-Unsubscribe", "X-Autoreply", "X-Autorespond", "X-Auto-Response-Suppress", "Feedback-ID"))
            or self.header("Return-Path") == "<>"
            or bool(_SIGNED_OFF.match(self.sender[1]))
        )  # fmt: skip

    @property
    def is_ours(self) -> bool:
        return bool(self.header(LOOP))

    @property
    def words(self) -> str:
        """What the writer wrote, without what was quoted."""
        return own_words(self._text()[:MAX_WORDS])

    def bounce(self) -> Bounce | None:
        """What a mail server says of a mail that it couldn't deliver (RFC 3464)."""
        parts = self._parts
        if type_of(parts[0]) != "multipart/report":
            return None
        report = next((each for each in parts if type_of(each) == "message/delivery-status"), None)
        if report is None:
            return None
        facts = {
            name.lower(): value for each in _blocks(report) for name, value in each.raw_items()
        }
        words = str(facts.get("diagnostic-code", "")).partition(";")[2] or str(
            facts.get("status", "")
        )
        return Bounce(
            of=self._returned_id(parts) or self.answers,
            words=" ".join(words.split())[:200],
            is_final=str(facts.get("action", "failed")).strip().lower() == "failed",
        )

    def attachments(self) -> list[Attachment]:
        return [
            Attachment(name_of(part), type_of(part), body)
            for part in self._parts
            if is_attached(part) and (body := body_of(part))
        ]

    def _first_id(self, header: str) -> str:
        found = _ID.search(self.header(header))
        return found.group() if found else ""

    def _from_name(self) -> str:
        return next((name for name, _ in getaddresses([self.header("From")])), "")

    def _text(self) -> str:
        """The plain part; or the words of the page."""
        plain = [part for part in self._parts if is_text(part, "text/plain")]
        if any(body_of(part).strip() for part in plain):
            return "\n".join(decoded(part) for part in plain)
        return "\n".join(
            page_words(decoded(part)[:MAX_PAGE])
            for part in [each for each in self._parts if is_text(each, "text/html")][:MAX_PAGES]
        )

    def _returned_id(self, parts: Sequence[Message]) -> str:
        """Of the mail that comes back, which stands in the report as a mail, or as its headers alone."""
        for part in parts:
            if type_of(part) == "text/rfc822-headers":
                found = re.search(
                    r"^message-id:\s*(<[^<>\s]{1,250}>)",
                    decoded(part)[:MAX_WORDS],
                    re.IGNORECASE | re.MULTILINE,
                )
                if found:
                    return found.group(1)
            if type_of(part) == "message/rfc822":
                for inner in _blocks(part):
                    found = _ID.search(raw_header(inner, "message-id"))
                    if found:
                        return found.group()
        return ""


def _blocks(part: Message) -> list[Message]:
    inside = part.get_payload()
    return (
        [each for each in inside if isinstance(each, Message)] if isinstance(inside, list) else []
    )


def _bounded(raw: bytes) -> bytes:
    """Cut off where its headers don't end, or it begins yet another part."""
    head = _HEAD_END.search(raw[: MAX_HEAD + 4])
    if head is None:
        return raw[:MAX_HEAD]
    for number, found in enumerate(_BEGINNING.finditer(raw)):
        if number == MAX_PARTS:
            return raw[: found.start()]
    return raw
