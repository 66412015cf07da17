"""What a conversation through a provider shows beside its words: files, what a message quotes, how far it got.

A conversation of the website has files alone, and costs no query more without any.
"""

from dataclasses import dataclass, field

from pydantic import ValidationError
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.channels import content, deliveries
from app.channels.content import Content
from app.channels.deliveries import Shown
from app.channels.models import Delivery
from app.conversations.models import Conversation, Message, MessageFile
from app.extensions import db

SETTLED = ("read", "played")  # what is shown of them changes no more
MOST_MARKS = 100  # that a page asks for at once


@dataclass(frozen=True, slots=True)
class Mark:
    """How far one message of ours got."""

    message_id: int
    status: str
    shown: Shown

    @property
    def is_settled(self) -> bool:
        return self.status in SETTLED


@dataclass(frozen=True, slots=True)
class Beside:
    """By message; `quoted` by the id of the message that is quoted."""

    files: dict[int, list[MessageFile]] = field(default_factory=dict)
    marks: dict[int, Mark] = field(default_factory=dict)
    quoted: dict[int, Message] = field(default_factory=dict)


# What browsers show as what it is; anything else is a file to be opened.
LOOKS = {
    "picture": ("image/jpeg", "image/png", "image/gif", "image/webp"),
    "sound": ("audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/wav"),
    "film": ("video/mp4", "video/3gpp", "video/webm"),
}


def beside(conversation: Conversation, messages: list[Message]) -> Beside:
    if conversation.channel.is_own or not messages:
        return Beside(files_of(messages))
    return Beside(
        MessageFile.of_messages([each.id for each in messages]),
        marks_of([each.id for each in messages if each.kind == "outgoing"]),
        _quoted(messages),
    )


def files_of(messages: list[Message]) -> dict[int, list[MessageFile]]:
    """Of our own channel, where a message with a file says so: without any it costs no query."""
    ids = [each.id for each in messages if each.is_media]
    return MessageFile.of_messages(ids) if ids else {}


def marks_of(message_ids: list[int]) -> dict[int, Mark]:
    if not message_ids:
        return {}
    found = Delivery.of_messages(message_ids)
    return {
        message_id: Mark(message_id, delivery.status, deliveries.shown_of(delivery))
        for message_id, delivery in found.items()
    }


def marks_in(conversation: Conversation, message_ids: list[int]) -> list[Mark]:
    """Of those of them that are this conversation's."""
    here = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.id.in_(message_ids[:MOST_MARKS])
    )
    return list(marks_of(list(db.session.scalars(here))).values()) if message_ids else []


def part_of(message: Message) -> Content | None:
    """None when its body is all. What an older version stored otherwise is shown by its body."""
    if message.content is None:
        return None
    try:
        return content.read(message.content)
    except ValidationError:
        return None


def _quoted(messages: list[Message]) -> dict[int, Message]:
    """Most quote one that is on the page."""
    here = {each.id: each for each in messages}
    wanted = {each.reply_to_id for each in messages if each.reply_to_id}
    missing = wanted - here.keys()
    if missing:
        query = select(Message).where(Message.id.in_(missing)).options(selectinload(Message.user))
        here |= {each.id: each for each in db.session.scalars(query)}
    return {each: here[each] for each in wanted if each in here}


def file_look(file: MessageFile) -> str:
    mime = file.mime.partition(";")[0].strip().lower()
    return next((look for look, mimes in LOOKS.items() if mime in mimes), "")
