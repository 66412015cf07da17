"""What is done when something was added to a conversation: whoever wants to know says so."""

from collections.abc import Callable

from app.conversations.models import Conversation, Message

Follower = Callable[[Conversation, Message], None]
_followers: list[tuple[Follower, frozenset[str] | None]] = []


def followed_by(*kinds: str) -> Callable[[Follower], Follower]:
    """It is given the locked conversation and what was added, in the same transaction. `kinds` of message
    (incoming, outgoing, note, event); without them all. On the way of every message: what costs a statement
    asks first whether anybody wants it."""

    def follow(function: Follower) -> Follower:
        _followers.append((function, frozenset(kinds) or None))
        return function

    return follow


def posted(conversation: Conversation, message: Message) -> None:
    for follow, kinds in _followers:
        if kinds is None or message.kind in kinds:
            follow(conversation, message)
