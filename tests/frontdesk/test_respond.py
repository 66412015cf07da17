"""A visitor's message is answered: from the passages, by Claude, or by calling a person. Never silence."""

import secrets
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.accounts.models import User
from app.assistant.models import Answer
from app.channels.models import Channel
from app.conversations import services as conversations
from app.conversations.models import Conversation, HandOff, Message
from app.core import given_up, jobs, realtime
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import answering
from app.knowledge import services as knowledge
from tests.standins import claude as stand_in

FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."


@pytest.fixture
def taught(context, cast, run_jobs):
    """The business knows one answer."""
    with cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
        knowledge.add_question(
            "Are dogs allowed?", "Dogs on a lead are welcome everywhere but the café.", None
        )
    run_jobs()
    return cast


@pytest.fixture
def ask(context, cast, run_jobs):
    """`ask("…")` writes as one visitor and lets the jobs run. Returns the whole conversation."""
    uuid = uuid4()

    def asking(text, *, key=None, run=True):
        with cast.scope(), unit_of_work():
            frontdesk.receive(Channel.of_kind("website"), uuid, text, key or secrets.token_hex(8))
        if run:
            run_jobs()
        with cast.scope():
            db.session.expire_all()
            conversation = db.session.scalars(
                select(Conversation).order_by(Conversation.id.desc())
            ).first()
            return conversation, conversation.messages_after()

    return asking


def test_the_answer_quotes_the_owner_and_cites_the_source(taught, ask):
    conversation, (question, answer) = ask("How much is delivery to Ashcombe?")
    assert (question.author, answer.author) == ("visitor", "assistant")
    assert FACT in answer.body
    assert answer.citations[0]["text"] == FACT
    assert not answer.is_unsure
    assert conversation.state == "assistant"


def test_the_answer_has_a_receipt(taught, ask, cast):
    _, (_, answer) = ask("How much is delivery to Ashcombe?")
    with cast.scope():
        receipt = db.session.scalars(select(Answer).where(Answer.message_id == answer.id)).one()
    assert receipt.writer == "extractive"
    assert receipt.is_confident
    assert FACT in receipt.passages[0]["text"]
    assert 0 < receipt.score <= 1


def test_what_nobody_knows_is_said_and_a_person_offered(taught, ask):
    _, (_, answer) = ask("Which football club won the cup in 1974?")
    assert answer.is_unsure
    assert answer.citations == []
    assert "person" in answer.body


def test_a_business_that_knows_nothing_yet_says_so(ask):
    _, (_, answer) = ask("What are your opening hours?")
    assert answer.is_unsure


def test_a_question_sent_twice_is_answered_once(taught, ask):
    ask("Are dogs allowed?", key="same")
    _, messages = ask("Are dogs allowed?", key="same")
    assert [message.author for message in messages] == ["visitor", "assistant"]


def test_asking_for_a_person_in_words_silences_the_assistant(taught, ask):
    ask("Can I talk to a real person please?")
    conversation, messages = ask("Do you deliver?")
    assert conversation.state == "waiting"
    assert [message.body for message in messages if message.kind == "event"] == ["person_asked"]
    assert not [message for message in messages if message.author == "assistant"]


def test_a_greeting_gets_a_greeting(taught, ask):
    _, (_, answer) = ask("Hello!")
    assert answer.body.startswith("Hello")
    assert not answer.is_unsure


def test_the_assistant_is_silent_until_the_conversation_is_given_back(taught, ask, cast):
    conversation, _ = ask("Do you deliver?")
    owner = db.session.get_one(User, cast.owner.id)
    with cast.scope(), unit_of_work():
        conversations.reply(db.session.merge(conversation), owner, "I'm here now.", "k1")
    _, messages = ask("And dogs?")
    assert messages[-1].author == "visitor"
    with cast.scope(), unit_of_work():
        conversations.give_back(db.session.merge(conversation), owner)
    _, messages = ask("Are dogs allowed?")
    assert messages[-1].author == "assistant"


def test_resolving_gives_the_next_question_to_the_assistant(taught, ask, cast):
    conversation, _ = ask("Do you deliver?")
    owner = db.session.get_one(User, cast.owner.id)
    with cast.scope(), unit_of_work():
        conversation = db.session.merge(conversation)
        conversations.reply(conversation, owner, "Yes!", "k1")
        conversations.resolve(conversation, owner)
    conversation, messages = ask("Are dogs allowed?")
    assert [message.body for message in messages if message.kind == "event"] == [
        "taken_over", "resolved", "reopened",
    ]  # fmt: skip
    assert messages[-1].author == "assistant"
    assert conversation.state == "assistant"


def test_an_answer_that_comes_after_the_hand_off_is_dropped(taught, ask, cast):
    conversation, (question,) = ask("Do you deliver?", run=False)
    with cast.scope(), unit_of_work():
        conversations.request_person(db.session.merge(conversation))
        late = conversations.answer(db.session.merge(question), "Too late", [], is_unsure=False)
    assert late is None


def test_claude_writes_from_the_same_passages_and_cites_them(taught, ask, cast, with_claude):
    with_claude.script = [
        {
            "blocks": [stand_in.says("Yes, for £4.95 on Tuesdays and Fridays.", cites=(0,))],
            "usage": {
                "input_tokens": 812,
                "output_tokens": 37,
                "cache_read_input_tokens": 1000,
                "cache_creation_input_tokens": 0,
            },
        }
    ]
    _, (_, answer) = ask("Do you deliver to Ashcombe?")
    assert answer.body == "Yes, for £4.95 on Tuesdays and Fridays."
    assert answer.citations[0]["text"] == FACT
    facts, *sent = with_claude.requests[-1]["messages"][-1]["content"]
    assert facts["text"].startswith("Facts from the front desk")
    assert FACT in sent[0]["content"][0]["text"]
    assert sent[-1] == {"type": "text", "text": "Do you deliver to Ashcombe?"}
    with cast.scope():
        receipt = db.session.scalars(select(Answer).where(Answer.message_id == answer.id)).one()
    assert (receipt.writer, receipt.input_tokens, receipt.output_tokens) == ("claude", 1812, 37)
    assert receipt.cost_micros == 110  # 812 at $0.10, 1,000 cached at $0.01, 37 written at $0.50


def test_claude_s_words_stream_as_they_come(taught, ask, with_claude, monkeypatch):
    seen = []
    monkeypatch.setattr(
        realtime, "publish_now", lambda topic, event, *_line, **data: seen.append((event, data))
    )
    with_claude.script = [{"blocks": [stand_in.says("Yes, we do.", cites=(0,))]}]
    ask("Do you deliver?")
    texts = [data["text"] for event, data in seen if event == "text"]
    assert list(dict.fromkeys(texts)) == ["Yes,", "Yes, we", "Yes, we do."]


def test_claude_remembers_what_was_said_before(taught, ask, with_claude):
    with_claude.script = [
        {"blocks": [stand_in.says("Yes.", cites=(0,))]},
        {"blocks": [stand_in.says("£4.95.")]},
    ]
    ask("Do you deliver?")
    ask("And the price?")
    history = with_claude.requests[-1]["messages"][:-1]
    assert [(each["role"], _text(each["content"])) for each in history] == [
        ("user", "Do you deliver?"),
        ("assistant", "Yes."),
    ]


def _text(content):
    return content if isinstance(content, str) else content[0]["text"]


def test_when_claude_does_not_know_a_person_is_offered(taught, ask, with_claude):
    with_claude.script = [{"blocks": [stand_in.says("NO_ANSWER")]}] * 2  # and the stronger model
    _, (_, answer) = ask("Do you deliver to the moon?")
    assert answer.is_unsure
    assert "NO_ANSWER" not in answer.body


@pytest.mark.parametrize(
    "failure",
    [
        {"status": 529, "etype": "overloaded_error"},
        {"status": 401, "etype": "authentication_error"},
        {"blocks": [stand_in.says("Half an ans")], "breaks": True},
    ],
    ids=["overloaded", "key refused", "cut off in the middle"],
)
def test_when_claude_fails_the_passages_answer(taught, ask, with_claude, failure):
    with_claude.script = [failure] * 3
    _, (_, answer) = ask("How much is delivery to Ashcombe?")
    assert FACT in answer.body
    assert "Half an ans" not in answer.body


def test_a_job_that_fails_for_good_calls_a_person(taught, ask, cast, app, monkeypatch):
    def broken(*_args, **_kwargs):
        raise RuntimeError("no disk")

    monkeypatch.setattr(answering, "answer", broken)
    ask("Do you deliver?", run=False)
    for _ in range(3):
        with unit_of_work() as session:
            session.execute(OutboxJob.__table__.update().values(available_at=jobs.now()).where(
                OutboxJob.business_id == cast.business_id))  # fmt: skip
        for job_id in db.session.scalars(select(OutboxJob.id).where(
                OutboxJob.business_id == cast.business_id, OutboxJob.done_at.is_(None))).all():  # fmt: skip
            jobs.perform(job_id)
    with cast.scope():
        conversation = db.session.scalars(select(Conversation)).one()
        messages = conversation.messages_after()
        failed = given_up.failed_jobs()
    assert conversation.state == "waiting"
    assert [message.author for message in messages] == ["visitor", "assistant", "system"]
    assert "no disk" in failed[0].error


def test_no_message_of_a_neighbour_is_seen(taught, ask, cast):
    ask("Do you deliver?")
    with cast.scope():
        assert db.session.scalars(select(Message)).all()
    with cast.neighbour_scope():
        assert db.session.scalars(select(Message)).all() == []


def test_a_yes_to_the_offer_calls_a_person(taught, ask):
    _, messages = ask("How many moons has Jupiter?")
    assert messages[-1].body == answering.NOT_FOUND
    conversation, _ = ask("Yes, please!")
    with taught.scope():
        assert conversation.is_handed_off
        assert db.session.scalars(select(HandOff.reason)).one() == "asked"


def test_a_yes_to_anything_else_is_words(taught, ask):
    ask("How much is delivery to Ashcombe?")
    conversation, _ = ask("Yes please")
    assert not conversation.is_handed_off
