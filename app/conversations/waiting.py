"""Since when the visitor waits for us."""

from app.conversations.models import Conversation
from app.core.db import now

CALLS = ("person_asked", "handed_off")
ENDS = ("resolved", "given_back", "assistant_back", "answered_outside")


def note(conversation: Conversation, kind: str, author: str, body: str) -> None:
    """A message is being added. The visitor waits from the first words that nobody has answered; while a person
    is called, words of the assistant are no answer."""
    if kind == "incoming" or (kind == "event" and body in CALLS):
        if conversation.visitor.blocked_at is None:
            conversation.waiting_since = conversation.waiting_since or now()
    elif kind == "outgoing":
        if author == "member" or not conversation.is_handed_off:
            conversation.waiting_since = None
    elif kind == "event" and body in ENDS:
        conversation.waiting_since = None
