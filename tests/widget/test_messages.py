"""Sending, catching up and asking for a person."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.accounts.models import User
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast
from tests.widget.conftest import Visitor


@pytest.fixture
def in_conversation(
    app: Flask, cast: Cast
) -> Callable[[Callable[[Conversation, User], object]], None]:
    """Do something as the owner in the business's one conversation."""

    def do(action: Callable[[Conversation, User], object]) -> None:
        with app.app_context(), cast.scope(), unit_of_work():
            action(
                db.session.scalars(select(Conversation)).one(),
                db.session.get_one(User, cast.owner.id),
            )

    return do


Do = Callable[[Callable[[Conversation, User], object]], None]


def kinds(html: str) -> list[str]:
    return re.findall(r'class="message message--(\w+)"', html)


def state(html: str) -> str:
    return re.findall(r'data-state="(\w+)"', html)[0]


def test_a_message_is_stored_and_comes_back_as_it_will_always_look(visitor: Visitor) -> None:
    answer = visitor.say("Do you deliver?", client_key="key-1", after=0)
    assert answer.status_code == 201
    assert 'data-client-key="key-1"' in answer.text
    assert kinds(answer.text) == ["visitor"]
    assert answer.text == visitor.sees()


def test_sending_twice_stores_once_and_asks_the_assistant_once(
    visitor: Visitor, app: Flask, cast: Cast
) -> None:
    first = visitor.say("Do you deliver?")
    again = visitor.say("Do you deliver?")
    assert (first.status_code, again.status_code) == (201, 200)
    assert kinds(visitor.sees()) == ["visitor"]
    with app.app_context():
        asked = select(OutboxJob).where(
            OutboxJob.business_id == cast.business_id, OutboxJob.name == "frontdesk.respond"
        )
        assert len(db.session.scalars(asked).all()) == 1


def test_the_assistant_answers(visitor: Visitor, run_jobs: Callable[[], int]) -> None:
    visitor.say("Do you deliver?")
    run_jobs()
    assert "assistant" in kinds(visitor.sees())


def test_an_unsure_answer_offers_a_person(visitor: Visitor, in_conversation: Do) -> None:
    visitor.say("Do you sell unicorns?")

    def answer_unsurely(conversation: Conversation, _owner: User) -> None:
        question = conversation.messages_after(0)[0]
        conversations.answer(question, "I don’t know that.", [], is_unsure=True)

    in_conversation(answer_unsurely)
    assert "data-hand-off" in visitor.sees(after=1)


def test_sources_are_links_at_once_and_after_a_reload(
    visitor: Visitor, in_conversation: Do
) -> None:
    visitor.say("When are you open?")
    cited = [
        {"chunk_id": 41, "title": "Opening <b>hours</b>", "heading": ""},
        {"chunk_id": 7, "title": "Holidays", "heading": "The year › Christmas"},
        {"chunk_id": 41, "title": "Opening <b>hours</b>", "heading": ""},
    ]
    in_conversation(
        lambda conversation, _: conversations.answer(
            conversation.messages_after(0)[0], "From nine.", cited, is_unsure=False
        )
    )
    for html in (visitor.sees(after=1), visitor.sees()):
        assert re.findall(r'href="([^"]+)"', html) == [
            f"{visitor.base}/sources/41",
            f"{visitor.base}/sources/7",
        ]
        names = re.findall(r'<span dir="auto">(.+)</span></a>', html)
        assert names == ["Opening &lt;b&gt;hours&lt;/b&gt;", "Christmas"]


def test_marks_in_the_words_lead_to_their_sources_at_once_and_after_a_reload(
    visitor: Visitor, in_conversation: Do
) -> None:
    visitor.say("Do you deliver <today>?")
    cited = [
        {"chunk_id": 41, "title": 'Delivery "and" <b>costs</b>', "heading": "", "at": [10, 400]},
        {"chunk_id": 7, "title": "Holidays", "heading": "", "at": [10, 25],
         "url": "https://shop.example/?a=1&b"},
    ]  # fmt: skip
    in_conversation(
        lambda conversation, _: conversations.answer(
            conversation.messages_after(0)[0], "We do <so>. Not at Easter.", cited, is_unsure=False
        )
    )
    for html in (visitor.sees(after=1), visitor.sees()):
        said = re.findall(r'<p class="text" dir="auto">(.+)</p>', html)[-1]
        assert re.sub(r"<sup.+?</sup>", "*", said) == "We do &lt;so&gt;**. Not at Easter*."
        assert re.findall(r'<a href="([^"]+)"[^>]+aria-label="([^"]+)">(\d)</a></sup>', said) == [
            (f"{visitor.base}/sources/41", "Source 1: Delivery &#34;and&#34; &lt;b&gt;costs&lt;/b&gt;", "1"),
            ("https://shop.example/?a=1&amp;b", "Source 2: Holidays", "2"),
            ("https://shop.example/?a=1&amp;b", "Source 2: Holidays", "2"),
        ]  # fmt: skip


def test_a_cursor_gets_what_is_new_and_the_position_it_reached(
    visitor: Visitor, in_conversation: Do
) -> None:
    visitor.say("First")
    in_conversation(
        lambda conversation, owner: conversations.reply(conversation, owner, "Hello", "r1")
    )
    html = visitor.sees(after=1)
    assert kinds(html) == ["event", "member"]
    assert 'data-position="3"' in html
    assert kinds(visitor.sees(after=3)) == []


def test_sending_brings_what_came_meanwhile_so_that_the_cursor_skips_nothing(
    visitor: Visitor, in_conversation: Do
) -> None:
    visitor.say("First")
    in_conversation(
        lambda conversation, owner: conversations.reply(conversation, owner, "Hello", "r1")
    )
    assert kinds(visitor.say("Second", client_key="k2", after=1).text) == [
        "event",
        "member",
        "visitor",
    ]


def test_a_note_is_for_members_alone(visitor: Visitor, in_conversation: Do) -> None:
    visitor.say("Hello")

    def note_then_reply(conversation: Conversation, owner: User) -> None:
        conversations.add_note(conversation, owner, "A difficult one", "n1")
        conversations.reply(conversation, owner, "Good morning", "r1")

    in_conversation(note_then_reply)
    html = visitor.sees()
    assert "Good morning" in html
    assert "A difficult one" not in html


def test_markup_in_a_message_stays_text_and_an_address_becomes_a_link(
    visitor: Visitor, in_conversation: Do
) -> None:
    visitor.say("<img src=x onerror=alert(1)> https://visitor.example")
    words = "See https://shop.example/a?b=1&c=2 <script>"
    in_conversation(
        lambda conversation, owner: conversations.reply(conversation, owner, words, "r1")
    )
    html = visitor.sees()
    assert "<img" not in html
    assert "<script" not in html
    links = re.findall(r'<a href="([^"]+)" rel="([^"]+)" target="_blank"', html)
    assert links == [("https://shop.example/a?b=1&amp;c=2", "nofollow noopener ugc")]


def test_the_state_follows_who_answers(visitor: Visitor, in_conversation: Do) -> None:
    seen = [state(visitor.sees())]
    visitor.say("Hello")
    seen.append(state(visitor.sees()))
    visitor.post("/hand-off")
    seen.append(state(visitor.sees()))
    in_conversation(
        lambda conversation, owner: conversations.reply(conversation, owner, "Hi", "r1")
    )
    seen.append(state(visitor.sees()))
    in_conversation(conversations.resolve)
    seen.append(state(visitor.sees()))
    assert seen == ["new", "assistant", "waiting", "person", "resolved"]


def test_asking_for_a_person_silences_the_assistant(
    visitor: Visitor, run_jobs: Callable[[], int]
) -> None:
    visitor.say("Hello")
    assert visitor.post("/hand-off", after=1).status_code == 201
    visitor.say("When are you open?", client_key="k2")
    run_jobs()
    assert "assistant" not in kinds(visitor.sees())


def test_asking_for_a_person_twice_changes_nothing_more(visitor: Visitor) -> None:
    visitor.say("Hello")
    first = visitor.post("/hand-off", after=1)
    again = visitor.post("/hand-off", after=2)
    assert kinds(first.text) == ["event"]
    assert kinds(again.text) == []


def test_the_wish_for_a_person_can_be_the_first_message(
    visitor: Visitor, run_jobs: Callable[[], int]
) -> None:
    html = visitor.post("/hand-off").text
    run_jobs()
    assert kinds(html) == kinds(visitor.sees()) == ["visitor", "event"]
    assert state(html) == "waiting"


@pytest.mark.parametrize("text", ["", "   \n ", "\x00\x07", None, 7, ["a"]])
def test_nothing_is_refused_in_plain_words(visitor: Visitor, text: object) -> None:
    answer = visitor.post("/messages", text=text, client_key="k1")
    assert answer.status_code == 422
    assert answer.json["error"] == {"code": "empty", "message": "Write something first."}
    assert kinds(visitor.sees()) == []


def test_a_message_of_ten_thousand_characters_is_refused_with_both_numbers(
    visitor: Visitor,
) -> None:
    assert visitor.say("ü" * 2000, client_key="fits").status_code == 201
    answer = visitor.say("ü" * 10_000)
    assert answer.status_code == 422
    assert answer.json["error"]["code"] == "too_long"
    assert "10,000" in answer.json["error"]["message"]
    assert "2,000" in answer.json["error"]["message"]
    assert len(kinds(visitor.sees())) == 1


def test_a_huge_body_is_refused_before_it_is_read(visitor: Visitor) -> None:
    answer = visitor.say("x" * 100_000)
    assert answer.status_code == 413
    assert answer.json["error"]["code"] == "too_large"


@pytest.mark.parametrize("client_key", [None, "", "x" * 65, "a b", 3])
def test_a_message_without_a_proper_client_key_is_refused(
    visitor: Visitor, client_key: object
) -> None:
    assert visitor.post("/messages", text="Hello", client_key=client_key).status_code == 422


@pytest.mark.parametrize("body", [b"", b"{", b"[]", b'"text"', b"\xff\xfe"])
def test_what_is_no_json_object_is_refused(visitor: Visitor, body: bytes) -> None:
    for path in ("/messages", "/hand-off", "/stop"):
        answer = visitor.client.post(
            visitor.base + path, headers=visitor.headers, data=body, content_type="application/json"
        )
        assert answer.status_code in (400, 422)
        assert answer.json["error"]["message"]
    assert kinds(visitor.sees()) == []


def test_an_address_that_is_no_web_page_is_not_kept(
    visitor: Visitor, app: Flask, cast: Cast
) -> None:
    visitor.say("Hello", page="javascript:alert(1)")
    with app.app_context(), cast.scope():
        message = db.session.scalars(select(Message)).one()
        assert message.conversation.visitor.page is None


def test_one_visitor_is_limited_and_another_is_not(
    visit: Callable[[str], Visitor], cast: Cast, rate_limits: None
) -> None:
    hasty, calm = visit(cast.website_key), visit(cast.website_key)
    codes = [hasty.say("Hello", client_key=f"k{number}").status_code for number in range(21)]
    assert codes == [201] * 20 + [429]
    assert calm.say("Hello").status_code == 201


def test_reading_asks_the_database_little_however_much_was_said(
    visitor: Visitor, client: FlaskClient, in_conversation: Do, count_queries: Callable[[], object]
) -> None:
    def reply_often(conversation: Conversation, owner: User) -> None:
        for number in range(20):
            conversations.reply(conversation, owner, "Hello", f"r{number}")

    visitor.say("Hello")
    in_conversation(reply_often)
    with count_queries() as statements:  # type: ignore[attr-defined]
        html = visitor.sees()
    assert len(kinds(html)) == 22
    reads = [statement for statement in statements if statement.startswith("SELECT")]
    assert len(reads) <= 8


@pytest.mark.parametrize("after", ["-1", "nonsense", "99999999999999999999999", ""])
def test_a_strange_cursor_does_no_harm(visitor: Visitor, after: str) -> None:
    visitor.say("Hello")
    answer = visitor.get(f"/messages?after={after}")
    assert answer.status_code == 200
    assert 'data-position="1"' in answer.text
