"""One visitor's deliveries go out in order, each exactly once, whatever dies in between."""

from datetime import timedelta

import pytest
from sqlalchemy import text

from app.channels import sending
from app.channels.border import Sent
from app.core import jobs, unit_of_work
from app.core.db import now
from app.extensions import db
from tests.channels.outbound.conftest import WorkerKilled, make_line, refused


def test_what_is_queued_is_sent_in_order(line):
    line.queue("one", "two", "three")
    line.run()
    assert line.provider.texts == ["one", "two", "three"]
    assert line.statuses == ["sent"] * 3
    row = line.row()
    assert (row.provider_id, row.attempts) == (f"id-{row.token}", 1)
    line.run()
    assert line.provider.asked == 3


def test_the_job_is_asked_for_with_the_row(line, run_jobs):
    line.queue("one")
    run_jobs()
    assert line.statuses == ["sent"]


# Exactly once


def dies(*_args):
    raise WorkerKilled


def test_killed_before_the_claim_is_kept_it_is_sent_later(line, monkeypatch):
    line.queue("one")
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "commit_step", dies)
        line.killed()
    assert (line.provider.asked, line.statuses) == (0, ["queued"])
    line.run()
    assert line.provider.texts == ["one"]


@pytest.mark.parametrize("is_taken", [True, False])
def test_killed_while_sending_nobody_knows_and_it_is_not_sent_again(line, is_taken):
    def die(outgoing):
        if is_taken:
            line.provider.take(outgoing)
        raise WorkerKilled

    line.queue("one")
    line.provider.then(die)
    line.killed()
    assert line.statuses == ["sending"]
    for minutes in (0, 1, 5, 60):
        line.pass_time(minutes=minutes)
        line.run()
    assert line.statuses == ["unknown"]
    assert line.provider.asked == 1


def test_killed_before_what_came_of_it_is_written_the_callback_says(line, monkeypatch):
    line.queue("one")
    with monkeypatch.context() as broken:
        broken.setattr(sending, "_note_sent", dies)
        line.killed()
    assert (line.provider.texts, line.statuses) == (["one"], ["sending"])
    line.run()
    assert line.statuses == ["unknown"]
    line.status("sent", token=line.row().token, provider_id="wamid.1")
    line.run()
    row = line.row()
    assert (row.status, row.provider_id, line.provider.asked) == ("sent", "wamid.1", 1)


def test_a_worker_that_lost_its_job_in_the_middle_still_says_what_it_sent(line):
    """Another has called it unknown by then."""

    def slow(outgoing):
        line.run()
        assert line.statuses == ["unknown"]
        return line.provider.take(outgoing)

    line.queue("one")
    line.provider.then(slow)
    line.run()
    assert (line.statuses, line.provider.texts) == (["sent"], ["one"])


def test_who_has_lost_the_job_before_the_claim_is_kept_sends_nothing(line, run_jobs, monkeypatch):
    """Another has it by now: a new attempt of the job."""
    claim, lost = sending._claim, []

    def late(delivery):
        if not lost:
            lost.append(1)
            with line.app.app_context(), db.engine.begin() as elsewhere:
                elsewhere.execute(
                    text("UPDATE outbox SET attempts = attempts + 1 WHERE key = :key"),
                    {"key": f"deliver-{line.visitor_id}"},
                )
        return claim(delivery)

    line.queue("one")
    monkeypatch.setattr(sending, "_claim", late)
    run_jobs()
    assert (line.provider.asked, line.statuses) == (0, ["queued"])
    line.run()
    assert line.provider.texts == ["one"]


def test_two_workers_at_once_send_it_once(line, monkeypatch):
    """The second begins after the first has read its rows, and before it claims one."""
    claim, raced = sending._claim, []

    def late(delivery):
        if not raced:
            raced.append(1)
            in_thread(line.run)
        return claim(delivery)

    line.queue("one")
    monkeypatch.setattr(sending, "_claim", late)
    line.run()
    assert (line.provider.texts, line.statuses) == (["one"], ["sent"])


def in_thread(action):
    from concurrent.futures import ThreadPoolExecutor

    with ThreadPoolExecutor(1) as pool:
        pool.submit(action).result()


def test_told_while_the_dead_are_buried_it_stays_told(line, monkeypatch):
    """The callback comes between the reading of the rows and the burial."""
    line.queue("one")
    line.provider.then(WorkerKilled())
    line.killed()
    bury = sending._bury

    def told_first(visitor_id):
        in_thread(lambda: line.status("delivered", token=line.row().token))
        bury(visitor_id)

    monkeypatch.setattr(sending, "_bury", told_first)
    line.run()
    assert line.statuses == ["delivered"]


def test_many_of_which_nobody_knows_hold_nobody_up(line):
    line.provider.then(*[refused("unknown")] * 12)
    for _ in range(12):
        line.queue("lost")
        line.run()
        line.pass_time(minutes=1)
    line.queue("later")
    line.run()
    assert line.provider.texts == ["later"]


def test_a_long_queue_goes_on_in_the_next_run(line, run_jobs):
    line.queue(*[f"{number}" for number in range(23)])
    line.run()
    assert (len(line.provider.taken), line.next_run() <= now()) == (10, True)
    run_jobs()
    assert line.provider.texts == [f"{number}" for number in range(23)]


# The one rule by which something is sent again


def kill_in_sending(line):
    line.queue("lost")
    line.provider.then(WorkerKilled())
    line.killed()
    line.run()


def test_what_was_never_written_goes_again_when_callbacks_flow_around_it(line):
    kill_in_sending(line)
    line.queue("later")
    line.pass_time(seconds=15)
    line.run()
    assert line.provider.texts == ["later"]
    line.pass_time(minutes=3)
    line.run()
    assert line.provider.texts == ["later"], "no callback has come"
    line.status("sent", token=line.row().token)
    line.run()
    assert line.provider.texts == ["later", "lost"]
    assert line.statuses == ["sent", "sent"]


def test_not_while_it_is_young(line):
    kill_in_sending(line)
    line.queue("later")
    line.pass_time(seconds=30)
    line.run()
    line.status("sent", token=line.row().token)
    line.run()
    assert line.provider.texts == ["later"]
    assert line.next_run() > now() + timedelta(seconds=60)


def test_a_callback_without_its_token_proves_nothing(line):
    kill_in_sending(line)
    line.queue("later")
    line.pass_time(minutes=3)
    line.run()
    line.status("delivered", provider_id=line.row().provider_id)
    line.run()
    assert line.provider.texts == ["later"]


def test_once_alone(line):
    kill_in_sending(line)
    line.queue("later")
    line.pass_time(minutes=3)
    line.run()
    line.status("sent", token=line.row().token)
    line.provider.then(WorkerKilled())
    line.killed()
    line.queue("and later")
    line.pass_time(minutes=3)
    line.run()
    line.status("sent", token=line.row().token)
    line.run()
    assert line.statuses == ["unknown", "sent", "sent"]
    assert line.provider.texts == ["later", "and later"]


def test_a_timeout_after_writing_is_never_sent_again_by_itself(line):
    line.queue("one")
    line.provider.then(refused("unknown"))
    line.run()
    line.queue("two")
    line.pass_time(minutes=3)
    line.run()
    line.status("sent", token=line.row().token)
    line.run()
    assert line.statuses == ["unknown", "sent"]
    assert line.provider.texts == ["two"]


# What a provider says


def test_a_passing_trouble_is_tried_again_with_growing_gaps(line):
    line.queue("one", "two")
    line.provider.then(*[refused("retry", "130429")] * 7)
    gaps = []
    for _ in range(7):
        line.run()
        gaps.append((line.row(0).available_at - now()).total_seconds())
        assert line.row(0).error == "The provider said no."
        line.pass_time(hours=2)
    assert all(2 * 4**n * 0.9 < gap < 2 * 4**n * 1.3 for n, gap in enumerate(gaps[:6]))
    assert line.provider.taken == [], "the second waits for the first"
    line.run()
    assert (line.provider.texts, line.statuses) == (["one", "two"], ["sent", "sent"])


def test_after_eight_attempts_it_has_failed(line):
    line.queue("one", "two")
    line.provider.then(*[refused("retry", next_step="Wait.")] * 8)
    for _ in range(8):
        line.run()
        line.pass_time(hours=2)
    row = line.row(0)
    assert (row.status, row.error, row.next_step) == ("failed", "The provider said no.", "Wait.")
    assert line.statuses == ["failed", "sent"]


def test_too_many_to_one_person_wait_four_to_the_nth(line):
    line.queue("one")
    line.provider.then(*[refused("retry", "131056")] * 3)
    for seconds in (1, 4, 16):
        line.run()
        gap = (line.row().available_at - now()).total_seconds()
        assert seconds - 0.5 < gap <= seconds
        line.pass_time(minutes=1)


def test_a_provider_s_own_wait_is_kept(line):
    line.queue("one")
    line.provider.then(refused("retry", retry_after=300))
    line.run()
    assert 290 < (line.row().available_at - now()).total_seconds() <= 300


def test_one_that_waits_a_day_holds_nobody(line):
    line.queue("cap", "answer")
    line.provider.then(refused("wait", "131049"))
    line.run()
    assert line.provider.texts == ["answer"]
    assert 23 < (line.row(0).available_at - now()).total_seconds() / 3600 <= 24
    line.forget_jobs()
    line.queue("another")
    assert line.next_run() <= now()
    line.pass_time(hours=24)
    line.run()
    assert line.provider.texts == ["answer", "cap", "another"]


def test_the_next_message_brings_a_run_forward_that_waits_for_tomorrow(line, run_jobs):
    line.queue("cap")
    line.provider.then(refused("wait", "131049"))
    run_jobs()
    assert line.next_run() > now() + timedelta(hours=23)
    line.queue("answer")
    run_jobs()
    assert line.provider.texts == ["answer"]


@pytest.mark.parametrize("trouble", ["template", "billing", "permanent", "opted_out"])
def test_what_no_waiting_helps_has_failed_and_the_next_goes_on(line, trouble):
    line.queue("one", "two")
    line.provider.then(refused(trouble, "131026", next_step="Call them."))
    line.run()
    row = line.row(0)
    assert (row.status, row.trouble, row.error_code) == ("failed", trouble, "131026")
    assert (row.error, row.next_step) == ("The provider said no.", "Call them.")
    assert line.provider.texts == ["two"]


def test_unknown_holds_the_next_for_ten_seconds(line):
    line.queue("one", "two")
    line.provider.then(refused("unknown"))
    line.run()
    assert line.statuses == ["unknown", "queued"]
    assert 8 < (line.next_run() - now()).total_seconds() <= 10
    line.pass_time(seconds=10)
    line.run()
    assert line.provider.texts == ["two"]


def test_held_for_a_check_it_is_sent_and_says_so(line):
    line.queue("one")
    line.provider.then(lambda outgoing: Sent("id", is_held=True))
    line.run()
    assert (line.row().status, line.row().trouble) == ("sent", "held")


def test_what_the_provider_tells_of_the_person_is_kept(line):
    from app.channels.border import Address
    from app.channels.models import VisitorAddress

    user = Address("user", "GB.123")
    line.queue("one", "two")
    line.provider.then(*[lambda outgoing: Sent(outgoing.token, addresses=(user,))] * 2)
    line.run()
    with line.inside():
        known = [each.value for each in VisitorAddress.of_visitor(line.visitor_id)]
    assert known == ["+447700900123", "GB.123"]


def test_a_long_text_goes_out_in_parts(line):
    line.queue("The first sentence is rather long. And the second one is, too.")
    line.run()
    assert line.provider.texts == [
        "The first sentence is rather long.",
        "And the second one is, too.",
    ]


def test_another_business_s_rows_are_untouched(line, app, cast, provider):
    from contextlib import contextmanager

    @contextmanager
    def next_door():
        with app.app_context(), cast.neighbour_scope(), unit_of_work.unit_of_work():
            yield

    other = make_line(app, cast, next_door, provider)
    other.queue("theirs")
    with line.inside():
        sending.deliver(other.visitor_id)
    assert other.statuses == ["queued"]
    other.status("sent", token=other.row().token)
    assert other.statuses == ["sent"]
