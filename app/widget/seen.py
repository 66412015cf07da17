"""On which sites the chat's line was last met. Of the sites alone, nothing of who looks at them."""

import time
from datetime import UTC, datetime
from typing import Any
from urllib.parse import urlsplit

from flask import current_app
from redis.exceptions import RedisError

from app.channels.models import Channel
from app.extensions import redis
from app.widget import sites

MOST = 20
KEPT_SECONDS = 90 * 24 * 3600
NOTED_AGAIN = 60  # seconds: a busy site costs one write a minute and process

_noted: dict[tuple[str, str], float] = {}


def note(channel: Channel, referrer: str) -> None:
    origin = _origin(referrer)
    if (
        not origin
        or origin == _origin(current_app.config["PUBLIC_URL"])
        or _is_fresh(channel, origin)
    ):
        return
    name = _name(channel)
    try:
        with redis.client.pipeline(transaction=False) as pipe:
            pipe.zadd(name, {origin: time.time()})
            pipe.zremrangebyrank(name, 0, -MOST - 1)
            pipe.expire(name, KEPT_SECONDS)
            pipe.execute()
    except RedisError:
        return  # the next page tells it again


def sites_of(channel: Channel) -> list[tuple[str, datetime]]:
    """Newest first. A page's word for itself: anybody could have said it."""
    try:
        found: Any = redis.client.zrevrange(_name(channel), 0, -1, withscores=True)
    except RedisError:
        return []
    return [(name.decode(), datetime.fromtimestamp(at, UTC)) for name, at in found]


def _is_fresh(channel: Channel, origin: str) -> bool:
    key, at = (channel.public_key, origin), time.monotonic()
    if at - _noted.get(key, -NOTED_AGAIN) < NOTED_AGAIN:
        return True
    if len(_noted) > 10_000:
        _noted.clear()
    _noted[key] = at
    return False


def _origin(url: str) -> str:
    try:
        parts = urlsplit(url)
    except ValueError:
        return ""
    return sites.plain_origin(f"{parts.scheme}://{parts.netloc}".lower())


def _name(channel: Channel) -> str:
    return f"frontdesk:website-seen:{channel.public_key}"
