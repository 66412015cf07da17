"""Jobs that no business has, for tests of the worker."""

import time

from app.core.jobs import job
from app.extensions import redis

TOGETHER = 20  # of the 64 slots


@job("test-hang", seconds=1, attempts=3)
def hang() -> None:
    time.sleep(600)


@job("test-together", seconds=30, attempts=1)
def together(key: str) -> None:
    """Ends only when all the others have begun."""
    redis.client.incr(key)
    while int(redis.client.get(key) or 0) < TOGETHER:
        time.sleep(0.01)


@job("test-bulk", queue="bulk", seconds=30, attempts=1)
def bulk(key: str) -> None:
    """Holds its slot until the test lets go."""
    redis.client.incr(key)
    while not redis.client.exists(f"{key}-go"):
        time.sleep(0.01)
