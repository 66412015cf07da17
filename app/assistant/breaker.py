"""The circuit breaker: a provider that keeps failing isn't asked for a while, and nobody waits for it.

One per provider, address and key, in Redis, so that all workers share it. When Redis is away it is
closed: everybody asks, as without a breaker.
"""

import json
import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from redis import Redis, RedisError

logger = logging.getLogger(__name__)

FAILURES = 5  # in a row …
WITHIN_SECONDS = 60  # … within these open it
OPEN_SECONDS = 30  # then one call is let through as a probe
REFUSED_SECONDS = 300  # for a key or an account that is refused: no waiting helps
PROBE_SECONDS = 30  # how long others wait for a probe whose worker may have been killed
FORGOTTEN_SECONDS = 900  # an open one that nobody probes is closed by then


class Breaker:
    def __init__(self, name: str, redis: Redis, clock: Callable[[], float] = time.time) -> None:
        self._redis, self._clock = redis, clock
        self._failures = f"frontdesk:breaker:{name}:failures"
        self._open = f"frontdesk:breaker:{name}:open"
        self._probe = f"frontdesk:breaker:{name}:probe"

    def refusal(self) -> tuple[str, str] | None:
        """Why no call may be made now, as a kind of trouble and in words; None when one may. Half-open, it
        lets a single call through."""
        with _redis_may_be_away():
            kept = self._redis.get(self._open)
            if kept:
                until, kind, words = json.loads(kept)
                if self._clock() < until or not self._take_probe():
                    return kind, words
        return None

    def succeeded(self) -> None:
        with _redis_may_be_away():
            self._redis.delete(self._failures, self._open, self._probe)

    def failed(self, kind: str, words: str) -> None:
        """The fifth failure in a row opens it, and a failed probe opens it again."""
        with _redis_may_be_away():
            if self._redis.exists(self._open) or self._is_fifth():
                self._keep_open(kind, words, OPEN_SECONDS)

    def refused(self, kind: str, words: str) -> None:
        """The provider refuses this key or account: open at once."""
        with _redis_may_be_away():
            self._keep_open(kind, words, REFUSED_SECONDS)

    def _take_probe(self) -> bool:
        return bool(self._redis.set(self._probe, "1", nx=True, ex=PROBE_SECONDS))

    def _is_fifth(self) -> bool:
        now = self._clock()
        with self._redis.pipeline() as steps:
            steps.lpush(self._failures, now)
            steps.ltrim(self._failures, 0, FAILURES - 1)
            steps.expire(self._failures, WITHIN_SECONDS)
            steps.lrange(self._failures, 0, -1)
            times = [float(each) for each in steps.execute()[-1]]
        return len(times) == FAILURES and now - times[-1] <= WITHIN_SECONDS

    def _keep_open(self, kind: str, words: str, seconds: int) -> None:
        with self._redis.pipeline() as steps:
            kept = json.dumps([self._clock() + seconds, kind, words])
            steps.set(self._open, kept, ex=FORGOTTEN_SECONDS)
            steps.delete(self._failures, self._probe)
            steps.execute()


@contextmanager
def _redis_may_be_away() -> Iterator[None]:
    try:
        yield
    except RedisError as error:
        logger.warning("the circuit breaker can't reach Redis: %s", error)
