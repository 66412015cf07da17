"""A visitor whom the site's owner knows: its server signs who it is, the page passes that on (docs/widget.md).

The visitor's id is made of the channel and the owner's name for the person, so that it is the same on each
device and no table is needed; of the kind that no random id is (visitors.is_identified). Only the e-mail address
leads to a contact: the owner's signature vouches for it.
"""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID, uuid5

from app.channels import website_identity
from app.channels.models import Channel
from app.contacts import attesting
from app.contacts import services as contacts
from app.contacts.models import Visitor
from app.contacts.services import Details
from app.conversations import merging, people, services
from app.conversations.models import Conversation
from app.core.db import now
from app.core.errors import FrontdeskError, Invalid
from app.extensions import db
from app.widget.visitors import is_identified

LONGEST = timedelta(hours=24)
CLOCKS_DIFFER = 60  # seconds that the site's clock may be off
MAX_SUBJECT = 200
MAX_TRIES = 3
SPACE = UUID("6f1c9b1e-6a52-5d0e-9a55-6b1a4a1f6a11")


class NotSigned(FrontdeskError):
    status = 403
    code = "identity_invalid"


@dataclass(frozen=True, slots=True)
class Person:
    subject: str
    details: Details


def verified(channel: Channel, token: str) -> Person:
    """Raises NotSigned."""
    claims = _claims(channel, token)
    subject = claims["sub"]
    if not _is_plain(subject):
        raise NotSigned(f"The token’s “sub” must be a text of 1 to {MAX_SUBJECT} characters.")
    typed = {name: claims.get(name) for name in ("name", "email", "phone")}
    if not all(isinstance(value, str | None) for value in typed.values()):
        raise NotSigned("The token’s name, email and phone must be texts.")
    try:
        return Person(subject, contacts.read(**typed))
    except Invalid as refusal:
        raise NotSigned(f"The token’s {refusal.code}: {refusal.message}") from refusal


def enter(channel: Channel, person: Person, before: UUID | None, page: str | None = None) -> UUID:
    """The person's own visitor. What the same browser wrote before anybody knew who it was goes along; what
    another person wrote there doesn't. Safe to repeat."""
    uuid = uuid5(SPACE, f"{channel.public_key}:{person.subject}")
    visitor = _joined(channel, uuid, before, page)
    _note(visitor, person.details)
    return uuid


def _joined(channel: Channel, uuid: UUID, before: UUID | None, page: str | None) -> Visitor:
    """Several tabs and devices may come at once: whoever has the person's id in the end is the person."""
    anonymous = Visitor.by_uuid(before) if before and not is_identified(before) else None
    for _ in range(MAX_TRIES):
        known = services.visitor_of(channel, uuid, page)
        if anonymous is None or anonymous.id == known.id or anonymous.channel_id != channel.id:
            return known
        anonymous = merging.merge([known.id, anonymous.id])
        holder = Visitor.by_uuid(uuid)
        if holder is None:  # the older one was kept
            anonymous.uuid = uuid
            db.session.flush()
    raise RuntimeError("this person comes from too many places at once")


def _note(visitor: Visitor, said: Details) -> None:
    """Members hear of it when it is news: a page says it again at each visit."""
    conversation, before = Conversation.current_of(visitor, locked=True), _card(visitor)
    contacts.keep_said(visitor, said)
    if said.email:
        attesting.attest(visitor, [("email", said.email)], said.name)
    contacts.find_or_update(visitor, said, conversation.id if conversation else None)
    if conversation is not None and _card(visitor) != before:
        people.tell(conversation)


def _card(visitor: Visitor) -> tuple[object, ...]:
    return contacts.said_by(visitor), visitor.contact_id, visitor.contact_link


def _is_plain(subject: object) -> bool:
    return isinstance(subject, str) and 0 < len(subject) <= MAX_SUBJECT and subject.isprintable()


def _claims(channel: Channel, token: str) -> dict[str, Any]:
    """Raises NotSigned, with words for whoever builds the site."""
    import jwt

    secrets = website_identity.valid(channel)
    if not secrets:
        message = (
            "This website has no identity secret yet: Settings, Website chat, Signed identity."
        )
        raise NotSigned(message, code="identity_off")
    for secret in secrets:
        try:
            claims = jwt.decode(
                token, secret, algorithms=["HS256"], leeway=CLOCKS_DIFFER,
                options={"require": ["sub", "exp"], "verify_aud": False, "verify_iss": False},
            )  # fmt: skip
        except jwt.InvalidSignatureError:
            continue
        except jwt.ExpiredSignatureError as error:
            message = "The token has expired. Make a new one for each page."
            raise NotSigned(message, code="identity_expired") from error
        except jwt.MissingRequiredClaimError as error:
            raise NotSigned(f"The token has no “{error.claim}”.") from error
        except (jwt.InvalidTokenError, OverflowError, ValueError) as error:
            raise NotSigned("This is no token signed with HS256.") from error
        if int(claims["exp"]) > (now() + LONGEST).timestamp() + CLOCKS_DIFFER:
            raise NotSigned("The token is valid for more than 24 hours: its “exp” is too late.")
        return claims
    raise NotSigned("The token isn’t signed with this website’s secret.")
