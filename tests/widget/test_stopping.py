"""Stopping an answer, and coming back in the middle of one."""

import html
import json
import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.assistant.language_models.border import Stopped
from app.assistant.marks import Marked
from app.conversations import services as conversations
from app.conversations.models import Message
from app.extensions import db
from app.frontdesk.words import Voice
from tests.conftest import Cast, Inside
from tests.widget.conftest import Visitor

Speak = Callable[..., Voice]
SO_FAR = Marked("We deliver <on> Tuesdays & it's 4 “pounds”", [(23, 1)])


@pytest.fixture
def speak(inside: Inside) -> Speak:
    """The assistant has said so much of an answer to the newest message of the one conversation."""

    def speaking(marked: Marked = SO_FAR) -> Voice:
        with inside():
            question = newest()
            voice = Voice(question.conversation, question.id, question.position)
            voice.say(marked)
            return voice

    return speaking


def newest() -> Message:
    incoming = select(Message).where(Message.kind == "incoming")
    return db.session.scalars(incoming.order_by(Message.id.desc()).limit(1)).one()


def lines(visitor: Visitor) -> list[tuple[str, str]]:
    """Who said what."""
    found = re.findall(r'message--(\w+)".*?<p[^>]*>(.*?)</p>', visitor.sees(), re.S)
    return [(author, html.unescape(said)) for author, said in found]


def recalled(fragment: str) -> Any:
    found = re.search(r"data-words='([^']+)'", fragment)
    return json.loads(found.group(1)) if found else None


def test_what_was_said_stays_and_the_rest_is_dropped(
    visitor: Visitor, speak: Speak, inside: Inside, run_jobs: Callable[[], int]
) -> None:
    visitor.say("Do you deliver?")
    speak()
    answer = visitor.post("/stop", after=1)
    assert answer.status_code == 200
    assert 'data-answered="1"' in answer.text
    with pytest.raises(Stopped):
        speak(Marked(f"{SO_FAR.text} and more"))
    with inside():
        late = conversations.answer(newest(), "The whole answer.", [], is_unsure=False)
        assert late is not None
        assert late.body == SO_FAR.text
    run_jobs()
    assert lines(visitor) == [
        ("visitor", "Do you deliver?"),
        ("assistant", SO_FAR.text),
        ("event", "You stopped this answer."),
    ]


def test_it_works_before_the_first_word(
    visitor: Visitor, inside: Inside, run_jobs: Callable[[], int]
) -> None:
    visitor.say("Do you deliver?")
    visitor.post("/stop", after=1)
    with inside():
        assert conversations.answer(newest(), "Too late.", [], is_unsure=False) is None
    run_jobs()
    assert lines(visitor) == [
        ("visitor", "Do you deliver?"),
        ("event", "You stopped this answer."),
    ]


def test_stopping_twice_stops_once(visitor: Visitor) -> None:
    visitor.say("Do you deliver?")
    visitor.post("/stop", after=1)
    again = visitor.post("/stop", after=2)
    assert again.status_code == 200
    assert "<article" not in again.text
    assert len(lines(visitor)) == 2


def test_the_next_message_is_answered_again(visitor: Visitor, run_jobs: Callable[[], int]) -> None:
    visitor.say("Do you deliver?")
    visitor.post("/stop")
    visitor.say("Hello", client_key="k2")
    run_jobs()
    assert [author for author, _ in lines(visitor)] == ["visitor", "event", "visitor", "assistant"]


def test_with_nothing_to_stop_nothing_happens(
    visitor: Visitor, run_jobs: Callable[[], int]
) -> None:
    assert visitor.post("/stop").status_code == 200
    assert lines(visitor) == []
    visitor.say("Hello")
    run_jobs()
    before = visitor.sees()
    assert visitor.post("/stop").text == before
    assert visitor.sees() == before


def test_a_person_who_was_called_is_not_stopped(visitor: Visitor) -> None:
    visitor.say("Do you deliver?")
    visitor.post("/hand-off")
    visitor.post("/stop")
    assert [author for author, _ in lines(visitor)] == ["visitor", "event"]
    assert 'data-state="waiting"' in visitor.sees()


def test_another_visitor_stops_and_hears_nothing_of_it(
    visitor: Visitor, visit: Callable[[str], Visitor], speak: Speak, cast: Cast
) -> None:
    visitor.say("Do you deliver?")
    speak()
    others = [visit(cast.website_key), visit(cast.neighbour_key)]
    for other in others:
        other.say("Somebody there?")
        assert recalled(other.post("/stop").text) is None
    assert recalled(visitor.sees()) is not None
    assert lines(visitor) == [("visitor", "Do you deliver?")]


def test_who_comes_in_the_middle_gets_the_words_so_far(visitor: Visitor, speak: Speak) -> None:
    visitor.say("Do you deliver?")
    assert recalled(visitor.sees()) is None
    voice = speak()
    seen = visitor.sees()
    assert recalled(seen) == {
        "text": SO_FAR.text,
        "marks": [[23, 1]],
        "question": voice._question_id,
    }
    assert "<on>" not in seen


def test_words_of_an_answer_that_is_there_are_not_told_again(
    visitor: Visitor, speak: Speak, run_jobs: Callable[[], int]
) -> None:
    visitor.say("Hello")
    run_jobs()
    speak()  # of a worker that comes late
    assert recalled(visitor.sees()) is None


def test_what_is_left_to_answer_is_known_by_its_position(
    visitor: Visitor, run_jobs: Callable[[], int]
) -> None:
    assert 'data-answered="0"' in visitor.sees()
    assert 'data-answered="0"' in visitor.say("Hello").text
    run_jobs()
    assert 'data-answered="1"' in visitor.say("Hello again", client_key="k2").text


def test_stopping_is_limited(visitor: Visitor, rate_limits: None) -> None:
    codes = [visitor.post("/stop").status_code for _ in range(21)]
    assert codes == [200] * 20 + [429]
