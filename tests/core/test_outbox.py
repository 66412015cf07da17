"""The outbox after the first try: trying again by hand, sweeping, leases, forgetting."""

import pytest

from app.core import given_up, jobs, sweeper
from app.core.db import now
from app.core.tenancy import business_scope, current_business_id
from app.core.unit_of_work import unit_of_work
from app.extensions import redis
from tests.core.conftest import PAST, fail_with, pushed, unique

# Trying again by hand


def failed(outbox, define, cast, runs):
    def fails_once():
        runs.append(1)
        if len(runs) == 1:
            raise ValueError("no")

    with cast.scope():
        job_id = outbox.ask(define(fails_once, attempts=1))
    jobs.perform(job_id)
    return job_id


def test_a_failed_job_can_be_tried_again(outbox, define, cast, queue):
    runs = []
    job_id = failed(outbox, define, cast, runs)
    queue.empty()
    with cast.scope(), unit_of_work():
        assert [job.id for job in given_up.failed_jobs()] == [job_id]
        assert given_up.retry(job_id)
    assert pushed(queue) == [job_id]
    assert jobs.perform(job_id)
    assert runs == [1, 1]
    with cast.scope():
        assert given_up.failed_jobs() == []


def test_a_neighbour_neither_sees_nor_retries_it(outbox, define, cast):
    job_id = failed(outbox, define, cast, [])
    with cast.neighbour_scope(), unit_of_work():
        assert given_up.failed_jobs() == []
        assert not given_up.retry(job_id)
    with cast.scope():
        assert len(given_up.failed_jobs()) == 1


def test_only_a_failed_job_is_tried_again(outbox, define, cast):
    with cast.scope():
        job_id = outbox.ask(define(lambda: None))
        jobs.perform(job_id)
        with unit_of_work():
            assert not given_up.retry(job_id)


def test_a_retry_does_not_collide_with_a_newer_job_of_its_key(outbox, define, cast):
    key, runs = unique("key"), []
    name = define(fail_with(ValueError("no")), attempts=1)
    with cast.scope():
        old = outbox.ask(name, key=key)
        jobs.perform(old)
        outbox.ask(name, key=key)
        with unit_of_work():
            assert given_up.retry(old)
    assert [job.failed_at for job in outbox.rows(name)] == [None, None]
    assert runs == []


# Sweeping


def test_what_redis_has_forgotten_is_pushed_again(outbox, queue):
    job_id = outbox.ask(unique())
    redis.client.flushdb()
    assert pushed(queue) == []
    outbox.set(job_id, pushed_at="now() - interval '3 seconds'")
    sweeper.sweep()
    assert pushed(queue).count(job_id) == 1


def test_what_was_pushed_a_moment_ago_is_left_to_its_worker(outbox, queue):
    job_id = outbox.ask(unique())
    redis.client.flushdb()
    sweeper.sweep()
    assert job_id not in pushed(queue)


def test_what_waits_in_a_full_queue_is_not_pushed_each_second(outbox, queue):
    job_id = outbox.ask(unique())
    outbox.set(job_id, pushed_at="now() - interval '3 seconds'")
    sweeper.sweep()
    assert pushed(queue).count(job_id) == 1


def test_what_is_leased_done_or_given_up_is_not_pushed(outbox, queue):
    leased, done, given_up = (outbox.ask(unique()) for _ in range(3))
    outbox.set(leased, lease_until="now() + interval '1 hour'", pushed_at=PAST)
    outbox.set(done, done_at="now()", pushed_at=PAST)
    outbox.set(given_up, failed_at="now()", pushed_at=PAST)
    redis.client.flushdb()
    sweeper.sweep()
    assert not {leased, done, given_up} & set(pushed(queue))


def test_a_dead_worker_s_job_is_pushed_when_its_lease_is_over(outbox, queue):
    job_id = outbox.ask(unique())
    jobs._claim(job_id, "killed")
    outbox.set(job_id, lease_until=PAST, pushed_at=PAST)
    redis.client.flushdb()
    sweeper.sweep()
    assert pushed(queue).count(job_id) == 1


# Leases


def test_a_heartbeat_keeps_a_worker_s_own_leases(outbox, monkeypatch):
    mine, theirs = outbox.ask(mine_name := unique()), outbox.ask(theirs_name := unique())
    me = unique("worker")
    jobs._claim(mine, me)
    jobs._claim(theirs, unique("worker"))
    for job_id in (mine, theirs):
        outbox.set(job_id, lease_until=PAST)
    monkeypatch.setattr(jobs, "running", {mine: 1, theirs: 1})
    sweeper.renew_leases(me)
    assert outbox.row(mine_name).lease_until > now()
    assert outbox.row(theirs_name).lease_until < now()


def test_a_job_whose_failure_could_not_be_written_is_free_again(outbox, define, monkeypatch):
    """The database went away in the middle of it; the worker lives on."""
    name = define(fail_with(ValueError("no")))
    job_id = outbox.ask(name)
    with monkeypatch.context() as away:
        away.setattr(jobs, "_fail", fail_with(ConnectionError("away")))
        with pytest.raises(ConnectionError):
            jobs.perform(job_id)
    outbox.set(job_id, lease_until=PAST)
    sweeper.renew_leases(jobs.this_worker)
    assert outbox.row(name).lease_until < now()


def test_a_heartbeat_gives_no_lease_to_what_is_finished(outbox, define):
    name = define(fail_with(ValueError("no")))
    jobs.perform(outbox.ask(name))
    sweeper.renew_leases(jobs.this_worker)
    assert outbox.row(name).lease_until is None


def test_a_dead_worker_s_job_is_pushed_once_when_its_lease_ends(outbox, queue):
    """However full the queue is."""
    job_id = outbox.ask(name := unique())
    other = outbox.ask(unique())
    jobs._claim(job_id, unique("worker"))
    queue.empty()
    jobs.push(other, "interactive")
    sweeper.sweep()
    assert job_id not in pushed(queue)
    outbox.set(job_id, lease_until=PAST)
    sweeper.sweep()
    sweeper.sweep()
    assert pushed(queue).count(job_id) == 1
    assert outbox.row(name).attempts == 1


def test_a_worker_that_stops_frees_its_jobs_at_once_and_counts_no_attempt(outbox, define, queue):
    runs = []
    name = define(lambda: runs.append(1))
    job_id, me = outbox.ask(name), unique("worker")
    jobs._claim(job_id, me)
    redis.client.flushdb()
    sweeper.release_leases(me)
    row = outbox.row(name)
    assert (row.attempts, row.lease_until) == (0, None)
    sweeper.sweep()
    assert pushed(queue).count(job_id) == 1
    assert jobs.perform(job_id)
    assert runs == [1]


def test_a_worker_that_stops_frees_nobody_else_s_jobs(outbox):
    job_id = outbox.ask(name := unique())
    jobs._claim(job_id, unique("worker"))
    sweeper.release_leases(unique("worker"))
    assert outbox.row(name).lease_until


def test_done_jobs_are_forgotten_after_a_week_and_failed_ones_never(outbox):
    old, fresh, given_up = unique("old"), unique("fresh"), unique("failed")
    outbox.set(outbox.ask(old), done_at="now() - interval '8 days'")
    outbox.set(outbox.ask(fresh), done_at="now() - interval '6 days'")
    outbox.set(outbox.ask(given_up), failed_at="now() - interval '80 days'")
    sweeper.forget_done()
    assert [len(outbox.rows(name)) for name in (old, fresh, given_up)] == [0, 1, 1]


def test_no_scope_stays_open_behind_a_job(outbox, define, cast):
    with business_scope(cast.business_id):
        job_id = outbox.ask(define(lambda: None))
    jobs.perform(job_id)
    with pytest.raises(RuntimeError):
        current_business_id()
