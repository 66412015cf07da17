"""A conversation's way out through its channel's provider."""

from flask_babel import gettext as _
from sqlalchemy import select

from app.channels import adapters, courtesies, deliveries
from app.channels.content import Content, Media, Words
from app.channels.models import Delivery
from app.conversations import speech
from app.conversations.models import Conversation, Message, MessageFile
from app.core import tenancy
from app.core.storage import File
from app.extensions import db


def send(
    conversation: Conversation, message: Message, content: Content | None, category: str
) -> None:
    """In the transaction of the message. Our own channels show it themselves."""
    if not conversation.channel.is_own:
        _queue(conversation, message, content, category)
    if isinstance(content, Media) and content.file_id is not None:
        show_file(message, content, content.file_id)


def _queue(
    conversation: Conversation, message: Message, content: Content | None, category: str
) -> None:
    quoted = _message(message.reply_to_id)
    if adapters.limits(conversation.channel.kind).has_subject:
        quoted = quoted or _newest(conversation, "incoming")
        content = content or Words(body=message.body, subject=_subject(conversation, quoted))
    deliveries.queue(
        message.id, conversation.id, conversation.channel, conversation.visitor_id,
        content or Words(body=message.body),
        category=category, reply_to=_provider_id(quoted),
    )  # fmt: skip


def mark_as_read(
    conversation: Conversation, message: Message | None = None, *, is_typing: bool = False
) -> None:
    """What the visitor wrote last, unless it has been answered, or this message; `is_typing`: an answer is being
    written."""
    if conversation.channel.is_own:
        return
    message = message or _newest(conversation, "incoming", "outgoing")
    if message is not None and message.kind == "incoming":
        courtesies.ask(
            conversation.channel, conversation.visitor_id, conversation.id, message.external_id,
            is_typing=is_typing,
        )  # fmt: skip


def show_file(message: Message, content: Media, file_id: int) -> None:
    """A kept file becomes the message’s, as pages show any other."""
    stored = db.session.get_one(File, (tenancy.current_business_id(), file_id))
    db.session.add(
        MessageFile(
            message_id=message.id,
            kind=content.kind,
            mime=content.mime,
            name=content.name or stored.name,
            byte_count=stored.byte_count,
            sha256=stored.sha256,
            state="stored",
            file_id=file_id,
        )
    )


def _subject(conversation: Conversation, quoted: Message | None) -> str:
    subject = str(((quoted and quoted.content) or {}).get("subject") or "")
    if not subject:
        with speech.to(conversation):
            return _("Your message to %(name)s", name=conversation.channel.settings.get("name", ""))
    return subject if subject.lower().startswith("re:") else f"Re: {subject}"


def _provider_id(quoted: Message | None) -> str | None:
    """A message of ours has it by its delivery."""
    if quoted is None or quoted.external_id:
        return quoted.external_id if quoted else None
    delivery = Delivery.of_messages([quoted.id]).get(quoted.id)
    return delivery.provider_id if delivery else None


def _message(message_id: int | None) -> Message | None:
    if message_id is None:
        return None
    return db.session.get(Message, (tenancy.current_business_id(), message_id))


def _newest(conversation: Conversation, *kinds: str) -> Message | None:
    newest = select(Message).where(
        Message.conversation_id == conversation.id, Message.kind.in_(kinds)
    )
    return db.session.scalar(newest.order_by(Message.position.desc()).limit(1))
