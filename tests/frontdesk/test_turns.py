"""One turn at a time, and everything that the visitor wrote meanwhile in the next one."""

import secrets
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from sqlalchemy import select

from app.assistant.models import AssistantSettings, ModelCall, ToolUse
from app.channels.models import Channel, new_public_key
from app.conversations.models import Conversation, HandOff, Message
from app.core import jobs, tools
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.frontdesk import turns, words
from app.knowledge import services as knowledge
from tests.standins import claude as stand_in

DELIVERY = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
DOGS = "Dogs on a lead are welcome everywhere but the café."


@pytest.fixture
def taught(context, cast, run_jobs):
    with cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver, and what does it cost?", DELIVERY, None)
        knowledge.add_question("Are dogs allowed?", DOGS, None)
    run_jobs()
    return cast


@pytest.fixture
def visitor(taught):
    return Visitor(taught, uuid4())


@pytest.fixture
def meanwhile(app):
    """What happens while the stand-in writes, in its thread."""

    def inside(do):
        def doing():
            with app.app_context():
                do()

        return doing

    return inside


class Visitor:
    """One visitor of one channel."""

    def __init__(self, cast, uuid, kind="website"):
        self.cast, self.uuid, self.kind = cast, uuid, kind

    def says(self, text):
        with self.cast.scope(), unit_of_work():
            frontdesk.receive(Channel.of_kind(self.kind), self.uuid, text, secrets.token_hex(8))

    def stops(self):
        with self.cast.scope(), unit_of_work():
            return frontdesk.stop(db.session.scalars(select(Conversation)).one())

    @property
    def sees(self):
        with self.cast.scope():
            db.session.expire_all()
            conversation = db.session.scalars(select(Conversation)).one()
            return [(each.author, each.body) for each in conversation.messages_after()]


def open_jobs(cast, name="frontdesk.respond"):
    query = select(OutboxJob).where(
        OutboxJob.business_id == cast.business_id,
        OutboxJob.name == name,
        OutboxJob.done_at.is_(None),
    )
    db.session.expire_all()
    return list(db.session.scalars(query))


def test_two_messages_before_a_turn_are_one_job_and_one_answer(visitor, taught, run_jobs):
    visitor.says("Are dogs allowed?")
    visitor.says("And what does delivery to Ashcombe cost?")
    assert len(open_jobs(taught)) == 1
    run_jobs()
    assert [author for author, _ in visitor.sees] == ["visitor", "visitor", "assistant"]


def test_what_arrives_while_the_assistant_writes_is_one_next_turn(
    visitor, taught, run_jobs, with_claude, meanwhile
):
    def two_more():
        visitor.says("Are dogs allowed?")
        visitor.says("In the café too?")

    with_claude.script = [
        stand_in.meanwhile(
            stand_in.says("For £4.95.", cites=(0,)), after=1, do=meanwhile(two_more)
        ),
        {"blocks": [stand_in.says("On a lead, but not in the café.", cites=(0,))]},
    ]
    visitor.says("What does delivery cost?")
    run_jobs()
    assert [author for author, _ in visitor.sees] == [
        "visitor", "visitor", "visitor", "assistant", "assistant",
    ]  # fmt: skip
    assert len(with_claude.requests) == 2
    last = with_claude.requests[-1]["messages"]
    assert last[-1]["content"][-1]["text"] == "Are dogs allowed?\nIn the café too?"
    assert [each["role"] for each in last] == ["user", "assistant", "user"]
    assert open_jobs(taught) == []


def test_the_next_turn_is_asked_for_under_the_same_key_so_that_two_never_run(
    visitor, taught, run_jobs, with_claude, meanwhile
):
    seen = []

    def one_more():
        visitor.says("Are dogs allowed?")
        seen.extend(open_jobs(taught))

    with_claude.script = [
        stand_in.meanwhile(stand_in.says("For £4.95.", cites=(0,)), after=1, do=meanwhile(one_more))
    ]
    visitor.says("What does delivery cost?")
    run_jobs()
    assert len(seen) == 1


def test_a_worker_that_lost_its_job_in_the_middle_says_nothing(
    visitor, taught, run_jobs, with_claude, meanwhile
):
    """Its lease ran out while the model wrote; another worker has answered since."""

    def taken_by_another():
        with unit_of_work():
            (job,) = open_jobs(taught)
            job.lease_until = jobs.now() - timedelta(seconds=1)
        assert jobs.perform(job.id)

    with_claude.script = [
        stand_in.meanwhile(
            stand_in.says("Late.", cites=(0,)), after=1, do=meanwhile(taken_by_another)
        ),
        {"blocks": [stand_in.says("For £4.95.", cites=(0,))]},
    ]
    visitor.says("What does delivery cost?")
    run_jobs()
    assert visitor.sees[1:] == [("assistant", "For £4.95.")]


class TestBursts:
    """Where each reply costs, what comes within the burst's time is one turn."""

    @pytest.fixture
    def on_whatsapp(self, taught):
        with taught.scope(), unit_of_work():
            key = new_public_key(taught.business_id)
            # Broken: what is to be sent waits, and nothing is said of it in the conversation.
            db.session.add(
                Channel(kind="whatsapp", name="WhatsApp", public_key=key, state="broken")
            )
        return Visitor(taught, uuid4(), "whatsapp")

    def test_the_answer_waits_for_the_rest(self, on_whatsapp, taught, run_jobs):
        on_whatsapp.says("Are dogs allowed?")
        run_jobs()
        assert [author for author, _ in on_whatsapp.sees] == ["visitor"]
        (job,) = open_jobs(taught)
        waits = job.available_at - job.created_at
        assert timedelta(seconds=2) < waits <= timedelta(seconds=3)

    def test_the_burst_is_one_turn(self, on_whatsapp, taught, run_jobs):
        on_whatsapp.says("Are dogs allowed?")
        on_whatsapp.says("And what does delivery to Ashcombe cost?")
        (job,) = open_jobs(taught)
        self._later(taught, job)
        run_jobs()
        assert [author for author, _ in on_whatsapp.sees] == ["visitor", "visitor", "assistant"]

    def test_the_time_is_a_setting(self, on_whatsapp, taught, run_jobs):
        with taught.scope(), unit_of_work():
            settings = AssistantSettings.current()
            settings.burst_seconds = 0
            db.session.add(settings)
        on_whatsapp.says("Are dogs allowed?")
        run_jobs()
        assert [author for author, _ in on_whatsapp.sees] == ["visitor", "assistant"]

    @staticmethod
    def _later(taught, job):
        past = jobs.now() - timedelta(seconds=4)
        with taught.scope(), unit_of_work():
            db.session.execute(Message.__table__.update().values(created_at=past))
        with unit_of_work():
            db.session.merge(job).available_at = past


class TestStopping:
    def test_before_the_first_word_nothing_is_said(self, visitor, taught, run_jobs):
        visitor.says("Are dogs allowed?")
        assert visitor.stops()
        run_jobs()
        assert visitor.sees == [("visitor", "Are dogs allowed?"), ("visitor", "answer_stopped")]

    def test_what_was_said_stays_and_the_rest_is_dropped(
        self, visitor, run_jobs, with_claude, monkeypatch, meanwhile
    ):
        monkeypatch.setattr(words, "LOOK_SECONDS", 0)

        def stop_when_words_are_seen():
            for _ in range(500):
                if words.so_far(visitor.uuid):
                    break
                time.sleep(0.01)
            visitor.stops()

        with_claude.script = [
            stand_in.meanwhile(
                stand_in.says("For four pounds and ninety-five pence a delivery"),
                after=3,
                do=meanwhile(stop_when_words_are_seen),
            )
        ]
        visitor.says("What does delivery cost?")
        run_jobs()
        said = [body for author, body in visitor.sees if author == "assistant"]
        assert len(said) == 1
        assert "For four pounds and ninety-five pence a delivery".startswith(said[0])
        assert said[0] != "For four pounds and ninety-five pence a delivery"
        assert visitor.sees[-1] == ("visitor", "answer_stopped")

    def test_twice_is_once(self, visitor):
        visitor.says("Are dogs allowed?")
        assert visitor.stops()
        assert not visitor.stops()

    def test_the_next_question_is_answered(self, visitor, run_jobs):
        visitor.says("Are dogs allowed?")
        visitor.stops()
        visitor.says("What does delivery to Ashcombe cost?")
        run_jobs()
        assert visitor.sees[-1] == ("assistant", DELIVERY)


class TestHandingOff:
    def test_unsure_twice_in_a_row_calls_a_person(self, visitor, taught, run_jobs):
        visitor.says("Who won the cup in 1974?")
        run_jobs()
        assert self._hand_off(taught) is None
        visitor.says("And who came second?")
        run_jobs()
        hand_off = self._hand_off(taught)
        assert hand_off.reason == "unsure"
        assert "Who won the cup in 1974?" in hand_off.summary["wanted"]
        assert visitor.sees[-2] == ("assistant", turns.AGAIN)

    def test_an_answer_between_two_unsure_ones_begins_anew(self, visitor, taught, run_jobs):
        for text in ("Who won the cup in 1974?", "Are dogs allowed?", "And who came second?"):
            visitor.says(text)
            run_jobs()
        assert self._hand_off(taught) is None

    def test_a_topic_of_the_owner_s_goes_to_a_person_unanswered(self, visitor, taught, run_jobs):
        with taught.scope(), unit_of_work():
            settings = AssistantSettings.current()
            settings.hand_off_topics = ["wedding", "job applications"]
            db.session.add(settings)
        visitor.says("Do you deliver flowers for weddings?")
        run_jobs()
        assert self._hand_off(taught).reason == "topic"
        assert [author for author, _ in visitor.sees] == ["visitor", "system"]

    def test_who_it_is_is_noted_though_no_model_reads_it(self, visitor, taught, run_jobs):
        visitor.says("I am Anna Berg, anna.berg@example.com, let me talk to a person please")
        run_jobs()
        known = self._hand_off(taught).summary["known"]
        assert known == {"Name": "Anna Berg", "E-mail": "anna.berg@example.com"}

    def test_the_model_calls_a_person_with_its_summary(
        self, visitor, taught, run_jobs, with_claude
    ):
        call = stand_in.calls("hand_off", reason="upset", summary="Wants the broken pot replaced.")
        with_claude.script = [{"blocks": [call]}]
        visitor.says("My pot arrived in pieces.")
        run_jobs()
        hand_off = self._hand_off(taught)
        assert (hand_off.reason, hand_off.summary["wanted"]) == (
            "anger",
            "Wants the broken pot replaced.",
        )
        assert [author for author, _ in visitor.sees] == ["visitor", "system"]
        with taught.scope():
            assert db.session.scalars(select(ToolUse)).one().name == "hand_off"

    def test_a_refusal_calls_a_person(self, visitor, taught, run_jobs, with_claude):
        with_claude.script = [stand_in.refuses(stand_in.says("I"))]
        visitor.says("What does delivery cost?")
        run_jobs()
        assert self._hand_off(taught).reason == "refusal"

    def test_a_provider_that_fails_quotes_or_calls_a_person(
        self, visitor, taught, run_jobs, with_claude
    ):
        with_claude.script = [stand_in.fails(401)] * 9
        visitor.says("What does delivery to Ashcombe cost?")
        run_jobs()
        assert visitor.sees[-1] == ("assistant", DELIVERY)
        visitor.says("Who won the cup in 1974?")
        run_jobs()
        assert self._hand_off(taught).reason == "provider_error"
        with taught.scope():
            errors = db.session.scalars(select(ModelCall.error)).all()
        assert "API key" in errors[0]

    @staticmethod
    def _hand_off(taught):
        with taught.scope():
            return db.session.scalar(select(HandOff))


def test_the_model_searches_again_and_cites_what_it_finds(visitor, taught, run_jobs, with_claude):
    with_claude.script = [
        {"blocks": [stand_in.calls("search_knowledge", query="dogs on a lead")]},
        {"blocks": [stand_in.says("On a lead, yes.", holding="Dogs on a lead")]},
    ]
    visitor.says("May my dachshund come along?")
    run_jobs()
    with taught.scope():
        answer = db.session.scalars(select(Message).where(Message.author == "assistant")).one()
        (used,) = db.session.scalars(select(ToolUse)).all()
    assert answer.citations[0]["text"] == DOGS
    assert answer.citations[0]["at"] == [len("On a lead, yes.")]
    assert (used.name, used.input) == ("search_knowledge", {"query": "dogs on a lead"})


def test_a_stronger_model_is_asked_when_the_first_does_not_know_what_the_search_is_sure_of(
    visitor, run_jobs, with_claude
):
    with_claude.script = [
        {"blocks": [stand_in.says("NO_ANSWER")]},
        {"blocks": [stand_in.says("For £4.95.", cites=(0,))]},
    ]
    visitor.says("What does delivery to Ashcombe cost?")
    run_jobs()
    assert [each["model"] for each in with_claude.requests] == [
        "claude-haiku-5-5", "claude-sonnet-5-5",
    ]  # fmt: skip
    assert visitor.sees[-1] == ("assistant", "For £4.95.")


def test_every_tool_s_schema_is_strict(app):
    from app.frontdesk import toolbox  # noqa: F401

    for tool in tools.registry.values():
        assert tool.schema["additionalProperties"] is False
        assert set(tool.schema["required"]) == set(tool.schema["properties"])
        assert tool.description
