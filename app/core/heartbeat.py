"""Worker and clock say that they live, in Redis with an expiry."""

import time

from app.extensions import redis

BEAT_SECONDS = 5
SILENT_SECONDS = 30  # then it counts as gone


def beat(role: str) -> None:
    redis.client.set(f"frontdesk:alive:{role}", int(time.time()), ex=SILENT_SECONDS)


def problem(role: str) -> str | None:
    alive = redis.client.exists(f"frontdesk:alive:{role}")
    return None if alive else f"no {role} seen in the last {SILENT_SECONDS} seconds"
