"""Who has a conversation open, and who writes in it just now. In Redis alone, and only for a moment: nothing of
it is ever stored, and without Redis nobody seems to be there."""

import time
from contextlib import suppress
from dataclasses import dataclass, field

from redis import RedisError
from sqlalchemy import select

from app.accounts.models import User
from app.conversations import sending, services
from app.conversations.models import Conversation
from app.core import realtime, tenancy
from app.extensions import db, redis

LOOKING_SECONDS = 50  # a page says so every 20
TYPING_SECONDS = 8  # a page says so every 4
TOLD_SECONDS = 20  # a provider shows its sign that long
TYPING = ("reply", "note")
STATES = ("looking", *TYPING, "gone")


@dataclass(frozen=True, slots=True)
class Present:
    """The others, by name. `typing` are among `looking`."""

    looking: list[User] = field(default_factory=list)
    typing: list[User] = field(default_factory=list)


def note(conversation: Conversation, user_id: int, state: str) -> None:
    """The others hear of it when it is news."""
    with suppress(RedisError):
        before = _now(conversation.id)
        _write(conversation.id, user_id, state)
        if before != _now(conversation.id):
            topic = f"business:{tenancy.current_business_id()}"
            realtime.publish_now(topic, name=f"presence-{conversation.id}", by=user_id)
        if state == "reply":
            _tell_customer(conversation)


def others(conversation_id: int, user_id: int) -> Present:
    try:
        looking, typing = _now(conversation_id)
    except RedisError:
        return Present()
    there = (looking | typing) - {user_id}
    if not there:
        return Present()
    people = list(db.session.scalars(select(User).where(User.id.in_(there)).order_by(User.name)))
    return Present(people, [each for each in people if each.id in typing])


def who_looks(conversation_id: int) -> set[int]:
    """Members, by their user id."""
    try:
        return _now(conversation_id)[0]
    except RedisError:
        return set()


def customer_types(conversation: Conversation) -> None:
    """On the website; members who have it open see it."""
    topic = f"business:{tenancy.current_business_id()}"
    with suppress(RedisError):
        realtime.publish_now(topic, name=f"customer-types-{conversation.id}")


def _tell_customer(conversation: Conversation) -> None:
    """A provider once in a while: its own sign lasts longer."""
    if conversation.channel.is_own:
        realtime.publish_now(services.visitor_topic(conversation.visitor.uuid), "typing")
    elif redis.client.set(_key("told", conversation.id), 1, nx=True, ex=TOLD_SECONDS):
        sending.mark_as_read(conversation, is_typing=True)


def _write(conversation_id: int, user_id: int, state: str) -> None:
    looking, typing = _key("looking", conversation_id), _key("typing", conversation_id)
    until = time.time()
    both = redis.client.pipeline()
    if state == "gone":
        both.zrem(looking, user_id)
    else:
        both.zadd(looking, {str(user_id): until + LOOKING_SECONDS})
    if state in TYPING:
        both.zadd(typing, {str(user_id): until + TYPING_SECONDS})
    else:
        both.zrem(typing, user_id)
    both.expire(looking, LOOKING_SECONDS)
    both.expire(typing, TYPING_SECONDS)
    both.execute()


def _now(conversation_id: int) -> tuple[set[int], set[int]]:
    """Who looks, who types."""
    both = redis.client.pipeline()
    for what in ("looking", "typing"):
        both.zrangebyscore(_key(what, conversation_id), time.time(), "+inf")
    looking, typing = both.execute()
    return {int(each) for each in looking}, {int(each) for each in typing}


def _key(what: str, conversation_id: int) -> str:
    return f"frontdesk:{what}:{tenancy.current_business_id()}:{conversation_id}"
