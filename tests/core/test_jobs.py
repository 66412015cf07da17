"""Work that must not be lost, and must not be done twice."""

from contextlib import contextmanager, suppress
from datetime import timedelta

import pytest
from sqlalchemy import select, text

from app.core import jobs, sweeper
from app.core.db import now
from app.core.errors import OutsideError
from app.core.tenancy import current_business_id
from app.core.unit_of_work import after_commit, unit_of_work
from app.extensions import db
from app.knowledge.models import Source
from tests.core.conftest import PAST, fail_with, pushed, unique


def add_source(name):
    db.session.add(Source(kind="qa", name=name))


def source_count(name):
    return len(db.session.scalars(select(Source).where(Source.name == name)).all())


# Asking


def test_a_job_is_a_row_of_the_transaction_that_asks(outbox, cast):
    name = unique()
    with cast.scope(), unit_of_work():
        jobs.enqueue(name, 7, "seven")
    row = outbox.row(name)
    assert (row.args, row.business_id, row.attempts) == ([7, "seven"], cast.business_id, 0)


def test_rolled_back_there_is_no_job(outbox, queue):
    name = unique()
    with suppress(ZeroDivisionError), unit_of_work():
        jobs.enqueue(name)
        1 / 0  # noqa: B018
    assert outbox.rows(name) == []
    assert pushed(queue) == []


def test_it_is_pushed_after_the_commit_and_not_before(outbox, queue):
    name = unique()
    with unit_of_work():
        jobs.enqueue(name)
        assert pushed(queue) == []
    assert pushed(queue) == [outbox.row(name).id]


def test_a_later_job_is_pushed_when_it_is_due(outbox, queue):
    job_id = outbox.ask(unique(), at=now() + timedelta(hours=1))
    sweeper.sweep()
    assert job_id not in pushed(queue)
    assert not jobs.perform(job_id)
    outbox.set(job_id, available_at=PAST)
    sweeper.sweep()
    assert job_id in pushed(queue)


def test_a_key_keeps_one_open(outbox):
    name, key = unique(), unique("key")
    first = outbox.ask(name, key=key)
    outbox.ask(name, key=key)
    assert len(outbox.rows(name)) == 1
    outbox.set(first, done_at="now()")
    outbox.ask(name, key=key)
    assert len(outbox.rows(name)) == 2


# Doing


def test_a_job_runs_with_its_arguments_in_the_scope_of_its_business(outbox, define, cast):
    seen = []
    name = define(lambda *args: seen.append((args, current_business_id())))
    with cast.scope():
        job_id = outbox.ask(name, 1, "two")
    assert jobs.perform(job_id)
    assert seen == [((1, "two"), cast.business_id)]
    assert outbox.row(name).done_at


def test_two_nudges_have_one_effect(outbox, define):
    runs = []
    job_id = outbox.ask(define(lambda: runs.append(1)))
    assert [jobs.perform(job_id), jobs.perform(job_id)] == [True, False]
    assert runs == [1]


def test_while_one_worker_has_it_no_other_gets_it(outbox, define):
    inner = []
    job_id = outbox.ask(define(lambda: inner.append(jobs._claim(job_id, "another"))))
    jobs.perform(job_id)
    assert inner == [None]


def test_done_is_written_in_the_transaction_of_the_effects(outbox, define, cast, monkeypatch):
    """Marking it done fails: then the effect isn't there either, and the job comes again."""
    name = define(lambda: add_source("effect"))
    with cast.scope():
        job_id = outbox.ask(name)
    with monkeypatch.context() as broken:
        broken.setattr(jobs, "_mark_done", lambda _claimed: 1 / 0)
        jobs.perform(job_id)
    with cast.scope():
        assert source_count("effect") == 0
    assert outbox.row(name).done_at is None
    outbox.set(job_id, available_at=PAST)
    jobs.perform(job_id)
    with cast.scope():
        assert source_count("effect") == 1


def test_an_error_leaves_neither_effects_nor_jobs_nor_signals(outbox, define, cast, queue):
    follow_up, told = unique(), []

    def fails():
        add_source("half-done")
        jobs.enqueue(follow_up)
        after_commit(lambda: told.append(1))
        raise ValueError("no")

    with cast.scope():
        job_id = outbox.ask(define(fails))
    jobs.perform(job_id)
    with cast.scope():
        assert source_count("half-done") == 0
    assert outbox.rows(follow_up) == []
    assert told == []


def test_a_job_of_no_business_runs_without_a_scope(outbox, define):
    seen = []
    job_id = outbox.ask(define(lambda: seen.append(db.session.scalar(text("SELECT 1")))))
    jobs.perform(job_id)
    assert seen == [1]


# Failing


def test_a_failure_is_tried_again_later_and_later(outbox, define):
    name = define(fail_with(ValueError("the disk is full")), attempts=4)
    job_id = outbox.ask(name)
    waits = []
    for _ in range(3):
        before = now()
        jobs.perform(job_id)
        row = outbox.row(name)
        waits.append(row.available_at - before)
        assert (row.failed_at, row.lease_until) == (None, None)
        assert row.error == "ValueError: the disk is full"
        outbox.set(job_id, available_at=PAST)
    assert waits[0] < waits[1] < waits[2]


@pytest.mark.parametrize(("attempt", "seconds"), [(1, 2), (2, 8), (3, 32), (9, 3600), (60, 3600)])
def test_the_wait_grows_up_to_an_hour_and_spreads(attempt, seconds):
    waits = {jobs.backoff(attempt).total_seconds() for _ in range(50)}
    assert len(waits) > 1
    assert all(0.75 * seconds <= wait <= 1.25 * seconds for wait in waits)


def test_it_is_not_done_before_its_wait_is_over(outbox, define):
    runs = []

    def fails():
        runs.append(1)
        raise ValueError("no")

    job_id = outbox.ask(define(fails))
    jobs.perform(job_id)
    assert not jobs.perform(job_id)
    assert runs == [1]


def test_after_the_last_attempt_it_is_given_up_and_told_in_the_scope_of_its_business(
    outbox, define, cast
):
    told = []
    name = define(
        fail_with(ValueError("no")),
        attempts=2,
        on_failure=lambda *args: told.append((args, current_business_id())),
    )
    with cast.scope():
        job_id = outbox.ask(name, 7)
    jobs.perform(job_id)
    assert told == []
    outbox.set(job_id, available_at=PAST)
    jobs.perform(job_id)
    assert told == [((7, "ValueError: no"), cast.business_id)]
    row = outbox.row(name)
    assert (row.attempts, row.error, row.failed_at is None) == (2, "ValueError: no", False)
    assert not jobs.perform(job_id)


def test_what_is_written_on_giving_up_is_kept(outbox, define, cast):
    name = define(
        fail_with(ValueError("no")), attempts=1, on_failure=lambda _reason: add_source("sorry")
    )
    with cast.scope():
        jobs.perform(outbox.ask(name))
        assert source_count("sorry") == 1


def test_a_permanent_refusal_is_given_up_at_once(outbox, define):
    name = define(fail_with(OutsideError("The key is wrong.", permanent=True)), attempts=6)
    jobs.perform(outbox.ask(name))
    row = outbox.row(name)
    assert (row.attempts, row.error) == (1, "OutsideError: The key is wrong.")
    assert row.failed_at


def test_a_passing_refusal_is_tried_again(outbox, define):
    name = define(fail_with(OutsideError("Busy.", permanent=False)), attempts=6)
    jobs.perform(outbox.ask(name))
    assert outbox.row(name).failed_at is None


def test_a_name_that_nobody_knows_is_given_up_with_its_reason(outbox):
    name = unique("unknown")
    assert jobs.perform(outbox.ask(name))
    row = outbox.row(name)
    assert row.failed_at
    assert name in row.error


def test_an_error_with_a_nul_in_its_words_is_kept_too(outbox, define):
    name = define(fail_with(ValueError("bad\x00byte")), attempts=1)
    jobs.perform(outbox.ask(name))
    assert outbox.row(name).error == "ValueError: badbyte"


def test_giving_up_that_fails_itself_still_gives_up(outbox, define):
    """Its effects are dropped, and the job doesn't come again for ever."""

    def on_failure(_reason):
        raise RuntimeError("worse")

    name = define(fail_with(ValueError("no")), attempts=1, on_failure=on_failure)
    assert jobs.perform(outbox.ask(name))
    row = outbox.row(name)
    assert row.failed_at
    assert row.error == "ValueError: no"


def test_a_job_that_takes_its_worker_down_is_given_up_after_its_attempts(outbox, define):
    """It never gets as far as failing: each claim counts."""
    runs, told = [], []
    name = define(lambda: runs.append(1), attempts=2, on_failure=told.append)
    job_id = outbox.ask(name)
    for _ in range(2):
        jobs._claim(job_id, "killed")
        outbox.set(job_id, lease_until=PAST)
    jobs.perform(job_id)
    assert runs == []
    assert outbox.row(name).failed_at
    assert len(told) == 1


def test_a_job_that_hangs_is_ended_and_tried_again(outbox, define, monkeypatch):
    limits = []

    @contextmanager
    def ended_after(seconds):
        limits.append(seconds)
        yield
        raise TimeoutError(f"took longer than {seconds} seconds")

    monkeypatch.setattr(jobs, "time_limit", ended_after)
    name = define(lambda: None, seconds=5)
    jobs.perform(outbox.ask(name))
    assert limits == [5]
    assert outbox.row(name).failed_at is None


# Losing the lease


def test_effects_of_a_worker_that_lost_its_lease_are_dropped(outbox, define, cast):
    runs = []

    def slow():
        runs.append(1)
        add_source("effect")
        if len(runs) == 1:
            outbox.set(job_id, lease_until=PAST)
            outbox.elsewhere(lambda: jobs.perform(job_id))

    name = define(slow)
    with cast.scope():
        job_id = outbox.ask(name)
    assert jobs.perform(job_id)
    assert len(runs) == 2
    with cast.scope():
        assert source_count("effect") == 1
    row = outbox.row(name)
    assert row.done_at
    assert (row.attempts, row.error) == (2, None)


def test_a_late_failure_of_a_worker_that_lost_its_lease_changes_nothing(outbox, define):
    runs, told = [], []

    def slow():
        runs.append(1)
        if len(runs) == 1:
            outbox.set(job_id, lease_until=PAST)
            outbox.elsewhere(lambda: jobs.perform(job_id))
            raise ValueError("too late to matter")

    name = define(slow, attempts=2, on_failure=told.append)
    job_id = outbox.ask(name)
    jobs.perform(job_id)
    row = outbox.row(name)
    assert row.done_at
    assert (row.failed_at, row.error) == (None, None)
    assert told == []


def test_a_late_failure_on_the_last_attempt_does_not_tell_of_giving_up(outbox, define):
    told = []

    def slow():
        outbox.set(job_id, lease_until=PAST)
        outbox.elsewhere(lambda: jobs._claim(job_id, "another"))
        raise ValueError("too late to matter")

    job_id = outbox.ask(define(slow, attempts=1, on_failure=told.append))
    jobs.perform(job_id)
    assert told == []


# A job that goes on


def test_a_job_asks_for_its_own_key_s_next(outbox, define):
    asked = []

    def work(count):
        asked.append(count)
        if count < 3:
            jobs.enqueue_next(name, count + 1, key=key)

    name, key = define(work), unique()
    job_id = outbox.ask(name, 1, key=key)
    while not all(row.done_at for row in outbox.rows(name)):
        assert jobs.perform(job_id)
        job_id = outbox.row(name).id
    assert asked == [1, 2, 3]


def test_a_worker_goes_on_with_what_a_job_asked_for_at_its_end(outbox, define, queue, monkeypatch):
    done = []
    second = define(lambda: done.append("second"))
    third = define(lambda: done.append("third"))

    def first():
        jobs.enqueue(second)
        jobs.enqueue(third)

    monkeypatch.setattr(jobs, "goes_on", lambda: True)
    job_id = outbox.ask(define(first))
    before = pushed(queue)
    jobs.perform(job_id)
    assert done == ["second"]
    assert outbox.row(second).done_at is not None
    assert set(pushed(queue)) - set(before) == {outbox.row(third).id}


def test_what_a_failed_job_wanted_next_is_not_asked_for(outbox, define):
    def work():
        jobs.enqueue_next(name, key="another")
        raise RuntimeError("no")

    name = define(work)
    jobs.perform(outbox.ask(name))
    assert len(outbox.rows(name)) == 1


def test_a_step_of_a_job_that_another_worker_has_is_not_kept(outbox, define, cast):
    source = unique()

    def work():
        add_source(source)
        db.session.flush()
        with db.engine.begin() as elsewhere:
            elsewhere.execute(text("UPDATE outbox SET attempts = 7 WHERE name = :n"), {"n": name})
        jobs.commit_step()

    name = define(work)
    with cast.scope(), unit_of_work():
        jobs.enqueue(name)
    jobs.perform(outbox.row(name).id)
    with cast.scope():
        assert source_count(source) == 0


# Asked for again


def test_asked_again_while_it_runs_it_runs_once_more(outbox, define):
    """What another transaction brings while the job runs is never overlooked."""
    ran = []

    def work():
        ran.append(1)
        if len(ran) == 1:
            outbox.elsewhere(lambda: outbox.ask(name, key=key, again=True))

    name, key = define(work), unique()
    jobs.perform(outbox.ask(name, key=key, again=True))
    first, second = outbox.rows(name)
    assert (first.done_at is not None, second.done_at) == (True, None)
    jobs.perform(second.id)
    assert len(ran) == 2
    assert len(outbox.rows(name)) == 2


def test_asked_again_before_it_runs_it_runs_once(outbox, define, queue):
    name, key = define(lambda: None), unique()
    for _ in range(3):
        job_id = outbox.ask(name, key=key, again=True)
    assert pushed(queue) == [job_id]
    jobs.perform(job_id)
    assert [row.done_at is not None for row in outbox.rows(name)] == [True]


def test_a_job_that_is_due_soon_is_pushed_in_time(outbox, define, queue, monkeypatch):
    waits = []
    monkeypatch.setattr(jobs, "later", lambda seconds, call: waits.append((seconds, call)))
    job_id = outbox.ask(define(lambda: None), at=now() + timedelta(seconds=3))
    assert pushed(queue) == []
    ((seconds, push),) = waits
    push()
    assert 2 < seconds <= 3
    assert pushed(queue) == [job_id]


def test_asked_again_it_comes_at_the_earlier_time(outbox, define, queue):
    name, key = define(lambda: None), unique()
    job_id = outbox.ask(name, at=now() + timedelta(hours=24), key=key)
    outbox.ask(name, at=now() + timedelta(hours=48), key=key, again=True)
    assert pushed(queue) == []
    outbox.ask(name, key=key, again=True)
    assert pushed(queue) == [job_id]
    assert jobs.perform(job_id)


def test_asked_again_a_failed_one_keeps_its_wait(outbox, define, queue):
    name, key = define(fail_with(ValueError("no"))), unique()
    job_id = outbox.ask(name, key=key)
    jobs.perform(job_id)
    outbox.ask(name, key=key, again=True)
    assert not jobs.perform(job_id)
    assert len(outbox.rows(name)) == 1
