"""What is done when the customer writes, beside answering: whoever wants to know says so with @followed_by."""

from collections.abc import Callable

from app.conversations.models import Conversation

Follower = Callable[[Conversation], None]
_followers: list[Follower] = []


def followed_by(function: Follower) -> Follower:
    """It is given the locked conversation, after the message was added."""
    _followers.append(function)
    return function


def wrote(conversation: Conversation) -> None:
    for follow in _followers:
        follow(conversation)
