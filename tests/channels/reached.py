"""Somebody on a connected channel, with one message in the inbox."""

import itertools
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

from app.channels.models import Channel, VisitorAddress, new_public_key
from app.contacts.models import Visitor
from app.conversations import services
from app.conversations.models import Conversation, Message
from app.core import tenancy
from app.core.db import now
from app.extensions import db

_numbers = itertools.count(7_700_900_100)


@dataclass(frozen=True)
class Reached:
    """Its rows' ids, so that they can be loaded in any transaction."""

    channel_id: int
    visitor_id: int
    conversation_id: int
    phone: str

    @property
    def channel(self) -> Channel:
        return _row(Channel, self.channel_id)

    @property
    def visitor(self) -> Visitor:
        return _row(Visitor, self.visitor_id)

    @property
    def conversation(self) -> Conversation:
        return _row(Conversation, self.conversation_id)

    def addresses(self) -> list[VisitorAddress]:
        return VisitorAddress.of_visitor(self.visitor_id)

    def writes(self, body: str, content: dict[str, Any] | None = None) -> Message:
        message = services.post(self.conversation.lock(), "incoming", "visitor", body)
        message.content = content
        message.sent_at = now()
        return message


def make_channel(kind: str = "whatsapp", **values: Any) -> Channel:
    channel = Channel(
        kind=kind,
        name=f"{kind} line",
        public_key=new_public_key(tenancy.current_business_id()),
        external_id=values.pop("external_id", uuid4().hex),
        settings=values.pop("settings", {}),
        **values,
    )
    db.session.add(channel)
    db.session.flush()
    return channel


def reach(channel: Channel, *, name: str = "Mia Moss", user: str | None = None) -> Reached:
    """Somebody new, inside the scope of a business."""
    phone = f"+44{next(_numbers)}"
    visitor = Visitor(uuid=uuid4(), channel_id=channel.id, name=name)
    db.session.add(visitor)
    db.session.flush()
    for kind, value in (("phone", phone), ("user", user)):
        if value:
            db.session.add(
                VisitorAddress(channel_id=channel.id, visitor_id=visitor.id, kind=kind, value=value)
            )
    conversation = services._start(channel, visitor)
    services.post(conversation, "incoming", "visitor", "Do you have tulips?")
    return Reached(channel.id, visitor.id, conversation.id, phone)


def _row(model: Any, row_id: int) -> Any:
    return db.session.get_one(model, (tenancy.current_business_id(), row_id))
