"""The assistant's words on their way: to the visitor always, to members who have the conversation open."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask.testing import FlaskClient

from app.assistant.marks import Marked
from app.channels.models import Channel
from app.conversations import services as conversations
from app.core import realtime
from app.core.redis import connect
from app.extensions import redis
from app.frontdesk import words
from app.frontdesk.words import Voice
from tests.conftest import Cast, Inside, Person

SAID = Marked("On Tuesdays.", [(12, 1)])


@pytest.fixture
def told(monkeypatch: pytest.MonkeyPatch) -> list[tuple[str, str, dict[str, Any]]]:
    """The words that went out: topic, event, data."""
    sent: list[tuple[str, str, dict[str, Any]]] = []

    def note(topic: str, event: str = "signal", _line: Any = None, /, **data: Any) -> None:
        if event != "signal":
            sent.append((topic, event, data))

    monkeypatch.setattr(realtime, "publish_now", note)
    return sent


@pytest.fixture
def voice(inside: Inside) -> Callable[..., Voice]:
    """Of an answer to a new visitor."""

    def begin(kind: str = "website") -> Voice:
        with inside():
            message, _ = conversations.receive(Channel.of_kind(kind), uuid4(), "Hello?", "k1")
            return Voice(message.conversation, message.id, message.position)

    return begin


def test_members_are_told_of_a_conversation_that_one_of_them_has_open(
    told: Any, voice: Callable[..., Voice], inside: Inside, cast: Cast,
    login: Callable[[Person], FlaskClient],
) -> None:  # fmt: skip
    unseen, seen = voice(), voice()
    inbox = f"/b/{cast.slug}/inbox/{seen._conversation_id}"
    assert login(cast.viewer).get(inbox).status_code == 200
    with inside():
        unseen.say(SAID)
        seen.say(SAID)
    assert [event for _, event, _ in told] == ["text", "text", "words"]
    topic, _, data = told[-1]
    assert topic == f"business:{cast.business_id}"
    assert data == {
        "conversation": seen._conversation_id,
        "text": "On Tuesdays.",
        "marks": [[12, 1]],
        "question": seen._question_id,
    }


def test_a_neighbour_who_asks_for_it_opens_nothing(
    told: Any, voice: Callable[..., Voice], inside: Inside, cast: Cast,
    login: Callable[[Person], FlaskClient],
) -> None:  # fmt: skip
    writing = voice()
    for slug in (cast.neighbour_slug, cast.slug):
        inbox = f"/b/{slug}/inbox/{writing._conversation_id}"
        assert login(cast.neighbour).get(inbox).status_code == 404
    with inside():
        writing.say(SAID)
    assert [event for _, event, _ in told] == ["text"]


def test_the_owners_preview_is_in_nobodys_inbox(
    told: Any, voice: Callable[..., Voice], inside: Inside
) -> None:
    writing = voice("preview")
    with inside():
        writing.say(SAID)
    assert [event for _, event, _ in told] == ["text"]


def test_without_redis_the_answer_goes_on_in_silence(
    voice: Callable[..., Voice], inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    writing = voice()
    away = connect("redis://127.0.0.1:1/0")
    monkeypatch.setattr(type(redis), "client", property(lambda _self: away))
    with inside():
        writing.say(SAID)
        assert words.so_far(writing._uuid) is None
