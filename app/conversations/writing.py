"""From the composer to the conversation: what was typed, chosen or attached becomes one message."""

from typing import Any

from sqlalchemy import select

from app.accounts.models import User
from app.channels.content import Content
from app.conversations import composing, services, uploads
from app.conversations.composing import Composer
from app.conversations.forms import ChannelMessageForm, MessageForm
from app.conversations.models import Conversation, Message
from app.core.errors import Invalid
from app.extensions import db

LOCKED = {
    "blocked": "You blocked this person. Unblock them to write to them.",
    "off": "This channel is disconnected. Connect it again under Settings, then send this.",
    "refused": "This person asked not to be contacted at all.",
    "window": "The time for free replies is over. Send a template now, or wait until they write again.",
}


def form_for(conversation: Conversation, **given: Any) -> MessageForm:
    made = MessageForm if conversation.channel.is_own else ChannelMessageForm
    return made(**given)


def blank(conversation: Conversation, reply_to: int | None = None) -> MessageForm:
    """Empty, perhaps for an answer to that message."""
    return form_for(conversation, formdata=None, data={"reply_to": reply_to})


def send(conversation: Conversation, form: MessageForm, by: User) -> None:
    """Raises Invalid in words when it can't be sent; nothing is kept then."""
    body, key = form.body.data or "", form.client_key.data or ""
    if form.kind.data == "note":
        services.add_note(conversation, by, body, key)
    elif isinstance(form, ChannelMessageForm):
        _send_through(conversation, form, by, body, key)
    else:
        services.reply(conversation, by, body, key)


def _send_through(
    conversation: Conversation, form: ChannelMessageForm, by: User, body: str, key: str
) -> None:
    """By the channel's provider."""
    if _is_known(conversation, key):
        return
    composer = composing.of(conversation)
    if composer.locked:
        raise Invalid(LOCKED.get(composer.locked) or composer.refusal)
    part = _part(form, composer, body)
    problems = composing.problems(composer.channel, part) if part else []
    if problems:
        raise Invalid(" ".join(problems))
    quoted = quoted_by(conversation, form)
    services.reply(conversation, by, body, key, content=part, reply_to=quoted)


def _part(form: ChannelMessageForm, composer: Composer, body: str) -> Content | None:
    if form.sent_file:
        return uploads.look_at(form.sent_file, composer).keep(body)
    return form.part


def quoted_by(conversation: Conversation, form: MessageForm) -> Message | None:
    """The message that is answered; one of another conversation is none."""
    number = form.reply_to.data if isinstance(form, ChannelMessageForm) else None
    if not number:
        return None
    return db.session.scalar(
        select(Message).where(
            Message.id == number,
            Message.conversation_id == conversation.id,
            Message.kind.in_(("incoming", "outgoing")),
        )
    )


def _is_known(conversation: Conversation, key: str) -> bool:
    """Sent before, and the answer was lost on its way: its file isn't stored twice."""
    same = select(Message.id).where(
        Message.conversation_id == conversation.id, Message.client_key == key
    )
    return db.session.scalar(same) is not None
