"""What happens in a conversation, as lines of the person's timeline. The owner's own previews have none.

A new event of a conversation gets its kind here, and its words in pages/contact_words.py.
"""

from typing import Any

from app.contacts import activities
from app.conversations.models import Callback, Conversation, Message

KINDS = {
    "resolved": "conversation.resolved",
    "reopened": "conversation.reopened",
    "rated": "conversation.rated",
    "joined": "conversation.joined",
    "parted": "conversation.parted",
    "erased": "conversation.erased",
    "snoozed": "conversation.snoozed",
    "woken": "conversation.woken",
    "assigned": "conversation.assigned",
    "unassigned": "conversation.unassigned",
    "tagged": "conversation.tagged",
    "untagged": "conversation.untagged",
    "prioritised": "conversation.prioritised",
    "person_asked": "hand_off.called",
    "handed_off": "hand_off.called",
    "taken_over": "hand_off.taken",
    "given_back": "hand_off.given_back",
    "assistant_back": "hand_off.given_back",
    "blocked": "person.blocked",
    "unblocked": "person.unblocked",
}


def note(conversation: Conversation, message: Message) -> None:
    """A line of the conversation. Words of people have none in the timeline, but they are a sign of life."""
    if conversation.is_preview:
        return
    kind = KINDS.get(message.body) if message.kind == "event" else None
    if kind:
        key, details = f"message-{message.id}", message.content or {}
        said = {"summary": _whom_or_what(details), "payload": details}
        _record(conversation, kind, message.author, message.user_id, key, **said)
    elif message.author in ("visitor", "member"):
        activities.touch_by(conversation.visitor)


def _whom_or_what(details: dict[str, Any]) -> str:
    """Who has it now, the tag's name, the priority: the line ends with it."""
    priority = details.get("priority", "none")
    return details.get("name") or details.get("tag") or ("" if priority == "none" else priority)


def started(conversation: Conversation, channel_kind: str) -> None:
    key = f"conversation-{conversation.id}-started"
    payload = {"channel": channel_kind}
    _record(conversation, "conversation.started", "visitor", None, key, payload=payload)


def left(callback: Callback) -> None:
    """What it says may grow; its line in the timeline is the first that was said."""
    conversation, key = callback.conversation, f"callback-{callback.id}-left"
    _record(conversation, "callback.left", "visitor", None, key, summary=callback.message)


def done(callback: Callback) -> None:
    key = f"callback-{callback.id}-done"
    _record(callback.conversation, "callback.done", "member", callback.done_by, key)


def _record(
    conversation: Conversation, kind: str, actor: str, user_id: int | None, key: str, **more: Any
) -> None:
    if not conversation.is_preview:
        activities.record(
            kind, visitor=conversation.visitor, actor=actor, user_id=user_id,
            about=f"conversation:{conversation.id}", source_key=key, **more,
        )  # fmt: skip
