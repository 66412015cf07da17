"""The assistant's words on their way to the screens, while they are being written.

They go out through Redis alone, whole each time, so that a lost one does no harm. The newest stay there for a
minute: for a page that is opened in the middle, and for a visitor who stops the answer and keeps what was said.
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from redis import Redis, RedisError

from app.assistant.language_models.border import Stopped
from app.assistant.marks import Marked
from app.conversations import watching
from app.conversations.models import Conversation
from app.conversations.services import visitor_topic
from app.core import realtime, tenancy
from app.extensions import redis

KEPT_SECONDS = 60
MEMBERS_SECONDS = 0.12  # between two signals to the inbox: about eight a second
LOOK_SECONDS = 0.25  # between two looks whether the visitor wants no more


@dataclass(frozen=True, slots=True)
class Words:
    """What has been written so far of the answer to this question."""

    question_id: int
    text: str
    marks: list[list[int]]


class Voice:
    """Says an answer to the visitor, and to members who look on, as it grows."""

    def __init__(self, conversation: Conversation, question_id: int, position: int) -> None:
        self._conversation_id = conversation.id
        self._uuid = conversation.visitor.uuid
        self._is_preview = conversation.is_preview
        self._question_id = question_id
        self._position = position
        self._told_at = self._looked_at = 0.0
        self._last = Marked("")

    def say(self, marked: Marked) -> None:
        """Raises Stopped when the visitor has had enough."""
        self._look()
        if marked == self._last:
            return
        self._last = marked
        data = {
            "text": marked.text,
            "marks": [list(mark) for mark in marked.marks],
            "question": self._question_id,
        }
        with suppress(RedisError):  # words are a courtesy: the message follows
            line = redis.client.pipeline(transaction=False)  # one way there and back for all
            realtime.publish_now(visitor_topic(self._uuid), "text", line, **data)
            line.set(_key(self._uuid), json.dumps(data), ex=KEPT_SECONDS)
            self._tell_members(line, data)
            line.execute()

    def _tell_members(self, line: Redis, data: dict[str, Any]) -> None:
        if self._is_preview or time.monotonic() - self._told_at < MEMBERS_SECONDS:
            return
        self._told_at = time.monotonic()
        if not watching.is_watched(self._conversation_id):
            return
        topic = f"business:{tenancy.current_business_id()}"
        realtime.publish_now(topic, "words", line, conversation=self._conversation_id, **data)

    def _look(self) -> None:
        if time.monotonic() - self._looked_at < LOOK_SECONDS:
            return
        self._looked_at = time.monotonic()
        with suppress(RedisError):
            stopped = redis.client.get(_stop_key(self._uuid))
            if stopped is not None and int(stopped) >= self._position:
                raise Stopped


def so_far(uuid: UUID) -> Words | None:
    """What this visitor's assistant is saying right now."""
    with suppress(RedisError):
        kept = redis.client.get(_key(uuid))
        if kept is not None:
            data = json.loads(kept)
            return Words(data["question"], data["text"], data["marks"])
    return None


def forget(uuid: UUID) -> None:
    with suppress(RedisError):
        redis.client.delete(_key(uuid))


def silence(uuid: UUID, position: int) -> None:
    """Whoever writes an answer to something up to this position hears of it, and saves the money."""
    with suppress(RedisError):
        redis.client.set(_stop_key(uuid), position, ex=KEPT_SECONDS)


def _key(uuid: UUID) -> str:
    return f"frontdesk:words:{uuid}"


def _stop_key(uuid: UUID) -> str:
    return f"frontdesk:stop:{uuid}"
