"""Token buckets that all workers share."""

from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from itertools import count, pairwise
from unittest.mock import patch

import pytest
from redis import ConnectionError as RedisConnectionError

from app.channels import deliveries, pacing, sending
from app.channels.pacing import Pace
from app.extensions import redis
from tests.channels.outbound.conftest import Scripted

_ids = count(10**12)
PAIR = Pace(3, 6, 0)
CHANNEL = Pace(0, 0, 10)


def take(pace, channel=1, visitor=1, place=""):
    return pacing.take(channel, visitor, place or f"t{next(_ids)}", pace)


@pytest.fixture
def channel(context):
    return next(_ids)


def test_a_burst_to_one_person_then_one_every_six_seconds(channel):
    assert [take(PAIR, channel).seconds for _ in range(3)] == [0, 0, 0]
    wait = take(PAIR, channel)
    assert wait.whose == "pair"
    assert 5 < wait.seconds <= 6
    assert take(PAIR, channel, visitor=2).seconds == 0


def test_a_clock_that_was_put_back_delays_nothing_for_longer(channel):
    """What stands in Redis is from a time that hasn't come yet."""
    for key in (f"{channel}:1", f"{channel}", f"{channel}:at:mine"):
        redis.client.set(f"frontdesk:pace:{key}", "99999999999.0", ex=60)
    assert take(CHANNEL, channel, place="mine").seconds == 0
    assert take(PAIR, channel).seconds <= 6
    assert take(CHANNEL, channel).seconds <= pacing.HORIZON_SECONDS


def test_two_workers_share_it(app, channel):
    def worker(_number):
        with app.app_context():
            return take(PAIR, channel).whose

    with ThreadPoolExecutor(8) as pool:
        taken = list(pool.map(worker, range(20)))
    assert taken.count("") == 3


def test_a_crowd_gets_a_moment_each_in_a_row(channel):
    waits = [take(CHANNEL, channel, visitor=each).seconds for each in range(12)]
    assert waits[:2] == [0, 0]
    gaps = [later - earlier for earlier, later in pairwise(waits[2:])]
    assert all(0.05 < gap < 0.11 for gap in gaps)


def test_who_has_a_moment_asks_for_no_other_and_goes_when_it_has_come(channel):
    for visitor in range(30):
        take(CHANNEL, channel, visitor=visitor)
    first = take(CHANNEL, channel, place="mine")
    second = take(CHANNEL, channel, place="mine")
    assert first.whose == second.whose == "channel"
    assert second.seconds <= first.seconds
    moment = f"frontdesk:pace:{channel}:at:mine"
    redis.client.set(moment, float(redis.client.get(moment)) - 4)
    assert take(CHANNEL, channel, place="mine").seconds == 0
    assert redis.client.get(moment) is None


def test_a_moment_that_was_missed_is_given_up(channel):
    moment = f"frontdesk:pace:{channel}:at:mine"
    for visitor in range(30):
        take(CHANNEL, channel, visitor=visitor)
    take(CHANNEL, channel, place="mine")
    redis.client.set(moment, float(redis.client.get(moment)) - 60)
    assert take(CHANNEL, channel, place="mine").seconds > 1


def test_no_limits_no_waiting(channel):
    assert [take(Pace(0, 0, 0), channel).seconds for _ in range(100)] == [0] * 100


def test_redis_away_it_goes_out(channel):
    with patch.object(type(redis.client), "eval", side_effect=RedisConnectionError):
        assert take(Pace(1, 60, 0.01), channel).seconds == 0


# With deliveries


@pytest.fixture
def slow(monkeypatch):
    """A channel that takes two at once, then one every six seconds for one person."""
    limits = replace(Scripted.limits, pair_burst=2, pair_seconds=6)
    monkeypatch.setattr(Scripted, "limits", limits)


def test_who_is_written_to_too_fast_waits_and_the_page_says_why(line, slow):
    line.queue("one", "two", "three", "four")
    line.run()
    assert line.provider.texts == ["one", "two"]
    row = line.row(2)
    shown = deliveries.shown_of(row)
    assert (row.status, shown.label, shown.tone) == ("queued", "Waiting", "amber")
    assert shown.words == "Testchat takes one message every 6 seconds for one person."
    assert line.next_run() == row.available_at
    line.pass_time(seconds=6)
    line.run()
    assert line.provider.texts == ["one", "two", "three", "four"]
    assert line.row(2).error is None


def test_an_own_number_s_throughput_counts(line, monkeypatch):
    with line.inside():
        line.channel().settings = {"throughput": 1}
    line.queue("one", "two")
    line.run()
    assert line.provider.texts == ["one"]
    assert "so many messages a second (1)" in line.row().error


def test_a_moment_is_waited_for_where_it_stands(line, monkeypatch):
    slept = []
    monkeypatch.setattr(sending.time, "sleep", slept.append)
    with line.inside():
        line.channel().settings = {"throughput": 2}
    line.queue("one", "two")
    line.run()
    assert line.provider.texts == ["one", "two"]
    assert len(slept) == 1
    assert 0 < slept[0] <= 0.5
