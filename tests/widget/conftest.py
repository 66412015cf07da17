"""A visitor, as the frame speaks for one."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from tests.conftest import Cast
from tests.frontdesk.conftest import clock

__all__ = ["clock"]


class Visitor:
    """Knows nothing but the website's public key and its own token."""

    def __init__(self, client: FlaskClient, key: str) -> None:
        self.client = client
        self.base = f"/w/{key}"
        self.token = self.post("/session").json["token"]

    @property
    def headers(self) -> dict[str, str]:
        token = getattr(self, "token", None)
        return {"Authorization": f"Bearer {token}"} if token else {}

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.base + path, headers=self.headers)

    def post(self, path: str, **body: Any) -> TestResponse:
        return self.client.post(self.base + path, headers=self.headers, json=body)

    def say(self, text: str, client_key: str = "k1", **rest: Any) -> TestResponse:
        return self.post("/messages", text=text, client_key=client_key, **rest)

    def sees(self, after: int = 0) -> str:
        return self.get(f"/messages?after={after}").text


@pytest.fixture
def visit(app: Flask) -> Callable[[str], Visitor]:
    """`visit(cast.website_key)` opens the chat there, in a browser of its own."""
    return lambda key: Visitor(app.test_client(), key)


@pytest.fixture
def visitor(visit: Callable[[str], Visitor], cast: Cast) -> Visitor:
    return visit(cast.website_key)
