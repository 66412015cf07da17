"""The one Redis client of a process. Redis holds nothing that can't be lost: the rows are the truth."""

from typing import cast

from flask import Flask, current_app
from redis import Redis


class RedisExtension:
    def init_app(self, app: Flask) -> None:
        app.extensions["redis"] = Redis.from_url(
            app.config["REDIS_URL"],
            socket_connect_timeout=2,  # a dead Redis must not hold a visitor's request
            health_check_interval=30,
        )

    @property
    def client(self) -> Redis:
        return cast(Redis, current_app.extensions["redis"])
