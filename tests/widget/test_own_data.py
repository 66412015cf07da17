"""Chats from before, a chat to keep, and everything deleted."""

import re
from datetime import timedelta

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.contacts import services as contacts
from app.contacts.models import Contact
from app.contacts.models import Visitor as Person
from app.conversations import callbacks, scheduling
from app.conversations import services as conversations
from app.conversations.due import Written
from app.conversations.models import Callback, Conversation, Message, ScheduledMessage
from app.core.db import Base, now
from app.core.storage import File
from app.extensions import db
from app.search import indexing
from app.widget import erasing
from tests.conftest import Cast
from tests.widget.conftest import Visitor
from tests.widget.test_files import PNG, send


def shown(html: str) -> int:
    return int(re.findall(r'data-conversation="(\d+)"', html)[0])


def talks(visitor: Visitor, without: int | None = None) -> list[int]:
    html = visitor.get(f"/conversations?conversation={without or 0}").text
    return [int(each) for each in re.findall(r'data-talk="(\d+)"', html)]


@pytest.fixture
def two(visitor: Visitor) -> tuple[int, int]:
    """One conversation, left for another."""
    first = shown(visitor.say("Do you deliver?", client_key="k1").text)
    second = shown(visitor.say("Something else", client_key="k2", not_in=first).text)
    return first, second


def test_a_new_chat_begins_with_its_first_message_and_goes_on(visitor, two):
    first, second = two
    assert first != second
    html = visitor.say("And more", client_key="k3", not_in=first, after=1, conversation=second).text
    assert (shown(html), html.count("<article")) == (second, 1)
    assert shown(visitor.sees()) == second
    assert talks(visitor, without=second) == [first]
    past = visitor.get(f"/conversations/{first}").text
    assert "Do you deliver?" in past
    assert "Something else" not in past


def test_what_was_sent_before_the_new_chat_is_not_sent_again_in_it(visitor, two, inside):
    assert visitor.say("Do you deliver?", client_key="k1").status_code == 200
    assert visitor.say("Something else", client_key="k2", not_in=two[0]).status_code == 200
    with inside():
        assert db.session.query(Message).count() == 2


def test_a_cursor_of_another_chat_skips_nothing(visitor, two):
    html = visitor.get(f"/messages?after=7&conversation={two[0]}").text
    assert "Something else" in html


def test_who_waits_for_a_person_stays_in_the_chat(visitor):
    first = shown(visitor.say("Hello", client_key="k1").text)
    visitor.post("/hand-off", after=1)
    html = visitor.say("Another thing", client_key="k2", not_in=first).text
    assert shown(html) == first


def test_a_members_answer_in_the_earlier_chat_brings_the_visitor_back(visitor, two, inside, cast):
    with inside():
        owner = db.session.get_one(User, cast.owner.id)
        old = db.session.get_one(Conversation, (cast.business_id, two[0]))
        conversations.reply(old, owner, "Yes, we do", "r1")
    html = visitor.get(f"/messages?after=1&conversation={two[1]}").text
    assert shown(html) == two[0]
    assert "Yes, we do" in html


def test_nobody_reads_another_visitors_chats(visitor, visit, two, cast):
    stranger = visit(cast.website_key)
    stranger.say("Hello")
    assert set(two).isdisjoint(talks(stranger))
    for path in ("", "/transcript"):
        assert stranger.get(f"/conversations/{two[0]}{path}").status_code == 404
    answer = stranger.post(f"/conversations/{two[0]}/transcript", email="me@example.com")
    assert answer.status_code == 404
    stranger.token = ""
    assert stranger.get("/conversations").status_code == 401


def test_a_transcript_is_plain_text_with_everybodys_words(visitor, inside, cast):
    number = shown(visitor.say("Do you deliver <b>?").text)
    send(visitor, "garden.png", PNG, client_key="f1")
    with inside():
        talk = db.session.get_one(Conversation, (cast.business_id, number))
        owner = db.session.get_one(User, cast.owner.id)
        conversations.reply(talk, owner, "Yes", "r1")
        conversations.add_note(talk, owner, "A difficult one", "n1")
    answer = visitor.get(f"/conversations/{number}/transcript")
    assert answer.mimetype == "text/plain"
    lines = [line for line in answer.text.splitlines() if line and " · " not in line]
    assert lines == ["Chat with Test Shop", "Do you deliver <b>?", "[File: garden.png]", "Yes"]
    assert [line.partition(" · ")[2] for line in answer.text.splitlines() if " · " in line] == [
        "You", "You", "Olivia",
    ]  # fmt: skip


@pytest.fixture
def answered(inside, cast):
    """`answered(visitor)`: where the transcript of a chat with an answer is asked for."""

    def answer(visitor: Visitor) -> str:
        number = shown(visitor.say("Buy now at https://evil.example").text)
        with inside():
            talk = db.session.get_one(Conversation, (cast.business_id, number))
            owner = db.session.get_one(User, cast.owner.id)
            conversations.reply(talk, owner, "Yes, we do", "r1")
        return f"/conversations/{number}/transcript"

    return answer


def test_a_transcript_by_mail_is_a_link_without_a_word_of_the_chat(
    visitor, answered, run_jobs, monkeypatch
):
    sent = []
    monkeypatch.setattr("app.core.mail._hand_over", sent.append)
    monkeypatch.setattr("app.core.mail._log_instead", sent.append)
    path = answered(visitor)
    for wrong in ("", "nobody", None):
        answer = visitor.post(path, email=wrong)
        assert (answer.status_code, answer.json["error"]["code"]) == (422, "email")
    assert visitor.post(path, email="Ana@example.com").status_code == 204
    run_jobs()
    [mail] = sent
    assert (mail["To"], mail["Subject"]) == ("ana@example.com", "Your chat with Test Shop")
    assert "evil" not in mail.as_string()
    said = mail.get_body(("plain",)).get_content()
    link = visitor.base + re.search(rf"{visitor.base}(/kept/\S+)", said)[1]
    visitor.say("What came later", client_key="k2")
    page = visitor.client.get(link)
    assert "Buy now at https://evil.example" in page.text
    assert "Yes, we do" in page.text
    assert 'href="https://evil' not in page.text
    assert "What came later" not in page.text
    assert "Yes, we do" in visitor.client.get(link + "&text=").text
    assert visitor.client.get(link.replace("/kept/", "/kept/x")).status_code == 404
    visitor.post("/erasure", confirm=True)
    assert visitor.client.get(link).status_code == 404


def test_what_nobody_has_answered_is_mailed_to_nobody(visitor):
    number = shown(visitor.say("Buy now").text)
    answer = visitor.post(f"/conversations/{number}/transcript", email="poor@example.com")
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "unanswered")


def test_nobody_is_mailed_again_and_again(visit, answered, cast, rate_limits):
    codes = []
    for _ in range(4):
        other = visit(cast.website_key)
        codes.append(other.post(answered(other), email="poor@example.com").status_code)
    assert codes == [204, 204, 204, 429]


@pytest.fixture
def known(visitor: Visitor, two: tuple[int, int], inside, cast: Cast, run_jobs) -> int:
    """A visitor of whom there is a lot. The conversation with most of it."""
    send(visitor, "garden.png", PNG, client_key="f1")
    run_jobs()
    with inside():
        person = db.session.scalars(select(Person)).one()
        talk = db.session.get_one(Conversation, (cast.business_id, two[1]))
        said = contacts.read(name="Ana Ruiz", email="ana@example.com", phone="+34600123123")
        contacts.find_or_update(person, said, talk.id)
        person.page, person.attributes = "https://shop.example/ana", {"plan": "Ana’s"}
        owner = db.session.get_one(User, cast.owner.id)
        callbacks.leave(talk, phone="+34600123123", name="Ana Ruiz", message="Call Ana")
        conversations.add_note(talk, owner, "Ana is nice", "n1")
        at = now() + timedelta(days=1)
        scheduling.send_later(talk, owner, Written("Dear Ana"), "s1", at, drops_on_reply=False)
    return two[1]


def everything(cast: Cast) -> str:
    """Every text of the business's rows, as the database holds them."""
    found = []
    for mapper in Base.registry.mappers:
        table = mapper.local_table
        if "business_id" in table.c and table.name not in ("outbox", "users", "memberships"):
            rows = db.session.execute(select(table)).all()
            found += [f"{table.name}: {row}" for row in rows]
    return "\n".join(found)


def test_deleting_leaves_an_empty_conversation_that_says_so(visitor, known, inside, cast, run_jobs):
    words = ("Ana", "ana@", "600123123", "garden", "deliver", "Something else")
    with inside():
        before = everything(cast)
        assert [each for each in words if each not in before] == []
    assert visitor.post("/erasure", confirm=True).status_code == 204
    run_jobs()
    with inside():
        assert indexing._read_changes()
        after = everything(cast)
        assert [line for line in after.splitlines() if any(each in line for each in words)] == []
        assert db.session.query(File).count() == db.session.query(Callback).count() == 0
        assert db.session.query(Contact).count() == db.session.query(ScheduledMessage).count() == 0
        for talk in db.session.query(Conversation):
            assert [m.body for m in talk.messages_after()] == ["erased"]
            assert talk.status == "resolved"
            assert talk.incoming_position == talk.position  # unread


def test_who_was_deleted_is_nobody_any_more(visitor, known, inside):
    for _ in range(2):
        assert visitor.post("/erasure", confirm=True).status_code == 204
    assert talks(visitor) == []
    assert 'data-state="new"' in visitor.sees()
    assert shown(visitor.say("Hello again", client_key="k9").text) > known


def test_deleting_wants_to_be_meant(visitor, two):
    assert visitor.post("/erasure").status_code == 422
    assert visitor.client.post(f"{visitor.base}/erasure", json={"confirm": True}).status_code == 401
    assert len(talks(visitor)) == 2


def test_a_contact_that_the_business_knows_stays(visitor, two, inside, cast):
    with inside():
        person = db.session.scalars(select(Person)).one()
        said = contacts.read(name="Ana", email="ana@example.com")
        contacts.find_or_update(person, said, two[0])
        owner = db.session.get_one(User, cast.owner.id)
        contacts.change(person, said, "Buys ferns", two[0], owner)
    visitor.post("/erasure", confirm=True)
    with inside():
        assert db.session.query(Contact).one().display_name == "Ana"
        assert db.session.scalars(select(Person)).one().contact_id is None


def test_members_are_told_in_words(visitor, two, login, cast):
    visitor.post("/erasure", confirm=True)
    page = login(cast.owner).get(f"/b/{cast.slug}/inbox/{two[0]}").text
    assert "had everything in this conversation deleted" in page


# Of what hangs on a conversation, these hold no words of people, or lose them.
WORDLESS = {
    "contacts", "conversation_mentions", "conversation_reads", "conversation_tags", "deliveries",
    "hand_offs", "macro_presses", "model_calls", "ratings", "unread_conversations",
}  # fmt: skip


def test_nothing_that_hangs_on_a_conversation_is_forgotten_when_it_is_deleted():
    hanging = {
        mapper.local_table.name
        for mapper in Base.registry.mappers
        if "conversation_id" in mapper.local_table.c
    }
    assert hanging - {each.__tablename__ for each in erasing.FORGOTTEN} - WORDLESS == set()


def test_fields_that_are_left_empty_are_not_counted_together(visit, cast, rate_limits):
    sent = [visit(cast.website_key).post("/conversations/1/transcript", email="") for _ in range(4)]
    assert [each.status_code for each in sent] == [404] * 4
