"""The address that an answer to a notification's e-mail goes to, or a visitor's answer to one of the chat's. It says who
may answer what, until when, and is signed: whoever changes a letter of it has an address of nobody."""

import base64
import binascii
import hmac
import re
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from flask import current_app
from flask_babel import gettext as _
from sqlalchemy import select

from app.channels.models import Channel
from app.core import tenancy
from app.core.access import PERMISSIONS, Permission
from app.core.crypto import keys
from app.core.db import now
from app.extensions import db
from app.notifications.choosing import Told
from app.notifications.models import Notification

DAYS = 30
MARK = "-=-=-"  # around the line above which one writes, in any language
VISITOR = "visitor"  # who answers is one, no member
KINDS = ("reply", "note", VISITOR)
MAC_BYTES = 10
PREFIX = "r-"
BYTES = (1, 4, 4, 5, 2)  # of kind, business, user, conversation and day
MAX_BOX = 64  # letters before the @
_TOKEN = re.compile(r"(?:^|\+)r-([a-z2-7]{30,60})@", re.IGNORECASE)
_MAILBOX = (
    select(Channel.external_id)
    .where(Channel.kind == "email", Channel.state == "active")
    .order_by(Channel.id)
    .limit(1)
)


@dataclass(frozen=True, slots=True)
class Reply:
    """What an answer becomes: a reply to the visitor, or a note. Without an address nobody may answer."""

    kind: str = ""
    address: str = ""


@dataclass(frozen=True, slots=True)
class Ticket:
    kind: str
    business_id: int
    user_id: int  # or the visitor's
    conversation_id: int
    day: int

    @property
    def has_expired(self) -> bool:
        return _today() - self.day > DAYS


def for_reply(member: Told, rows: list[Notification]) -> Reply:
    """An answer to what colleagues wrote alone is a note; to anything else, it goes to the visitor."""
    conversation_id = rows[-1].conversation_id
    may_answer = Permission.INBOX_REPLY in PERMISSIONS[member.role]
    if conversation_id is None or not may_answer:
        return Reply()
    kind = "note" if all(each.event == "mention" for each in rows) else "reply"
    ticket = Ticket(kind, tenancy.current_business_id(), member.user.id, conversation_id, _today())
    address = _address(written(ticket))
    return Reply(kind, address) if address else Reply()


def for_visitor(visitor_id: int, conversation_id: int) -> str:
    """ "" where no mail comes in."""
    return _address(
        written(
            Ticket(VISITOR, tenancy.current_business_id(), visitor_id, conversation_id, _today())
        )
    )


def cutting_line() -> str:
    return f"{MARK} {_('Write above this line')} {MARK}"


def written(ticket: Ticket) -> str:
    """In letters that survive any mail server: small ones, and digits."""
    said = _packed(ticket)
    return base64.b32encode(said + _macs(said)[0]).decode().rstrip("=").lower()


def read(token: str) -> Ticket | None:
    """None when it isn't ours."""
    try:
        raw = base64.b32decode(token.upper() + "=" * (-len(token) % 8))
    except (binascii.Error, ValueError):
        return None
    said, mac = raw[:-MAC_BYTES], raw[-MAC_BYTES:]
    is_ours = any(hmac.compare_digest(mac, each) for each in _macs(said))
    if len(said) != sum(BYTES) or not is_ours:
        return None
    numbers, at = [], 0
    for length in BYTES:
        numbers.append(int.from_bytes(said[at : at + length]))
        at += length
    return Ticket(KINDS[numbers[0]], *numbers[1:])


def ticket_in(addresses: Iterable[str]) -> Ticket | None:
    """Of the addresses that a mail was sent to."""
    for address in addresses:
        found = _TOKEN.search(address.strip())
        ticket = read(found.group(1)) if found else None
        if ticket is not None:
            return ticket
    return None


def _address(token: str) -> str:
    """At the installation's own mail domain, or behind a plus at a mailbox that is a channel here. "" without either."""
    domain = current_app.config["INBOUND_MAIL_DOMAIN"]
    if domain and current_app.config["INBOUND_MAIL_SECRET"]:
        return f"{PREFIX}{token}@{domain}"
    mailbox = db.session.scalar(_MAILBOX)
    if mailbox is None:
        return ""
    box, _, domain = mailbox.partition("@")
    address = f"{box}+{PREFIX}{token}"
    return f"{address}@{domain}" if len(address) <= MAX_BOX and domain.isascii() else ""


def _packed(ticket: Ticket) -> bytes:
    kind = KINDS.index(ticket.kind)
    numbers = (kind, ticket.business_id, ticket.user_id, ticket.conversation_id, ticket.day)
    parts = zip(numbers, BYTES, strict=True)
    return b"".join(number.to_bytes(length) for number, length in parts)


def _macs(said: bytes) -> list[bytes]:
    """With the newest secret first."""
    secrets = keys().derived("reply tickets")
    return [hmac.new(secret, said, sha256).digest()[:MAC_BYTES] for secret in secrets]


def _today() -> int:
    return now().date().toordinal() - 730_000
