"""A visitor writes to the shop; what a member's browser does in the inbox."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.channels.models import Channel
from app.conversations import services
from app.conversations.models import Conversation
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast, Person

HTMX = {"HX-Request": "true"}


class Talk:
    """One conversation, seen from outside any request."""

    def __init__(self, app: Flask, cast: Cast, text: str, key: str = "website") -> None:
        self.app, self.cast, self.uuid = app, cast, uuid4()
        self.kind = key
        self.id = self.visitor_says(text)

    def visitor_says(self, text: str, page: str | None = None) -> int:
        with self.work():
            channel = Channel.of_kind(self.kind)
            message, _ = services.receive(channel, self.uuid, text, str(uuid4()), page)
            return message.conversation_id

    def do(self, service: Callable[..., Any], by: Person | None = None, *rest: Any) -> None:
        with self.work():
            people = [db.session.get_one(User, by.id)] if by else []
            service(self.row(), *people, *rest)

    def assistant_says(self, text: str, **details: Any) -> None:
        with self.work():
            question = self.row().newest_messages()[-1]
            details = {"citations": [], "is_unsure": False} | details
            services.answer(question, text, details["citations"], is_unsure=details["is_unsure"])

    def row(self) -> Conversation:
        return db.session.get_one(Conversation, (self.cast.business_id, self.id))

    def look(self, read: Callable[[Conversation], Any]) -> Any:
        with self.work():
            return read(self.row())

    def lines(self) -> list[tuple[str, str]]:
        """(kind, body) of every message, in order."""
        return self.look(lambda row: [(m.kind, m.body) for m in row.messages_after()])

    @contextmanager
    def work(self) -> Iterator[None]:
        with self.app.app_context(), self.cast.scope(), unit_of_work():
            yield


class Inbox:
    """A member's inbox, over HTTP."""

    def __init__(self, client: FlaskClient, slug: str) -> None:
        self.client, self.base = client, f"/b/{slug}/inbox"

    def get(self, path: str = "/", **options: Any) -> Any:
        return self.client.get(self.base + path, **options)

    def post(self, path: str, htmx: bool = False, **data: Any) -> Any:
        return self.client.post(self.base + path, data=data, headers=HTMX if htmx else {})

    def write(
        self, talk: Talk, body: str, kind: str = "reply", key: str = "", **options: Any
    ) -> Any:
        key = key or str(uuid4())
        path = f"/{talk.id}/messages"
        return self.post(path, kind=kind, body=body, client_key=key, **options)


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Callable[..., Talk]:
    """`talk("Do you deliver?")`: a visitor has written this."""
    return lambda text="Do you deliver?", **options: Talk(app, cast, text, **options)


@pytest.fixture
def inbox(login: Callable[[Person], FlaskClient], cast: Cast) -> Callable[[Person], Inbox]:
    return lambda person: Inbox(login(person), cast.slug)


@pytest.fixture
def owner(inbox: Callable[[Person], Inbox], cast: Cast) -> Inbox:
    return inbox(cast.owner)
