"""Visitors ask; what the assistant can't answer becomes a gap."""

import secrets
from collections.abc import Callable
from typing import Any
from uuid import UUID, uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.assistant.models import Gap
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.conftest import Cast, Inside


class Visitors:
    """Who writes to the shop; `ask` gives the conversation's id."""

    def __init__(self, inside: Inside, run_jobs: Callable[[], int]) -> None:
        self.inside, self.run_jobs = inside, run_jobs
        self.uuid = uuid4()

    def ask(self, text: str, uuid: UUID | None = None, kind: str = "website") -> int:
        self.uuid = uuid or uuid4()
        with self.inside():
            message, _ = frontdesk.receive(
                Channel.of_kind(kind), self.uuid, text, secrets.token_hex(8)
            )
            conversation_id = message.conversation_id
        self.run_jobs()
        return conversation_id

    def user(self, user_id: int) -> User:
        with self.inside():
            user = db.session.get_one(User, user_id)
            db.session.expunge(user)
            return user

    def wants_person(self, conversation_id: int) -> None:
        self.do(conversation_id, conversations.request_person)

    def do(self, conversation_id: int, service: Callable[..., Any], *rest: Any) -> Any:
        with self.inside():
            return service(self._conversation(conversation_id), *rest)

    def lines(self, conversation_id: int) -> list[tuple[str, str]]:
        with self.inside():
            messages = self._conversation(conversation_id).messages_after()
            return [(each.author, each.body) for each in messages]

    def answer_id(self, conversation_id: int) -> int:
        """The newest message of the assistant there."""
        with self.inside():
            query = select(Message.id).where(
                Message.conversation_id == conversation_id, Message.author == "assistant"
            )
            return db.session.scalars(query.order_by(Message.id.desc())).first()

    def _conversation(self, conversation_id: int) -> Conversation:
        return db.session.scalars(
            select(Conversation).where(Conversation.id == conversation_id)
        ).one()


@pytest.fixture
def visitors(inside: Inside, run_jobs: Callable[[], int]) -> Visitors:
    """Of a business that knows when it opens."""
    with inside():
        knowledge.add_question("When are you open?", "From nine to six, Monday to Saturday.", None)
    run_jobs()
    return Visitors(inside, run_jobs)


@pytest.fixture
def gaps(inside: Inside) -> Callable[[], list[Gap]]:
    """`gaps()`: all of the business, oldest first."""

    def read() -> list[Gap]:
        with inside():
            found = list(db.session.scalars(select(Gap).order_by(Gap.id)))
            for gap in found:
                db.session.expunge(gap)
            return found

    return read


@pytest.fixture
def member(cast: Cast) -> Callable[[], User]:
    """The owner, inside a scope."""
    return lambda: db.session.get_one(User, cast.owner.id)
