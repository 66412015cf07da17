"""One turn at a time: bursts, a stop, two workers at once, a second model, an answer that is cut off."""

import threading
import time
from concurrent.futures import ThreadPoolExecutor

import pytest
from sqlalchemy import select

from app.core import jobs
from app.core.jobs import OutboxJob
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.frontdesk import words as voice
from tests.frontdesk.scripted.desk import Desk
from tests.standins.claude import Claude, breaks, calls, meanwhile, says, when

DOGS = says("Dogs on a lead.", holding="on a lead")


# What comes while it writes


def test_what_comes_while_it_writes_is_answered_together_next(desk: Desk, claude: Claude) -> None:
    def two_more() -> None:
        desk.writes("And where can I park?")
        desk.writes("Oh, and is there soup?")

    claude.rules = [
        when("soup", says("Behind the greenhouse; yes, soup.")),
        when("dogs", meanwhile(DOGS, do=two_more)),
    ]
    desk.says("Are dogs allowed?")
    assert desk.lines() == [
        ("visitor", "Are dogs allowed?"),
        ("visitor", "And where can I park?"),
        ("visitor", "Oh, and is there soup?"),
        ("assistant", "Dogs on a lead."),
        ("assistant", "Behind the greenhouse; yes, soup."),
    ]
    assert [seen.question for seen in claude.seen] == [
        "Are dogs allowed?",
        "And where can I park?\nOh, and is there soup?",
    ]


def test_the_next_turn_knows_the_answer_it_was_written_during(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("park", says("Behind the greenhouse.")),
        when("dogs", meanwhile(DOGS, do=lambda: desk.writes("And where can I park?"))),
    ]
    desk.says("Are dogs allowed?")
    assert claude.seen[-1].history == [
        ("user", "Are dogs allowed?"),
        ("assistant", "Dogs on a lead."),
    ]


def test_unsure_twice_also_when_the_second_came_during_the_first(
    desk: Desk, claude: Claude
) -> None:
    unsure = says("NO_ANSWER")
    claude.rules = [
        when("planet", unsure),
        when("cup", meanwhile(unsure, after=0, do=lambda: desk.writes("Which planet is nearest?"))),
    ]
    desk.says("Which club won the cup in 1974?")
    assert desk.hand_off.reason == "unsure"


def test_what_waits_before_it_begins_is_one_turn(desk: Desk, claude: Claude) -> None:
    desk.writes("Hello,")
    desk.writes("are dogs")
    desk.says("allowed?")
    assert [seen.question for seen in claude.seen] == ["Hello,\nare dogs\nallowed?"]
    assert len(desk.said()) == 1


def test_a_message_sent_twice_is_answered_once(desk: Desk, claude: Claude) -> None:
    desk.writes("Are dogs allowed?", key="same")
    desk.writes("Are dogs allowed?", key="same")
    desk.run_jobs()
    assert len(desk.said()) == len(claude.requests) == 1


# Stop


def _stop(desk: Desk, heard: str) -> None:
    """When the visitor's screen shows these words."""
    with desk.app.app_context(), business_scope(desk.cast.business_id), unit_of_work():
        for _ in range(2000):
            said = voice.so_far(desk.visitor)
            if not heard or (said and heard in said.text):
                break
            time.sleep(0.01)
        assert frontdesk.stop(desk._conversation())


def _stopping(desk: Desk, words: int, monkeypatch: pytest.MonkeyPatch) -> dict:
    monkeypatch.setattr(voice, "LOOK_SECONDS", 0)
    heard = "Dogs are very" if words else ""
    blocks = says("Dogs are " + "very " * 300 + "welcome.")
    return meanwhile(blocks, after=words, do=lambda: _stop(desk, heard))


def test_a_stopped_answer_keeps_what_was_said(desk: Desk, claude: Claude, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    claude.rules = [when("dogs", _stopping(desk, 150, monkeypatch))]
    desk.says("Are dogs allowed?")
    [said] = desk.said()
    assert said.startswith("Dogs are very")
    assert "welcome" not in said
    assert desk.lines()[-1] == ("visitor", "answer_stopped")


def test_a_stop_before_the_first_word(desk: Desk, claude: Claude, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    claude.rules = [when("dogs", _stopping(desk, 0, monkeypatch))]
    desk.says("Are dogs allowed?")
    assert desk.said() == []


def test_after_a_stop_the_next_question_is_answered(desk: Desk, claude: Claude, monkeypatch: pytest.MonkeyPatch) -> None:  # fmt: skip
    claude.rules = [
        when("dogs", _stopping(desk, 150, monkeypatch)),
        when("soup", says("Yes, soup.")),
    ]
    desk.says("Are dogs allowed?")
    desk.says("Is there soup?")
    assert desk.said()[-1] == "Yes, soup."
    history = claude.seen[-1].history
    assert history[0] == ("user", "Are dogs allowed?")
    assert history[1][1].startswith("Dogs are very")
    assert "welcome" not in history[1][1]


# Workers


def _job_ids(desk: Desk) -> list[int]:
    with desk.app.app_context():
        query = select(OutboxJob.id).where(
            OutboxJob.business_id == desk.cast.business_id,
            OutboxJob.name == "frontdesk.respond",
            OutboxJob.done_at.is_(None),
        )
        return list(db.session.scalars(query))


def _perform(desk: Desk, job_id: int) -> bool:
    with desk.app.app_context():
        return jobs.perform(job_id)


def test_two_workers_on_one_conversation_give_one_answer(desk: Desk, claude: Claude) -> None:
    """Both take the same row while the first one's answer is being written."""
    second = threading.Event()

    def other_worker() -> None:
        assert not any(_perform(desk, job_id) for job_id in _job_ids(desk))
        second.set()

    claude.rules = [when("dogs", meanwhile(DOGS, do=other_worker))]
    desk.writes("Are dogs allowed?")
    [job_id] = _job_ids(desk)
    with ThreadPoolExecutor(4) as pool:
        done = list(pool.map(lambda _: _perform(desk, job_id), range(4)))
    assert done.count(True) == 1
    assert second.is_set()
    assert desk.said() == ["Dogs on a lead."]
    assert len(claude.requests) == 1


def test_a_worker_that_lost_its_lease_adds_nothing(desk: Desk, claude: Claude) -> None:
    """It is slow, its lease runs out, another takes the job and answers; then it wakes up."""

    def lease_runs_out() -> None:
        desk.free_leases()
        for job_id in _job_ids(desk):
            _perform(desk, job_id)

    claude.rules = [
        when("dogs", lambda seen: [says("By the second.")] if len(claude.requests) > 1 else meanwhile(says("By the first."), do=lease_runs_out)),
    ]  # fmt: skip
    desk.says("Are dogs allowed?")
    assert desk.said() == ["By the second."]
    assert _job_ids(desk) == []


def test_a_lost_lease_between_a_tool_and_the_answer(desk: Desk, claude: Claude, held: list) -> None:
    """The other worker takes the turn up anew: the table is held once, the answer given once."""

    def lease_runs_out() -> None:
        desk.free_leases()
        for job_id in _job_ids(desk):
            _perform(desk, job_id)

    first = [True]

    def after_the_tool(_seen: object) -> object:
        if not first:
            return [says("It is held.")]
        first.clear()
        return meanwhile(says("By the first."), do=lease_runs_out)

    claude.rules = [
        when("table", calls("hold_table", day="friday", people=2)),
        when("table", after_the_tool, told="held"),
    ]
    desk.says("A table for two on Friday please")
    assert desk.said() == ["It is held."]
    assert len(held) == 1


def test_two_conversations_at_once_keep_apart(desk: Desk, claude: Claude) -> None:
    """Both are being written at the same time."""
    together = threading.Barrier(2, timeout=20)

    def apart(words: str) -> dict:
        return meanwhile(says(words), do=lambda: together.wait() and None)

    claude.rules = [when("dogs", apart("Dogs on a lead.")), when("soup", apart("Soup until four."))]
    other = desk.another_visitor()
    desk.writes("Are dogs allowed?")
    other.writes("Is there soup?")
    with ThreadPoolExecutor(2) as pool:
        list(pool.map(lambda job_id: _perform(desk, job_id), _job_ids(desk)))
    assert desk.said() == ["Dogs on a lead."]
    assert other.said() == ["Soup until four."]
    assert {seen.question for seen in claude.seen} == {"Are dogs allowed?", "Is there soup?"}
    assert [seen.history for seen in claude.seen] == [[], []]


# Another model, another try


def test_a_stronger_model_is_asked_when_the_first_is_unsure(desk: Desk, claude: Claude) -> None:
    claude.rules = [
        when("dogs", lambda seen: [DOGS] if "sonnet" in seen.model else [says("NO_ANSWER")]),
    ]
    desk.plays("""
        visitor: Are dogs allowed?
        assistant: Dogs on a lead. [1]
    """)
    assert [seen.model for seen in claude.seen] == ["claude-haiku-5-5", "claude-sonnet-5-5"]
    assert [call.model for call in desk.calls] == ["claude-haiku-5-5", "claude-sonnet-5-5"]


def test_no_stronger_model_where_nothing_was_found(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("cup", says("NO_ANSWER"))]
    desk.says("Which club won the cup in 1974?")
    assert [seen.model for seen in claude.seen] == ["claude-haiku-5-5"]


def test_the_stronger_model_does_nothing_twice(desk: Desk, claude: Claude, held: list) -> None:
    claude.rules = [
        when("dogs", calls("hold_table", day="friday", people=2)),
        when("dogs", lambda seen: [DOGS] if "sonnet" in seen.model else [says("NO_ANSWER")], told="held"),
    ]  # fmt: skip
    desk.says("Are dogs allowed?")
    assert desk.said() == ["Dogs on a lead."]
    assert len(held) == 1


def test_half_an_answer_is_never_kept(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("dogs", breaks(says("Half of what I know is"), after=3))]
    desk.says("Are dogs allowed?")
    assert desk.said() == ["Dogs on a lead are welcome everywhere but the café."]


def test_an_answer_that_is_too_long_is_cut_and_kept(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("dogs", says("Dogs " * 3000, holding="on a lead"))]
    desk.says("Are dogs allowed?")
    [said] = desk.said()
    assert said.startswith("Dogs Dogs")
    assert desk.calls[-1].stop_reason == "length"


def test_an_empty_answer_is_unsure(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("dogs", {"blocks": []})]
    desk.says("Are dogs allowed?")
    assert "person" in desk.said()[0]


def test_a_pause_of_the_provider_ends_in_words(desk: Desk, claude: Claude) -> None:
    claude.rules = [when("dogs", {"blocks": [says("Hm")], "stop": "pause_turn"})]
    desk.says("Are dogs allowed?")
    assert "person" in desk.said()[0]
