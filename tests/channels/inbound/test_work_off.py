"""Updates of a lane: once each, in order, a failing one aside, cut off in the middle."""

import threading

import pytest
from sqlalchemy import func, select
from sqlalchemy.exc import OperationalError

from app.channels import forgetting
from app.channels.border import Nothing, Reaction, Status
from app.channels.models import ChannelUpdate
from app.channels.models.updates import lane_of
from app.conversations.in_order import in_order
from app.conversations.models import Message
from app.core import jobs
from app.core.db import now
from app.core.jobs import OutboxJob
from app.extensions import db
from app.frontdesk import inbound, news
from tests.channels.inbound.heard import MAYA, START, words

SAME_LANE = "maya"


def said(phone):
    return [body for author, body in phone.lines() if author == "visitor"]


def fails(error=None):
    def make():
        raise error or RuntimeError("poison")

    return make


def test_in_the_order_in_which_things_happened(phone):
    for at in (3, 1, 2):
        phone.tells(words(f"{at}", at=at), at=at)
    phone.work_off()
    assert said(phone) == ["1", "2", "3"]


def test_what_came_in_another_order_is_read_as_it_was_written(phone):
    for at in (3, 1, 2):
        phone.says(f"{at}", at=at)
    assert said(phone) == ["3", "1", "2"]
    assert phone.look(lambda row: [m.body for m in in_order(row.messages_after())]) == [
        "1", "2", "3",
    ]  # fmt: skip
    assert phone.look(lambda row: [m.body for m in row.unanswered()]) == ["1", "2", "3"]


def test_done_is_done(phone):
    row_id = phone.tells(words("Hello"))
    phone.work_off()
    phone.work_off()
    assert phone.row(row_id).done_at
    assert said(phone) == ["Hello"]


def test_another_lane_is_left_alone(phone):
    other = next(name for name in map(str, range(99)) if lane_of(name) != lane_of(SAME_LANE))
    row_id = phone.tells(words("Hello"), person=other)
    phone.work_off()
    assert phone.row(row_id).done_at is None


def test_more_than_a_batch_asks_for_itself(phone, monkeypatch, run_jobs):
    monkeypatch.setattr(inbound, "BATCH", 2)
    for at in range(5):
        phone.tells(words(f"{at}", at=at), at=at)
    with phone.inside():
        jobs.enqueue("frontdesk.work_off", phone.channel_id, lane_of(SAME_LANE),
                     key=f"updates-{phone.channel_id}-{lane_of(SAME_LANE)}", again=True)  # fmt: skip
    run_jobs()
    assert said(phone) == ["0", "1", "2", "3", "4"]


def test_a_poisoned_one_holds_its_person_alone(phone):
    bad = phone.tells(make=fails(), at=1)
    later = phone.tells(words("After it", at=2), at=2)
    other = next(name for name in map(str, range(999)) if lane_of(name) == lane_of(SAME_LANE))
    phone.tells(words("Somebody else", at=3), at=3, person=other)
    phone.work_off()
    assert said(phone) == ["Somebody else"]
    assert (phone.row(bad).attempts, phone.row(bad).error) == (1, "RuntimeError: poison")
    assert phone.row(later).done_at is None
    phone.work_off()  # before it may be tried again
    assert phone.row(bad).attempts == 1


def test_a_poisoned_one_is_given_up_and_the_rest_goes_on(phone):
    bad = phone.tells(make=fails(), at=1)
    phone.tells(words("After it", at=2), at=2)
    for _ in range(5):
        phone.work_off()
        phone.later(minutes=2)
    row = phone.row(bad)
    assert (row.attempts, bool(row.failed_at), row.done_at) == (5, True, None)
    phone.work_off()
    assert said(phone) == ["After it"]


def test_the_next_try_is_asked_for(phone, inside):
    phone.tells(make=fails())
    phone.work_off()
    assert phone.asked("frontdesk.work_off_later") == 1
    with inside():
        inbound.work_off_later(phone.channel_id, 3)
    assert phone.asked("frontdesk.work_off") == 1


def test_half_of_an_update_is_none_of_it(phone, monkeypatch):
    """Cut off in the middle: what it had done is undone, and done once the next time."""
    row_id = phone.tells(words("Hello"))
    with monkeypatch.context() as patched:
        patched.setattr(news.services, "ask", lambda _conversation: 1 / 0)
        phone.work_off()
    assert phone.look(lambda row: row) is None
    phone.later(minutes=1)
    phone.work_off()
    assert said(phone) == ["Hello"]
    assert phone.row(row_id).error is None


def test_a_bad_minute_of_the_database_is_no_fault_of_the_update(phone):
    row_id = phone.tells(make=fails(OperationalError("select", {}, Exception("gone"))))
    with pytest.raises(OperationalError):
        phone.work_off()
    assert (phone.row(row_id).attempts, phone.row(row_id).done_at) == (0, None)


def test_what_is_not_known_yet_is_looked_at_again_and_holds_nobody(phone):
    early = phone.tells(Reaction(MAYA, "m-1", "👍", START), at=1)
    phone.tells(words("Hello", external_id="m-1", at=2), at=2)
    phone.work_off()
    assert said(phone) == ["Hello"]
    assert phone.row(early).done_at is None
    phone.later(seconds=5)
    phone.work_off()
    assert phone.row(early).done_at
    assert phone.message("m-1").reactions[0]["emoji"] == "👍"


@pytest.mark.parametrize(
    "late",
    [
        lambda: Reaction(MAYA, "never", "👍", START),
        lambda: Status("read", now(), provider_id="never"),
    ],
)
def test_what_never_comes_is_let_go_after_a_minute(phone, late):
    row_id = phone.tells(late())
    phone.later(minutes=2)
    phone.work_off()
    row = phone.row(row_id)
    assert row.done_at
    assert "never" in row.error


def test_two_workers_in_one_lane(phone, app):
    """Should a worker that lost its lease still be at it."""
    for at in range(12):
        phone.tells(words(f"{at}", at=at), at=at)
    together = threading.Barrier(2)
    problems = []

    def works():
        try:
            together.wait(timeout=10)
            phone.work_off()
        except Exception as problem:
            problems.append(problem)

    threads = [threading.Thread(target=works) for _ in range(2)]
    for each in threads:
        each.start()
    for each in threads:
        each.join(timeout=60)
    assert problems == []
    assert sorted(said(phone), key=int) == [str(at) for at in range(12)]


def test_a_worker_that_lost_its_lease_changes_nothing(phone, inside):
    phone.tells(words("Hello"))
    with inside():
        jobs.enqueue("frontdesk.work_off", phone.channel_id, lane_of(SAME_LANE), key="lost")
        job_id = db.session.scalar(select(OutboxJob.id).where(OutboxJob.key == "lost"))

    def taken_away():
        with inside():
            row = db.session.get_one(OutboxJob, job_id)
            row.attempts += 1
        return [words("Hello")]

    phone.tells(make=taken_away, at=-1)
    with phone.inside():
        pass
    with phone.inside():
        assert jobs.perform(job_id)
    with inside():
        assert db.session.scalar(select(func.count()).select_from(Message)) == 0


def test_a_message_of_somebody_known_costs_few_statements(phone, count_queries):
    phone.says("Hello")
    with count_queries() as one:
        phone.says("One more", at=1)
    phone.tells(words("a", at=2), at=2)
    phone.tells(words("b", at=3), at=3)
    with count_queries() as two:
        phone.work_off()
    assert len(two) <= 42, "\n\n".join(two)
    assert len(one) <= 30


def test_a_channel_that_is_gone(phone, inside):
    with inside():
        inbound.work_off(999_999, 0)
    assert phone.asked("frontdesk.work_off") == 0


def test_what_was_given_up_is_shown_and_tried_again(phone, login, cast, run_jobs):
    bad = phone.tells(make=fails())
    for _ in range(5):
        phone.work_off()
        phone.later(minutes=2)
    path = f"/b/{cast.slug}/settings/"
    page = login(cast.owner).get(f"{path}jobs").get_data(as_text=True)
    assert "Reading what a channel brought: “Phone”" in page
    assert f"{path}updates/{bad}/retry" in page
    phone.heals(bad, words("Hello"))
    assert login(cast.owner).post(f"{path}updates/{bad}/retry").status_code == 303
    assert login(cast.owner).post(f"{path}updates/{bad}/retry").status_code == 404
    run_jobs()
    assert said(phone) == ["Hello"]


def test_what_was_told_is_forgotten_after_a_month(phone, inside):
    old, waits = phone.tells(words("Hello")), phone.tells(words("Later"), person="other")
    phone.work_off()
    phone.later(days=31)
    kept = phone.tells(Nothing("new"))
    with inside():
        forgetting.forget_updates(phone.channel_id)
        left = set(db.session.scalars(select(ChannelUpdate.id)))
    assert left == {waits, kept} != {old}
