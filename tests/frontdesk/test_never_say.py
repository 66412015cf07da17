"""What the owner forbids reaches no screen, not even while it is being written."""

from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.assistant import persona as personas
from app.assistant.models import Answer
from app.channels.models import Channel
from app.conversations.models import Message
from app.core import realtime
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.conftest import Inside
from tests.standins import claude as stand_in

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."


@pytest.fixture
def answer(inside: Inside, run_jobs: Callable[[], int]) -> Callable[[str], Message]:
    """`answer("cheap")` forbids the words and gives what the assistant says about delivery."""

    def answered(never_say: str) -> Message:
        with inside():
            knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
            personas.save(personas.Persona.typed("", "warm", "", never_say))
        run_jobs()
        with inside():
            question = "How much is delivery to Ashcombe?"
            frontdesk.receive(Channel.of_kind("website"), uuid4(), question, "a-key-of-ours")
        run_jobs()
        with inside():
            message = db.session.scalars(select(Message).filter_by(author="assistant")).one()
            db.session.expunge(message)
            return message

    return answered


@pytest.fixture
def streamed(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    texts: list[str] = []
    publish = realtime.publish_now

    def note(topic: str, event: str, *line: Any, **data: Any) -> None:
        texts.append(str(data.get("text", "")))
        publish(topic, event, *line, **data)

    monkeypatch.setattr(realtime, "publish_now", note)
    return texts


def test_the_passages_answer_instead(
    answer: Callable[[str], Message],
    with_claude: stand_in.Claude,
    streamed: list[str],
    inside: Inside,
) -> None:
    with_claude.script = [{"blocks": [stand_in.says("It is dirt cheap at £4.95.", cites=(0,))]}]
    message = answer("dirt cheap")
    assert message.body == FACT
    assert message.citations[0]["text"] == FACT
    assert any(streamed)
    with inside():
        receipt = Answer.of_message(message.id)
        assert receipt
        assert receipt.trouble == "Held back: “dirt cheap” stands under “Never say”"
    assert not [text for text in streamed if "dirt cheap" in text]


def test_where_they_say_it_too_a_person_is_offered(
    answer: Callable[[str], Message], with_claude: stand_in.Claude
) -> None:
    with_claude.script = [{"blocks": [stand_in.says("It is £4.95.", cites=(0,))]}]
    message = answer("£4.95")
    assert message.is_unsure
    assert "person" in message.body
    assert "4.95" not in message.body


def test_without_a_model_it_counts_as_well(answer: Callable[[str], Message]) -> None:
    assert answer("Fridays").is_unsure


def test_other_words_pass(answer: Callable[[str], Message], with_claude: stand_in.Claude) -> None:
    with_claude.script = [{"blocks": [stand_in.says("It is £4.95.", cites=(0,))]}]
    message = answer("best price\ncheap")
    assert message.body == "It is £4.95."
    assert "best price" in str(with_claude.requests[0]["system"])
