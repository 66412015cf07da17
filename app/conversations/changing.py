"""What people do to messages at a provider after they were sent: change them, take them back, react to them."""

from datetime import datetime

from sqlalchemy import delete

from app.channels.border import Edited, NotYetKnown, Reaction, Revoked
from app.channels.models import Channel
from app.conversations import arriving, files, services
from app.conversations.models import Message, MessageFile
from app.core import realtime, tenancy
from app.extensions import db

MAX_EMOJI_CHARACTERS = 16


def edit(channel: Channel, edited: Edited) -> None:
    """The newest words count, whichever come last; what was taken back stays so. Raises NotYetKnown."""
    message = _found(channel, edited.external_id)
    if message.revoked_at is not None or _is_older(edited.occurred_at, message.edited_at):
        return
    message.edited_at = edited.occurred_at
    _write(message, arriving.body_of(edited.content))
    kept = arriving.beside_words(edited.content)
    message.content = kept.as_json() if kept else None
    _tell(message)


def revoke(channel: Channel, revoked: Revoked) -> None:
    """Its words and files go. Safe to repeat. Raises NotYetKnown."""
    message = _found(channel, revoked.external_id)
    if message.revoked_at is not None:
        return
    message.revoked_at = revoked.occurred_at
    _write(message, "")
    message.content = None
    arriving.settle(message)
    files.forget(message)
    db.session.execute(delete(MessageFile).where(MessageFile.message_id == message.id))
    _tell(message)


def react(channel: Channel, reaction: Reaction) -> None:
    """A person has one at most; without an emoji it is taken back. Raises NotYetKnown."""
    message = _found(channel, reaction.external_id)
    others = [each for each in message.reactions if each.get("by") != "visitor"]
    emoji = reaction.emoji[:MAX_EMOJI_CHARACTERS]
    mine = [{"by": "visitor", "emoji": emoji, "at": reaction.occurred_at.isoformat()}]
    before = next((each for each in message.reactions if each.get("by") == "visitor"), {})
    if "at" in before and before["at"] > mine[0]["at"]:
        return
    message.reactions = [*others, *(mine if emoji else [])]
    _tell(message)


def _found(channel: Channel, external_id: str) -> Message:
    message = arriving.by_external_id(channel, external_id)
    if message is None:
        raise NotYetKnown(f"no message {external_id}")
    message.conversation.lock()
    db.session.refresh(message)
    return message


def _is_older(at: datetime, than: datetime | None) -> bool:
    return than is not None and at < than


def _write(message: Message, body: str) -> None:
    """The list's line too, where it shows this message."""
    conversation = message.conversation
    if conversation.last_text == services.shortened(message.body):
        conversation.last_text = services.shortened(body)
    message.body = body


def _tell(message: Message) -> None:
    """Members who look at it; the list when its line may have changed."""
    db.session.flush()
    members = f"business:{tenancy.current_business_id()}"
    name = f"changed-{message.conversation_id}"
    realtime.publish(members, name=name, message=message.id)
    realtime.publish(members, name="inbox")
