"""Which conversations members have open: only those get the assistant's words while it writes them.

A page says so by fetching, which it does when the visitor's message arrives, just before the answer begins.
"""

from contextlib import suppress

from redis import RedisError

from app.conversations.models import Conversation
from app.core import tenancy
from app.extensions import redis

WATCHED_SECONDS = 120  # since the page last fetched; longer than an answer takes


def note(conversation: Conversation) -> None:
    with suppress(RedisError):
        redis.client.set(key(conversation.id), 1, ex=WATCHED_SECONDS)


def key(conversation_id: int) -> str:
    """It is there while somebody has the conversation open."""
    return f"frontdesk:watched:{tenancy.current_business_id()}:{conversation_id}"
