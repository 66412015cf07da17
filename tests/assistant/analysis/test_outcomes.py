"""What is written down of a conversation that has ended, by rules alone."""

import threading
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select

from app.accounts.models import User
from app.assistant import services as assistant
from app.assistant.analysis import reading, services
from app.assistant.models import Answer, ConversationOutcome
from app.businesses.models import Business
from app.conversations import ending
from app.conversations import services as conversations
from app.conversations.models import Callback, Conversation
from app.core.errors import Invalid
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from tests.assistant.analysis.conftest import Outcome, Time
from tests.assistant.conftest import Visitors
from tests.conftest import Cast, Inside

KNOWN = "When are you open?"
UNKNOWN = "Do you sell chainsaws?"
Ended = Callable[..., int]


def missing(found: ConversationOutcome | None) -> list[str]:
    assert found is not None
    return [each["name"] for each in found.missing]


def test_an_answered_question_is_resolved_by_the_assistant(ended: Ended, outcome: Outcome) -> None:
    found = outcome(ended("Hello", KNOWN, "thanks, perfect!"))
    assert found is not None
    assert found.is_counted
    assert missing(found) == []
    assert (found.asked, found.intent, found.mood) == (KNOWN, "opening_hours", "happy")
    assert found.topic == KNOWN  # the question-and-answer that was cited
    assert found.model is None


def test_while_somebody_may_still_write_nothing_is_written_down(
    visitors: Visitors, time: Time, outcome: Outcome
) -> None:
    talk = visitors.ask(KNOWN)
    assert outcome(talk) is None
    time.passes(talk, timedelta(minutes=110))
    assert outcome(talk) is None
    time.passes(talk, timedelta(minutes=11))
    assert outcome(talk) is not None


def test_a_member_who_resolves_it_ends_it_at_once(
    visitors: Visitors, member: Callable[[], User], run_jobs: Callable[[], int], outcome: Outcome,
    inside: Inside,
) -> None:  # fmt: skip
    talk = visitors.ask(KNOWN)
    with inside():
        conversations.resolve(_conversation(talk), member())
    run_jobs()
    found = outcome(talk)
    assert found is not None
    assert found.is_counted


def test_what_cannot_be_answered_is_not_resolved_and_has_its_gap_as_topic(
    ended: Ended, outcome: Outcome
) -> None:
    found = outcome(ended(UNKNOWN))
    assert missing(found) == ["sure"]
    assert found is not None
    assert (found.topic, found.intent) == (UNKNOWN, "offering")


@pytest.mark.parametrize(
    ("texts", "lacks"),
    [
        (("Hello", "thanks"), {"asked"}),
        ((KNOWN, "I said when are you open"), {"not_again"}),
        (("We are a supplier of hair products and offer you our wholesale prices",), {"customer"}),
        ((KNOWN, "You are useless!"), {"calm", "no_hand_off", "answered"}),
        ((KNOWN, "I want to talk to a person"), {"no_hand_off", "answered"}),
    ],
    ids=["small talk", "again", "supplier", "angry", "person"],
)
def test_what_speaks_against_it(
    visitors: Visitors, time: Time, outcome: Outcome, texts: tuple[str, ...], lacks: set[str]
) -> None:
    talk = visitors.ask(texts[0])
    for each in texts[1:]:
        visitors.ask(each, visitors.uuid)
    time.passes(talk, ending.LONGEST_WAIT)
    assert lacks <= set(missing(outcome(talk)))


@pytest.mark.parametrize(
    "touch",
    [
        conversations.take_over,
        lambda talk, by: conversations.reply(talk, by, "Hello", "key"),
        lambda talk, by: conversations.add_note(talk, by, "A regular", "key"),
    ],
    ids=["taken over", "written", "noted"],
)
def test_what_a_person_touched_never_counts(
    visitors: Visitors, inside: Inside, member: Callable[[], User], time: Time, *, outcome: Outcome,
    touch: Callable[[Conversation, User], object],
) -> None:  # fmt: skip
    talk = visitors.ask(KNOWN)
    with inside():
        touch(_conversation(talk), member())
    time.passes(talk, ending.LONGEST_WAIT)
    assert "alone" in missing(outcome(talk))


def test_what_a_person_touches_afterwards_does_not_count_any_more(
    ended: Ended, inside: Inside, member: Callable[[], User], outcome: Outcome,
    run_jobs: Callable[[], int],
) -> None:  # fmt: skip
    talk = ended(KNOWN)
    assert outcome(talk).is_counted
    with inside():
        conversations.add_note(_conversation(talk), member(), "I called her.", "key")
    run_jobs()
    assert missing(outcome(talk)) == ["alone"]


def test_a_wish_to_be_called_back_is_left_to_do(
    visitors: Visitors, inside: Inside, time: Time, outcome: Outcome
) -> None:
    talk = visitors.ask(KNOWN)
    with inside():
        db.session.add(Callback(conversation_id=talk, phone="+442079460018", message="Roses?"))
    time.passes(talk)
    found = outcome(talk)
    assert missing(found) == ["no_request"]
    assert "“Roses?”" in found.missing[0]["why"]


def test_an_answer_that_was_stopped_is_none(
    visitors: Visitors, inside: Inside, time: Time, outcome: Outcome
) -> None:
    talk = visitors.ask(KNOWN)
    with inside():
        conversation = _conversation(talk)
        uuid = conversation.visitor.uuid
        frontdesk.receive(conversation.channel, uuid, "Are you open on Sunday?", "sunday")
        assert frontdesk.stop(conversation)
    time.passes(talk)
    found = outcome(talk)
    assert missing(found) == ["answered"]
    assert "“Are you open on Sunday?” has no whole answer." in found.missing[0]["why"]


def test_two_workers_at_once_write_one_row(
    app: Flask, cast: Cast, visitors: Visitors, time: Time, outcome: Outcome, *, inside: Inside
) -> None:
    talk = visitors.ask(KNOWN)
    with inside():
        _conversation(talk).last_message_at -= ending.IDLE * 2
    start = threading.Barrier(2)

    def look() -> None:
        with app.app_context(), cast.scope(), unit_of_work():
            start.wait(timeout=30)
            ending.look(talk)

    with ThreadPoolExecutor(2) as pool:
        for each in [pool.submit(look), pool.submit(look)]:
            each.result(timeout=60)
    assert outcome(talk).is_counted
    with inside():
        assert db.session.scalar(select(func.count()).select_from(ConversationOutcome)) == 1


def test_who_waits_for_a_person_is_not_done(
    visitors: Visitors, inside: Inside, time: Time, outcome: Outcome
) -> None:
    talk = visitors.ask(KNOWN)
    visitors.ask("I want to talk to a person", visitors.uuid)
    time.passes(talk)
    assert outcome(talk) is None
    assert _watches(inside, talk) == 1
    time.passes(talk, ending.LONGEST_WAIT)
    assert "no_hand_off" in missing(outcome(talk))
    assert _watches(inside, talk) == 0


def test_it_goes_on_after_its_end_and_ends_anew(
    ended: Ended, visitors: Visitors, time: Time, outcome: Outcome, inside: Inside
) -> None:
    talk = ended(KNOWN)
    first = outcome(talk)
    visitors.ask(UNKNOWN, visitors.uuid)
    assert _watches(inside, talk) == 1
    time.passes(talk)
    again = outcome(talk)
    assert first is not None
    assert again is not None
    assert (first.id, first.is_resolved, again.is_resolved) == (again.id, True, False)
    assert again.position > first.position


def test_the_same_end_told_twice_changes_nothing(
    ended: Ended, outcome: Outcome, inside: Inside, monkeypatch: pytest.MonkeyPatch
) -> None:
    talk = ended(KNOWN)
    monkeypatch.setattr(reading, "by_rules", None)
    with inside():
        ending.look(talk)
    assert outcome(talk) is not None


def test_the_owner_trying_it_out_and_a_deleted_conversation_have_none(
    visitors: Visitors, inside: Inside, outcome: Outcome
) -> None:
    preview = visitors.ask(KNOWN, kind="preview")
    assert _watches(inside, preview) == 0
    with inside():
        services.analyse(_conversation(preview))
        ending.look(2**40)
        services.judge_again(2**40)
    assert outcome(preview) is None


def test_a_message_that_comes_meanwhile_puts_the_end_off(
    app: Flask, cast: Cast, visitors: Visitors, time: Time, *, outcome: Outcome, inside: Inside,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    talk = visitors.ask(KNOWN)
    read = reading.by_rules

    def interrupted(said: object) -> object:
        monkeypatch.setattr(reading, "by_rules", read)
        writing = threading.Thread(target=_write, args=(app, cast, talk))
        writing.start()
        writing.join(timeout=30)
        assert not writing.is_alive()  # the visitor doesn't wait for the analysis
        return read(said)  # type: ignore[arg-type]

    monkeypatch.setattr(reading, "by_rules", interrupted)
    time.passes(talk)
    assert outcome(talk) is None
    assert _watches(inside, talk) == 1
    time.passes(talk)
    found = outcome(talk)
    assert found is not None
    assert "answered" in missing(found)


def test_a_thumb_after_the_end_changes_the_verdict(
    ended: Ended, visitors: Visitors, outcome: Outcome, inside: Inside, run_jobs: Callable[[], int]
) -> None:
    talk = ended(KNOWN)
    answer_id = visitors.answer_id(talk)
    for rating, lacks in (("down", ["not_wrong"]), (None, [])):
        with inside():
            assistant.rate_as_visitor(Answer.of_message(answer_id), rating)
        run_jobs()
        assert missing(outcome(talk)) == lacks


def test_a_rejection_outlives_another_analysis_and_is_taken_back(
    ended: Ended, visitors: Visitors, time: Time, *, outcome: Outcome, inside: Inside,
    member: Callable[[], User],
) -> None:  # fmt: skip
    talk = ended(KNOWN)
    with inside():
        services.reject(ConversationOutcome.of_conversation(talk), member(), "  It was wrong. ")
    visitors.ask("And where are you?", visitors.uuid)
    time.passes(talk)
    found = outcome(talk)
    assert found is not None
    assert (found.is_rejected, found.rejected_reason) == (True, "It was wrong.")
    assert not found.is_counted
    with inside():
        services.restore(ConversationOutcome.of_conversation(talk))
    assert not outcome(talk).is_rejected


@pytest.mark.parametrize("reason", ["", " \n ", "x" * 501, "\x00"])
def test_a_rejection_says_why(
    ended: Ended, outcome: Outcome, inside: Inside, member: Callable[[], User], reason: str
) -> None:
    talk = ended(KNOWN)
    with pytest.raises(Invalid), inside():
        services.reject(ConversationOutcome.of_conversation(talk), member(), reason)
    assert not outcome(talk).is_rejected


def test_data_is_collected_in_the_visitor_s_own_words(
    ended: Ended, outcome: Outcome, inside: Inside, cast: Cast
) -> None:
    with inside():
        db.session.get_one(Business, cast.business_id).time_zone = "Europe/London"
    said = "My name is Anna Smith, can I come on 3 March 2027? anna@example.org or 020 7946 0018"
    found = outcome(ended(said))
    assert found is not None
    assert found.collected == {
        "name": "Anna Smith",
        "emails": ["anna@example.org"],
        "phones": ["+442079460018"],
        "dates": [{"words": "3 March 2027", "day": "2027-03-03"}],
    }


def test_a_neighbour_has_none_of_it(ended: Ended, outcome: Outcome, app: Flask, cast: Cast) -> None:
    talk = ended(KNOWN)
    assert outcome(talk) is not None
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        assert ConversationOutcome.of_conversation(talk) is None
        assert db.session.scalar(select(func.count()).select_from(ConversationOutcome)) == 0


def _conversation(conversation_id: int) -> Conversation:
    return db.session.scalars(select(Conversation).where(Conversation.id == conversation_id)).one()


def _watches(inside: Inside, conversation_id: int) -> int:
    with inside():
        query = select(func.count()).where(
            OutboxJob.name == "conversations.end",
            OutboxJob.args == [conversation_id],
            OutboxJob.done_at.is_(None),
        )
        return db.session.scalar(query) or 0


def _write(app: Flask, cast: Cast, conversation_id: int) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        conversation = _conversation(conversation_id)
        conversations.receive(
            conversation.channel, conversation.visitor.uuid, "And on Sunday?", "late-key"
        )
        db.session.flush()
