"""The one Redis client of a process. Redis holds nothing that can't be lost: the rows are the truth."""

from typing import Any, cast

from flask import Flask, current_app
from redis import Redis
from redis.backoff import NoBackoff
from redis.retry import Retry

# The library's default tries for four seconds: too long for a visitor's request when Redis is away.
QUICK: dict[str, Any] = {"retry": Retry(NoBackoff(), 1), "socket_connect_timeout": 2}


class RedisExtension:
    def init_app(self, app: Flask) -> None:
        app.extensions["redis"] = connect(app.config["REDIS_URL"])

    @property
    def client(self) -> Redis:
        return cast(Redis, current_app.extensions["redis"])


def connect(url: str) -> Redis:
    return Redis.from_url(url, health_check_interval=30, **QUICK)
