"""People and messages to be found."""

from collections.abc import Callable
from uuid import uuid4

import pytest

from app.businesses.models import Membership
from app.channels.models import Channel
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.search import indexing, services


@pytest.fixture(params=["at once", "indexed"])
def settle(request, cast) -> Callable[[], None]:
    """What is found is the same before the index has read it, and after."""

    def read() -> None:
        db.session.commit()
        if request.param == "indexed":
            index()

    return read


def index() -> None:
    """As the worker does for the business in scope."""
    with unit_of_work():
        assert indexing.index()


def member(cast, role: str = "owner") -> Membership:
    return Membership.of(getattr(cast, role).id, cast.slug)


def contact(name: str | None = None, note: str = "", **identities: str) -> Contact:
    made = Contact(name=name, note=note)
    db.session.add(made)
    db.session.flush()
    for kind, value in identities.items():
        db.session.add(ContactIdentity(contact_id=made.id, kind=kind, value=value))
    db.session.flush()
    return made


def talk(
    *bodies: str, name: str | None = None, kind: str = "incoming", **columns: object
) -> Conversation:
    visitor = Visitor(uuid=uuid4(), channel_id=Channel.of_kind("website").id, name=name)
    db.session.add(visitor)
    db.session.flush()
    made = Conversation(
        channel_id=visitor.channel_id, visitor_id=visitor.id, last_message_at=now(), **columns
    )
    db.session.add(made)
    db.session.flush()
    for body in bodies:
        says(made, body, kind)
    return made


def says(conversation: Conversation, body: str, kind: str = "incoming") -> Message:
    author = "visitor" if kind == "incoming" else "member"
    return conversations.post(conversation.lock(), kind, author, body)


def names(cast, typed: str, **asked: object) -> list[str | None]:
    return [each.name for each in services.find(typed, member(cast), **asked).contacts]


def bodies(cast, typed: str, **asked: object) -> list[str]:
    return [line.message.body for line in services.find(typed, member(cast), **asked).messages]
