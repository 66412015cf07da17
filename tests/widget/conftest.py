"""A visitor, as the frame speaks for one."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.accounts.models import User
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core import mail
from app.core.unit_of_work import unit_of_work
from app.extensions import db
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


@pytest.fixture
def talk(app, cast, visitor):
    """A visitor who has written; `talk.reply(text)` is a member's answer."""

    class Talk:
        def reply(self, text):
            with app.app_context(), cast.scope(), unit_of_work():
                by = db.session.get_one(User, cast.agent.id)
                return conversations.reply(self.row(), by, text, f"r-{text}").position

        def row(self):
            return db.session.scalars(select(Conversation)).one()

        def read(self, *names):
            with app.app_context(), cast.scope():
                row = self.row()
                return tuple(getattr(row, name) for name in names)

        def ask(self, **settings):
            with app.app_context(), cast.scope(), unit_of_work():
                WebsiteSettings(**settings).keep_in(Channel.of_kind("website"))

    visitor.say("Hello, is it Anna there?")
    return Talk()


@pytest.fixture
def later(app, clock, monkeypatch):
    """`later(minutes)` is the time having gone by; answers what was mailed since."""
    sent = []
    monkeypatch.setitem(app.config, "SMTP_URL", "smtp://127.0.0.1:9")
    monkeypatch.setattr(mail, "_hand_over", sent.append)

    def go(minutes):
        before = len(sent)
        clock.travel.shift(timedelta(minutes=minutes))
        clock.run_jobs()
        return sent[before:]

    go.sent = sent
    return go


def body(letter):
    return letter.get_body(("plain",)).get_content()
