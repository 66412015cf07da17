"""How fast a channel may send: token buckets in Redis that all workers share.

Two stand before each message: what one person may be sent (`Limits.pair_burst` at once, then one every
`pair_seconds`), and what the channel may send in a second. Each bucket is one number, the time at which it
would be full again (GCRA). Whoever comes too early for the channel is given a moment of its own, kept under its
name, so that a crowd that waits goes out in a row and nobody asks twice. When Redis is away the message goes
out: the provider refuses what is too much.
"""

import logging
from dataclasses import dataclass
from typing import Any

from redis import RedisError

from app.extensions import redis

logger = logging.getLogger(__name__)

HORIZON_SECONDS = 600  # who would wait longer asks again then
LATE_SECONDS = 5  # a moment that was missed by more is given up
BURST_SECONDS = 0.25  # of the channel's rate, at once

TAKE = """
local time = redis.call('TIME')
local now = time[1] + time[2] / 1000000
local pair_burst, pair_seconds, rate = tonumber(ARGV[1]), tonumber(ARGV[2]), tonumber(ARGV[3])
local horizon, late, burst_seconds = tonumber(ARGV[4]), tonumber(ARGV[5]), tonumber(ARGV[6])

local moment = tonumber(redis.call('GET', KEYS[3]) or '')
if moment then
    if moment > now + 0.05 then return {'channel', string.format('%.6f', moment - now)} end
    redis.call('DEL', KEYS[3])
    if now - moment <= late then return {'', '0'} end
end

local function full_at(key) return math.max(tonumber(redis.call('GET', key) or '0'), now) end
local function keep(key, at)
    redis.call('SET', key, string.format('%.6f', at), 'PX', math.ceil((at - now) * 1000) + 1000)
end

if pair_seconds > 0 and not moment then
    local full = full_at(KEYS[1])
    local wait = full - (pair_burst - 1) * pair_seconds - now
    if wait > 0 then return {'pair', string.format('%.6f', wait)} end
    keep(KEYS[1], full + pair_seconds)
end
if rate > 0 then
    local full = full_at(KEYS[2])
    local wait = full - math.max(rate * burst_seconds - 1, 0) / rate - now
    if wait > horizon then return {'channel', string.format('%.6f', horizon)} end
    keep(KEYS[2], full + 1 / rate)
    if wait > 0 then
        keep(KEYS[3], now + wait)
        redis.call('PEXPIRE', KEYS[3], math.ceil((wait + 60) * 1000))
        return {'channel', string.format('%.6f', wait)}
    end
end
return {'', '0'}
"""


@dataclass(frozen=True, slots=True)
class Pace:
    """What a channel allows."""

    pair_burst: int
    pair_seconds: float
    per_second: float


@dataclass(frozen=True, slots=True)
class Wait:
    """`whose` limit it is: pair, channel; "" with no seconds: go."""

    whose: str
    seconds: float


NONE = Wait("", 0)


def take(channel_id: int, visitor_id: int, place: str, pace: Pace) -> Wait:
    """Room for one message; or for how long it has to wait. `place` names it: who was given a moment of the
    channel has that, and goes when it has come."""
    keys = (f"{channel_id}:{visitor_id}", str(channel_id), f"{channel_id}:at:{place}")
    limits = (pace.pair_burst, pace.pair_seconds, pace.per_second)
    try:
        said: Any = redis.client.eval(
            TAKE, len(keys), *(f"frontdesk:pace:{key}" for key in keys),
            *map(str, (*limits, HORIZON_SECONDS, LATE_SECONDS, BURST_SECONDS)),
        )  # fmt: skip
    except RedisError as error:
        logger.warning("pacing is away: %s", error)
        return NONE
    return Wait(said[0].decode(), float(said[1]))
