"""Conversations that end."""

from collections.abc import Callable
from datetime import timedelta

import pytest
from sqlalchemy import text

from app.assistant.models import ConversationOutcome
from app.conversations import ending
from app.extensions import db
from tests.assistant.conftest import Visitors
from tests.conftest import Inside

Outcome = Callable[[int], ConversationOutcome | None]
LONG_AGO = ending.IDLE + timedelta(minutes=5)

_EARLIER = text("""
    UPDATE conversations SET last_message_at = last_message_at - CAST(:by AS interval) WHERE id = :id""")
_SAID_EARLIER = text("""
    UPDATE messages SET created_at = created_at - CAST(:by AS interval) WHERE conversation_id = :id""")
_WATCH_NOW = text("""
    UPDATE outbox SET available_at = now() WHERE name = 'conversations.end' AND done_at IS NULL
       AND args = jsonb_build_array(CAST(:id AS bigint))""")


class Time:
    """`time.passes(conversation_id)`: nobody writes any more, and the worker notices."""

    def __init__(self, inside: Inside, run_jobs: Callable[[], int]) -> None:
        self.inside, self.run_jobs = inside, run_jobs

    def passes(self, conversation_id: int, by: timedelta = LONG_AGO) -> None:
        with self.inside():
            for statement in (_EARLIER, _SAID_EARLIER):
                db.session.execute(statement, {"id": conversation_id, "by": by})
            db.session.execute(_WATCH_NOW, {"id": conversation_id})
        self.run_jobs()


@pytest.fixture
def time(inside: Inside, run_jobs: Callable[[], int]) -> Time:
    return Time(inside, run_jobs)


@pytest.fixture
def outcome(inside: Inside) -> Outcome:
    """`outcome(conversation_id)`: what the ledger says of it."""

    def read(conversation_id: int) -> ConversationOutcome | None:
        with inside():
            found = ConversationOutcome.of_conversation(conversation_id)
            if found is not None:
                db.session.expunge(found)
            return found

    return read


@pytest.fixture
def ended(visitors: Visitors, time: Time) -> Callable[..., int]:
    """`ended("When are you open?", …)`: a visitor who wrote that, each with its answer, and left."""

    def write(*texts: str) -> int:
        conversation_id = visitors.ask(texts[0])
        for each in texts[1:]:
            visitors.ask(each, visitors.uuid)
        time.passes(conversation_id)
        return conversation_id

    return write
