"""A tool is used when it may be, with input that fits, once."""

from typing import Any

import pytest
from pydantic import Field
from sqlalchemy import select

from app.assistant import tool_use
from app.assistant.models import ToolUse
from app.contacts.models import Visitor
from app.conversations.models import Conversation, Message
from app.core import tools
from app.core.db import now
from app.core.errors import Invalid
from app.core.tools import Asked, Call, Grant, ToolResult
from app.core.unit_of_work import unit_of_work
from app.extensions import db


class Plant(Asked):
    name: str = Field(min_length=2, max_length=20)
    count: int = Field(ge=1, le=9)


@pytest.fixture
def planted(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """A tool `plant` that keeps what it did."""
    monkeypatch.setattr(tools, "registry", {})
    done: list[str] = []

    @tools.tool("plant", "Plant things", grant=Grant.CONTACT_WRITE, writes=True)
    def plant(call: Call, asked: Plant) -> ToolResult:
        """Plants."""
        if asked.name == "weed":
            db.session.add(Visitor(uuid="00000000-0000-0000-0000-000000000000", channel_id=1))
            raise Invalid("Weeds aren’t planted. Choose another.")
        if not call.is_dry_run:
            done.append(f"{asked.count} {asked.name}")
        return ToolResult(f"Planted {asked.count} {asked.name}.")

    return done


@pytest.fixture
def call(context: None, cast: Any) -> Any:
    """In scope, for one question of one conversation."""
    from uuid import uuid4

    from app.channels.models import Channel

    with cast.scope():
        channel = Channel.of_kind("website")
        with unit_of_work():
            visitor = Visitor(uuid=uuid4(), channel_id=channel.id)
            db.session.add(visitor)
            db.session.flush()
            conversation = Conversation(
                channel_id=channel.id, visitor_id=visitor.id, last_message_at=now()
            )
            db.session.add(conversation)
            db.session.flush()
            message = Message(
                conversation_id=conversation.id, position=1, kind="incoming", author="visitor",
                body="Plant!",
            )  # fmt: skip
            db.session.add(message)
            db.session.flush()
            made = Call(conversation.id, message.id, visitor.id)
        yield made


ALL = frozenset(Grant)


def use(
    call: Call, raw: Any, granted: frozenset[Grant] = ALL, allowed: tuple[str, ...] = ("plant",)
) -> Any:
    with unit_of_work():
        return tool_use.perform("plant", raw, call, granted, allowed)


def test_what_fits_is_done_and_written_down(call: Call, planted: list[str]) -> None:
    outcome = use(call, {"name": "rose", "count": 2})
    assert (outcome.result.text, outcome.is_error) == ("Planted 2 rose.", False)
    assert planted == ["2 rose"]
    row = db.session.scalars(select(ToolUse)).one()
    assert (row.name, row.input, row.output) == (
        "plant",
        {"name": "rose", "count": 2},
        "Planted 2 rose.",
    )


def test_the_same_again_is_not_done_again(call: Call, planted: list[str]) -> None:
    first = use(call, {"name": "rose", "count": 2})
    again = use(call, {"count": 2, "name": " rose "})
    assert again.result.text == first.result.text
    assert planted == ["2 rose"]


@pytest.mark.parametrize(
    "raw",
    [
        {"name": "rose"},
        {"name": "rose", "count": 10},
        {"name": "rose", "count": "two"},
        {"name": "rose", "count": 1, "business_id": 2},
        {"name": "r" * 21, "count": 1},
        "rose",
        None,
        [],
    ],
)
def test_what_does_not_fit_is_explained_and_not_done(
    call: Call, planted: list[str], raw: Any
) -> None:
    outcome = use(call, raw)
    assert outcome.is_error
    assert "doesn't fit" in outcome.result.text
    assert planted == []


def test_a_tool_that_was_not_offered_or_not_granted_is_not_there(
    call: Call, planted: list[str]
) -> None:
    good = {"name": "rose", "count": 2}
    assert use(call, good, allowed=()).is_error
    assert use(call, good, granted=frozenset({Grant.HOURS_READ})).is_error
    assert planted == []


def test_a_refusal_of_the_tool_s_own_leaves_nothing_behind(call: Call, planted: list[str]) -> None:
    before = len(db.session.scalars(select(Visitor)).all())
    outcome = use(call, {"name": "weed", "count": 1})
    assert (outcome.is_error, outcome.result.text) == (
        True,
        "Weeds aren’t planted. Choose another.",
    )
    assert len(db.session.scalars(select(Visitor)).all()) == before
    assert db.session.scalars(select(ToolUse)).one().is_error


def test_a_dry_run_writes_nothing_down(call: Call, planted: list[str]) -> None:
    dry = Call(call.conversation_id, call.question_id, call.visitor_id, is_dry_run=True)
    assert use(dry, {"name": "rose", "count": 2}).result.text == "Planted 2 rose."
    assert planted == []
    assert db.session.scalars(select(ToolUse)).all() == []
