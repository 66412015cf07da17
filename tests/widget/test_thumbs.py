"""A visitor says whether an answer helped."""

import re
from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.assistant.models import Answer, GapQuestion
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.extensions import db
from app.knowledge import services as knowledge
from tests.conftest import Cast, Inside
from tests.widget.conftest import Visitor

Visit = Callable[[str], Visitor]
RunJobs = Callable[[], int]
ASKED = "Do you deliver to Ashcombe?"


@pytest.fixture
def answered(inside: Inside, visitor: Visitor, run_jobs: RunJobs) -> int:
    """The visitor has asked, and this message is the answer."""
    with inside():
        knowledge.add_question(ASKED, "Yes, on Tuesdays for £4.95.", None)
    run_jobs()
    visitor.say(ASKED)
    run_jobs()
    return rated_messages(visitor.sees())[0]


def rated_messages(html: str) -> list[int]:
    return [int(number) for number in re.findall(r'data-thumbs="(\d+)"', html)]


def pressed(html: str) -> list[str]:
    return re.findall(r'data-rate="(\w+)" aria-pressed="true"', html)


def kept(inside: Inside, message_id: int) -> tuple[str | None, str | None]:
    with inside():
        answer = Answer.of_message(message_id)
        assert answer is not None
        return answer.visitor_rating, answer.visitor_reason


def test_an_answer_can_be_rated_and_shows_it_after_a_reload(
    visitor: Visitor, answered: int, inside: Inside
) -> None:
    assert pressed(visitor.sees()) == []
    assert visitor.post(f"/messages/{answered}/rating", rating="up").status_code == 204
    assert pressed(visitor.sees()) == ["up"]
    assert kept(inside, answered) == ("up", None)


def test_the_newest_opinion_counts_and_can_be_taken_back(
    visitor: Visitor, answered: int, inside: Inside
) -> None:
    path = f"/messages/{answered}/rating"
    visitor.post(path, rating="down", reason="  It is £5\x00 now ")
    assert kept(inside, answered) == ("down", "It is £5 now")
    visitor.post(path, rating="up", reason="a good answer needs no reason")
    assert kept(inside, answered) == ("up", None)
    visitor.post(path, rating=None)
    assert kept(inside, answered) == (None, None)
    assert pressed(visitor.sees()) == []


def test_small_talk_and_a_person_s_words_have_no_thumbs(
    visitor: Visitor, answered: int, inside: Inside, run_jobs: RunJobs, cast: Cast
) -> None:
    visitor.say("Hello", client_key="k2")
    run_jobs()
    with inside():
        owner = db.session.get_one(User, cast.owner.id)
        conversation = db.session.scalars(select(Conversation)).one()
        conversations.reply(conversation, owner, "Olivia here.", "r1")
        others = list(db.session.scalars(select(Message.id).where(Message.id != answered)))
    assert rated_messages(visitor.sees()) == [answered]
    assert len(others) >= 4
    for message_id in others:
        refused = visitor.post(f"/messages/{message_id}/rating", rating="up")
        assert refused.status_code == 404
        assert refused.json["error"]["code"] == "nothing_to_rate"


def test_another_visitor_can_not_rate_it(
    visit: Visit, cast: Cast, answered: int, inside: Inside
) -> None:
    stranger = visit(cast.website_key)
    assert stranger.post(f"/messages/{answered}/rating", rating="down").status_code == 404
    stranger.say("Hello")
    assert stranger.post(f"/messages/{answered}/rating", rating="down").status_code == 404
    assert kept(inside, answered) == (None, None)


def test_another_business_s_visitor_can_not_rate_it(
    visit: Visit, cast: Cast, answered: int, inside: Inside
) -> None:
    neighbour = visit(cast.neighbour_key)
    assert neighbour.post(f"/messages/{answered}/rating", rating="down").status_code == 404
    assert kept(inside, answered) == (None, None)


def test_without_a_token_nothing_is_rated(visitor: Visitor, answered: int) -> None:
    path = f"{visitor.base}/messages/{answered}/rating"
    assert visitor.client.post(path, json={"rating": "up"}).status_code == 401
    forged = {"Authorization": "Bearer forged"}
    assert visitor.client.post(path, json={"rating": "up"}, headers=forged).status_code == 401


def test_the_owner_s_preview_is_not_rated(
    visit: Visit, cast: Cast, answered: int, run_jobs: RunJobs, inside: Inside
) -> None:
    preview = visit(cast.preview_key)
    preview.say(ASKED)
    run_jobs()
    assert "£4.95" in preview.sees()
    assert rated_messages(preview.sees()) == []
    with inside():
        newest = db.session.scalars(select(Answer.message_id).order_by(Answer.id.desc())).first()
    assert newest != answered
    assert preview.post(f"/messages/{newest}/rating", rating="up").status_code == 404


@pytest.mark.parametrize(
    "body",
    [
        {},
        {"rating": "sideways"},
        {"rating": 1},
        {"rating": ["up"]},
        {"rating": "down", "reason": 7},
        {"rating": "down", "reason": "x" * 501},
    ],
)
def test_an_opinion_that_is_none_is_refused(
    visitor: Visitor, answered: int, inside: Inside, body: dict[str, Any]
) -> None:
    visitor.post(f"/messages/{answered}/rating", rating="up")
    assert visitor.post(f"/messages/{answered}/rating", **body).status_code == 422
    assert kept(inside, answered) == ("up", None)


@pytest.mark.parametrize("message_id", ["0", "99999999999999999999999"])
def test_a_message_that_is_not_there_is_not_rated(visitor: Visitor, message_id: str) -> None:
    assert visitor.post(f"/messages/{message_id}/rating", rating="up").status_code == 404


def test_rating_is_limited(visitor: Visitor, answered: int, rate_limits: None) -> None:
    path = f"/messages/{answered}/rating"
    codes = [visitor.post(path, rating="up").status_code for _ in range(21)]
    assert codes == [204] * 20 + [429]


def test_a_bad_one_becomes_a_gap_and_leaves_it_when_it_is_taken_back(
    visitor: Visitor, answered: int, run_jobs: RunJobs, inside: Inside
) -> None:
    def is_gap() -> bool:
        run_jobs()
        with inside():
            return GapQuestion.of_message(answered) is not None

    assert not is_gap()
    visitor.post(f"/messages/{answered}/rating", rating="down")
    assert is_gap()
    visitor.post(f"/messages/{answered}/rating", rating="up")
    assert not is_gap()


def test_members_are_told_live(
    visitor: Visitor, answered: int, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    told: list[tuple[str, str]] = []
    from app.core import realtime

    monkeypatch.setattr(
        realtime,
        "publish_now",
        lambda topic, _event, _line, **data: told.append((topic, data["name"])),
    )
    visitor.post(f"/messages/{answered}/rating", rating="down")
    names = {name for topic, name in told if topic == f"business:{cast.business_id}"}
    assert f"answer-{answered}" in names
    assert any(name.startswith("opinions-") for name in names)


def test_thumbs_ask_the_database_once_however_many_answers_there_are(
    visitor: Visitor,
    answered: int,
    run_jobs: RunJobs,
    count_queries: Callable[[], Any],
) -> None:
    with count_queries() as one:
        visitor.sees()
    for number in range(5):
        visitor.say(ASKED, client_key=f"again-{number}")
        run_jobs()
    with count_queries() as six:
        assert len(rated_messages(visitor.sees())) == 6
    assert len(six) == len(one)
