"""The circuit breaker, with the real Redis and a clock that the test turns."""

import secrets
from concurrent.futures import ThreadPoolExecutor

import pytest
from flask import Flask
from redis import Redis

from app.assistant.breaker import Breaker
from app.core.redis import connect
from app.extensions import redis

OVERLOADED = ("overloaded", "Claude was overloaded")


class Clock:
    now = 1_000_000.0

    def __call__(self) -> float:
        return self.now


@pytest.fixture
def clock() -> Clock:
    return Clock()


@pytest.fixture
def client(app: Flask) -> Redis:
    with app.app_context():
        return redis.client


@pytest.fixture
def breaker(client: Redis, clock: Clock) -> Breaker:
    return Breaker(secrets.token_hex(8), client, clock)


def fail(breaker: Breaker, times: int) -> None:
    for _ in range(times):
        breaker.failed(*OVERLOADED)


def test_it_opens_after_five_failures_in_a_row(breaker: Breaker) -> None:
    fail(breaker, 4)
    assert breaker.refusal() is None
    fail(breaker, 1)
    assert breaker.refusal() == OVERLOADED


def test_a_success_in_between_counts_from_zero(breaker: Breaker) -> None:
    fail(breaker, 4)
    breaker.succeeded()
    fail(breaker, 4)
    assert breaker.refusal() is None


def test_failures_far_apart_don_t_open_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 4)
    clock.now += 61
    fail(breaker, 4)
    assert breaker.refusal() is None
    fail(breaker, 1)
    assert breaker.refusal() == OVERLOADED


def test_after_half_a_minute_one_call_goes_through(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 29
    assert breaker.refusal() == OVERLOADED
    clock.now += 1
    with ThreadPoolExecutor(8) as threads:
        asked = list(threads.map(lambda _: breaker.refusal(), range(8)))
    assert asked.count(None) == 1


def test_a_probe_that_succeeds_closes_it(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 30
    assert breaker.refusal() is None
    breaker.succeeded()
    assert [breaker.refusal(), breaker.refusal()] == [None, None]


def test_a_probe_that_fails_opens_it_again(breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    clock.now += 30
    assert breaker.refusal() is None
    fail(breaker, 1)
    clock.now += 29
    assert breaker.refusal() == OVERLOADED
    clock.now += 1
    assert breaker.refusal() is None


def test_a_refused_key_opens_it_at_once_for_five_minutes(breaker: Breaker, clock: Clock) -> None:
    breaker.refused("key", "Refused")
    clock.now += 299
    assert breaker.refusal() == ("key", "Refused")
    clock.now += 1
    assert breaker.refusal() is None


def test_another_account_has_its_own(client: Redis, breaker: Breaker, clock: Clock) -> None:
    fail(breaker, 5)
    assert breaker.refusal()
    assert Breaker(secrets.token_hex(8), client, clock).refusal() is None


def test_without_redis_it_is_closed(clock: Clock) -> None:
    breaker = Breaker("away", connect("redis://127.0.0.1:1/0"), clock)
    fail(breaker, 5)
    breaker.refused("key", "Refused")
    breaker.succeeded()
    assert breaker.refusal() is None
