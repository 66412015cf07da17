"""A shop with rules; customers who write to it."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.automations import services
from app.automations.models import AutomationRule, AutomationRun
from app.automations.services import Said
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.extensions import db
from app.frontdesk import services as frontdesk
from tests.conftest import Cast, Inside


class Shop:
    """In short transactions of its own, as the web and the worker work."""

    def __init__(self, cast: Cast, inside: Inside, run_jobs: Callable[[], int]) -> None:
        self.cast, self.inside, self.run_jobs = cast, inside, run_jobs

    def rule(self, event: str, *actions: Any, conditions: Any = (), **more: Any) -> int:
        """`actions` as (what, value), `conditions` as (what, op, value)."""
        said = Said(
            more.pop("name", "A rule"), event,
            conditions=[dict(zip(("what", "op", "value"), each, strict=True)) for each in conditions],
            actions=[dict(zip(("what", "value"), each, strict=True)) for each in actions],
            **more,
        )  # fmt: skip
        with self.inside():
            return services.create(said, self.owner()).id

    def owner(self) -> User:
        return db.session.get_one(User, self.cast.owner.id)

    def writes(self, text: str, uuid: Any = None, *, works: bool = True) -> int:
        """Its conversation. The assistant has nothing to say here."""
        with self.inside():
            message, _ = conversations.receive(
                Channel.of_kind("website"), uuid or uuid4(), text, str(uuid4())
            )
            found = message.conversation_id
        if works:
            self.run_jobs()
        return found

    def asks(self, conversation_id: int) -> None:
        with self.inside():
            frontdesk.request_person(self.conversation(conversation_id))
        self.run_jobs()

    def conversation(self, conversation_id: int) -> Conversation:
        return db.session.get_one(Conversation, (self.cast.business_id, conversation_id))

    def lines(self, conversation_id: int) -> list[tuple[str, str, str]]:
        with self.inside():
            found = self.conversation(conversation_id).messages_after()
            return [(each.kind, each.author, each.body) for each in found]

    def runs(self) -> list[tuple[str, str, list[tuple[str, str]]]]:
        """(event, outcome, [(words, why not)])"""
        with self.inside():
            rows = db.session.scalars(select(AutomationRun).order_by(AutomationRun.id))
            return [
                (each.event, each.outcome, [(step["words"], step["why_not"]) for step in each.steps])
                for each in rows
            ]  # fmt: skip

    def change(self, rule_id: int, act: Callable[[AutomationRule], Any]) -> None:
        with self.inside():
            rule = AutomationRule.by_id(rule_id)
            assert rule is not None
            act(rule)


@pytest.fixture
def shop(cast: Cast, inside: Inside, run_jobs: Callable[[], int]) -> Shop:
    return Shop(cast, inside, run_jobs)
