"""A link in a mail to a visitor: it opens the chat in one browser, the first that goes on by it.

To look at it spends nothing, as mail programs and scanners open links; going on does, by a button that says as whom
(a stranger's link must not take in one's words unseen). That browser may use it again, by a secret of its own, so a
lost answer does no harm. Elsewhere a new link can be asked for, which goes to the same person.
"""

from dataclasses import dataclass
from hashlib import sha256
from typing import Any
from uuid import UUID

from flask import current_app
from flask_babel import gettext as _
from itsdangerous import BadData, SignatureExpired
from sqlalchemy import or_, update

from app.businesses.models import Business
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core import jobs, tenancy, translating
from app.core.crypto import keys
from app.core.db import now
from app.core.errors import FrontdeskError
from app.extensions import db
from app.widget import visitors

DAYS = 7
PURPOSE = "visitor-link"


class LinkOver(FrontdeskError):
    """Of nobody who can be written to."""

    status = 403
    code = "link_over"


class LinkUsed(LinkOver):
    """In another browser, or too long ago: a new one may be asked for."""

    code = "link_used"


@dataclass(frozen=True, slots=True)
class Link:
    visitor: Visitor
    address: str
    number: int
    is_old: bool

    def is_open(self, claim: str) -> bool:
        held_by = self.visitor.link_claim
        is_newest = self.number == self.visitor.link_number and not self.is_old
        return is_newest and held_by in (None, _digest(claim))


def address_of(visitor: Visitor) -> str | None:
    """What it said itself, or what is surely its own."""
    contact = visitor.sure_contact
    known = contact.identity("email") if contact and not visitor.email else None
    return visitor.email or (known.value if known else None)


def make(channel: Channel, visitor: Visitor, language: str) -> str:
    """For a mail to that visitor. Where the ones before were used, those lead nowhere from now on."""
    base = f"{current_app.config['PUBLIC_URL']}/w/{channel.public_key}"
    return f"{base}?lang={language}#continue={token(channel, visitor)}"


def token(channel: Channel, visitor: Visitor) -> str:
    if visitor.link_claim is not None:
        visitor.link_number, visitor.link_claim = visitor.link_number + 1, None
    said = [channel.public_key, str(visitor.uuid), visitor.link_number]
    return keys().signer(PURPOSE).dumps(said)


def look(channel: Channel, token: str, claim: str, here: UUID) -> dict[str, Any]:
    """What the browser asks its reader: `here` is who is there already. Raises LinkOver."""
    link = _read(channel, token)
    name, at, domain = link.address.rpartition("@")
    return {
        "address": f"{name[:1]}…{at}{domain}",
        "is_open": link.is_open(claim),
        "is_here": link.visitor.uuid == here,
    }


def enter(channel: Channel, token: str, claim: str) -> visitors.Token:
    """Raises LinkOver. Of two browsers at once one goes on."""
    link, mine = _read(channel, token), _digest(claim)
    visitor_id, uuid = link.visitor.id, link.visitor.uuid
    free = update(Visitor).where(
        Visitor.id == visitor_id,
        Visitor.link_number == link.number,
        or_(Visitor.link_claim.is_(None), Visitor.link_claim == mine),
    )
    taken = claim and not link.is_old
    if not taken or not db.session.scalar(free.values(link_claim=mine).returning(Visitor.id)):
        raise LinkUsed(_("This link was used in another browser, or is too old."))
    return visitors.issue(channel, uuid)


def ask_again(channel: Channel, token: str, language: str) -> None:
    visitor = _read(channel, token).visitor
    jobs.enqueue("widget.mail_link", visitor.id, language, int(now().timestamp()), key=f"link-{visitor.id}")  # fmt: skip


def whose(token: str) -> str:
    """Whom a rate limit counts; not checked here."""
    said = keys().signer(PURPOSE).loads_unsafe(token)[1]
    uuid = said[1] if isinstance(said, list) and len(said) > 1 else token
    return sha256(str(uuid).encode()).hexdigest()


def mail(visitor_id: int, language: str, asked_at: int) -> None:
    """In a job."""
    from app.core import mail as post

    visitor = db.session.get(Visitor, (tenancy.current_business_id(), visitor_id))
    address = address_of(visitor) if visitor and visitor.blocked_at is None else None
    conversation = Conversation.current_of(visitor) if visitor else None
    if visitor is None or address is None or conversation is None:
        return
    link = make(conversation.channel, visitor, language)
    business = db.session.get_one(Business, tenancy.current_business_id()).name
    key = f"link {tenancy.current_business_id()} {visitor_id} {asked_at}"
    jobs.commit_step()
    with translating.speaking(language):
        post.deliver("chat_link", address, key, sender=business, business=business, link=link, days=DAYS)  # fmt: skip


def _read(channel: Channel, token: str) -> Link:
    """Raises LinkOver."""
    signer, is_old = keys().signer(PURPOSE), False
    try:
        try:
            said = signer.loads(token, max_age=DAYS * 24 * 3600)
        except SignatureExpired as expired:
            said, is_old = signer.load_payload(expired.payload or b""), True
        key, uuid, number = said
        visitor = Visitor.by_uuid(UUID(uuid)) if key == channel.public_key else None
    except (BadData, ValueError, TypeError):
        visitor = None
    address = address_of(visitor) if visitor else None
    if visitor is None or address is None:
        raise LinkOver(_("This link is no longer valid. You can write to us here all the same."))
    return Link(visitor, address, number, is_old)


def _digest(claim: str) -> str:
    return sha256(claim.encode()).hexdigest()
