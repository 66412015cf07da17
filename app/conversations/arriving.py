"""What people write at a provider, stored as messages of their conversation here."""

from hashlib import sha256

from sqlalchemy import select

from app.channels.border import Incoming
from app.channels.content import Content, Words
from app.channels.models import Channel, Delivery
from app.contacts.models import Visitor
from app.conversations import files, hand_offs, services
from app.conversations.models import Conversation, Message
from app.core.db import now
from app.extensions import db

MAX_KEY_CHARACTERS = 64


def receive_from(channel: Channel, visitor: Visitor, incoming: Incoming) -> tuple[Message, bool]:
    """Stored once per provider's id. True when it is new. From somebody who is blocked it is kept, and
    nobody hears of it."""
    message, is_new = _take_in(channel, visitor, "incoming", "visitor", incoming)
    if is_new and visitor.blocked_at is not None:
        message.conversation.answered_position = message.position
    return message, is_new


def receive_echo(channel: Channel, visitor: Visitor, incoming: Incoming) -> tuple[Message, bool]:
    """Somebody of the business has written it elsewhere, on the owner's phone perhaps: the assistant is
    silent from here, as after a take-over."""
    message, is_new = _take_in(channel, visitor, "outgoing", "member", incoming)
    if is_new:
        _note_take_over(message.conversation)
    return message, is_new


def settle(message: Message) -> None:
    """It wants no answer. What was written before it and still waits for one keeps waiting."""
    message.is_settled = True
    conversation = message.conversation
    if conversation.unanswered_since() is None:
        conversation.answered_position = max(conversation.answered_position, message.position)
        if not conversation.is_handed_off:
            conversation.waiting_since = None


def by_external_id(channel: Channel, external_id: str) -> Message | None:
    """A message of either side, by the provider's id."""
    theirs = (
        select(Message)
        .join(Conversation, Conversation.id == Message.conversation_id)
        .where(Message.external_id == external_id, Conversation.channel_id == channel.id)
    )
    ours = (
        select(Message)
        .join(Delivery, Delivery.message_id == Message.id)
        .where(Delivery.channel_id == channel.id, Delivery.provider_id == external_id)
    )
    return db.session.scalar(theirs) or db.session.scalar(ours)


def _take_in(
    channel: Channel, visitor: Visitor, kind: str, author: str, incoming: Incoming
) -> tuple[Message, bool]:
    message, is_new = services.take_in(
        channel,
        visitor,
        body_of(incoming.content),
        _client_key(incoming.external_id),
        kind=kind,
        author=author,
        content=beside_words(incoming.content),
        reply_to=by_external_id(channel, incoming.reply_to) if incoming.reply_to else None,
        already_sent=True,
        arrived={"external_id": incoming.external_id, "sent_at": incoming.occurred_at},
    )
    if is_new:
        files.expect(message, incoming.files)
    return message, is_new


def body_of(content: Content) -> str:
    """One plain text for lists and for the assistant."""
    text = content.plain().strip()
    kept = "".join(c for c in text if c in "\n\t" or c.isprintable() or c in "\u200c\u200d")
    return kept[: services.MAX_REPLY_CHARACTERS]


def beside_words(content: Content) -> Content | None:
    """None where the body says it all."""
    is_plain = isinstance(content, Words) and content.subject is None
    return None if is_plain and len(content.plain()) <= services.MAX_REPLY_CHARACTERS else content


def _client_key(external_id: str) -> str:
    key = f"in-{external_id}"
    if len(key) <= MAX_KEY_CHARACTERS:
        return key
    return f"in-{sha256(external_id.encode()).hexdigest()[: MAX_KEY_CHARACTERS - 3]}"


def _note_take_over(conversation: Conversation) -> None:
    hand_offs.end(conversation, "answered")
    hand_offs.note_answer(conversation)
    conversation.answered_position = conversation.position
    if not conversation.is_handed_off:
        conversation.handed_off_at = now()
        services.post(conversation, "event", "member", "answered_outside")
