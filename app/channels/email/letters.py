"""A mail, taken apart: who wrote what, as an answer to which, and whether a person wrote it at all."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from email import policy
from email.message import Message
from email.parser import BytesParser
from email.utils import getaddresses, parsedate_to_datetime
from hashlib import sha256

from app.channels.email.page_words import page_words
from app.core.db import now
from app.lib.quoted import own_words

MAX_WORDS = 60_000  # characters that are looked through
LOOP = "X-Frontdesk-Channel"  # on everything that we send
AUTOMATIC = ("bulk", "list", "junk", "auto_reply")
REPLY = re.compile(
    r"\s*((re|aw|sv|antw|odp|rif|ref|res|fw|fwd|wg|tr|rv|enc)\s*(\[\d+\])?\s*:\s*)+", re.IGNORECASE
)
_ID = re.compile(r"<[^<>\s]{1,250}>")
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


class Letter:
    """Never raises for what somebody may send: header classes of the standard library do, now and then."""

    def __init__(self, raw: bytes) -> None:
        self._mail: Message = BytesParser(policy=policy.default).parsebytes(raw)
        self._raw = raw

    def header(self, name: str) -> str:
        try:
            value = self._mail.get(name)
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
        if self._mail.get_content_type() != "multipart/report":
            return None
        parts = list(self._mail.walk())
        report = next(
            (each for each in parts if each.get_content_type() == "message/delivery-status"), None
        )
        if report is None:
            return None
        facts = {name.lower(): value for each in _blocks(report) for name, value in each.items()}
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
            Attachment(_name_of(part), part.get_content_type(), body)
            for part in self._mail.walk()
            if _is_attached(part) and (body := _bytes(part))
        ]

    def _first_id(self, header: str) -> str:
        found = _ID.search(self.header(header))
        return found.group() if found else ""

    def _from_name(self) -> str:
        return next((name for name, _ in getaddresses([self.header("From")])), "")

    def _text(self) -> str:
        """The plain part; or the words of the page."""
        plain = [part for part in self._mail.walk() if _is_text(part, "text/plain")]
        if any(_bytes(part).strip() for part in plain):
            return "\n".join(_decoded(part) for part in plain)
        return "\n".join(
            page_words(_decoded(part)) for part in self._mail.walk() if _is_text(part, "text/html")
        )

    def _returned_id(self, parts: Sequence[Message]) -> str:
        """Of the mail that comes back, which stands in the report as a mail, or as its headers alone."""
        for part in parts:
            if part.get_content_type() == "text/rfc822-headers":
                found = re.search(
                    r"^message-id:\s*(<[^<>\s]+>)", _decoded(part), re.IGNORECASE | re.MULTILINE
                )
                if found:
                    return found.group(1)
            if part.get_content_type() == "message/rfc822":
                for inner in _blocks(part):
                    found = _ID.search(str(inner.get("Message-ID", "")))
                    if found:
                        return found.group()
        return ""


def _blocks(part: Message) -> list[Message]:
    inside = part.get_payload()
    return (
        [each for each in inside if isinstance(each, Message)] if isinstance(inside, list) else []
    )


def _is_text(part: Message, kind: str) -> bool:
    return part.get_content_type() == kind and part.get_content_disposition() != "attachment"


def _is_attached(part: Message) -> bool:
    """Pictures inside of a page are none: signatures are full of them."""
    if part.is_multipart() or part.get_content_type() in ("text/html", "message/delivery-status"):
        return False
    if part.get_content_disposition() == "attachment":
        return True
    return bool(part.get_filename()) and not part.get("Content-ID")


def _name_of(part: Message) -> str:
    name = part.get_filename() or f"attachment.{part.get_content_subtype()}"
    return re.sub(r"[\x00-\x1f/\\]", "_", name)[:120]


def _bytes(part: Message) -> bytes:
    found = part.get_payload(decode=True)
    return found if isinstance(found, bytes) else b""


def _decoded(part: Message) -> str:
    raw = _bytes(part)
    for charset in (part.get_content_charset() or "utf-8", "utf-8", "latin-1"):
        try:
            return raw.decode(charset).replace("\x00", "")
        except (LookupError, UnicodeDecodeError):
            continue
    return ""
