"""The assistant's words on their way to the screens, while they are being written.

They go out through Redis alone, whole each time, so that a lost one does no harm. The newest stay there for a
minute: for a page that is opened in the middle, and for a visitor who stops the answer and keeps what was said.
"""

import json
import time
from contextlib import suppress
from dataclasses import dataclass
from uuid import UUID

from redis import RedisError

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
        self._is_watched = False
        self._last = Marked("")

    def say(self, marked: Marked) -> None:
        """Raises Stopped when the visitor has had enough."""
        with suppress(RedisError):  # words are a courtesy: the message follows
            if time.monotonic() - self._looked_at >= LOOK_SECONDS:
                self._looked_at = time.monotonic()
                self._look()
            if marked != self._last:
                self._last = marked
                self._tell(marked)

    def _look(self) -> None:
        asked = redis.client.pipeline(transaction=False)
        asked.get(_stop_key(self._uuid))
        asked.exists(watching.key(self._conversation_id))
        stopped, watched = asked.execute()
        self._is_watched = bool(watched) and not self._is_preview
        if stopped is not None and int(stopped) >= self._position:
            raise Stopped

    def _tell(self, marked: Marked) -> None:
        """One way to Redis and back for all of it."""
        marks = [list(mark) for mark in marked.marks]
        data = {"text": marked.text, "marks": marks, "question": self._question_id}
        line = redis.client.pipeline(transaction=False)
        realtime.publish_now(visitor_topic(self._uuid), "text", line, **data)
        line.set(_key(self._uuid), json.dumps(data), ex=KEPT_SECONDS)
        if self._is_watched and time.monotonic() - self._told_at >= MEMBERS_SECONDS:
            self._told_at = time.monotonic()
            topic = f"business:{tenancy.current_business_id()}"
            realtime.publish_now(topic, "words", line, conversation=self._conversation_id, **data)
        line.execute()


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
