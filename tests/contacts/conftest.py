"""Visitors of the shop, who say who they are."""

import re
from collections.abc import Callable
from typing import Any
from uuid import uuid4

import pytest
from flask import Flask
from flask.testing import FlaskClient

from app.accounts.models import User
from app.channels.models import Channel
from app.contacts import services
from app.contacts.models import Contact, ContactIdentity, Visitor
from app.conversations import services as conversations
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conftest import Cast, Person


class Guest:
    """A visitor with its conversation, seen from outside any request."""

    def __init__(self, app: Flask, cast: Cast) -> None:
        self.app, self.cast, self.uuid = app, cast, uuid4()
        with self.work():
            channel = Channel.of_kind("website")
            message, _ = conversations.receive(channel, self.uuid, "hello", str(uuid4()))
            self.conversation_id = message.conversation_id

    def says(self, **details: str) -> None:
        with self.work():
            services.find_or_update(self.row(), services.read(**details), self.conversation_id)

    def member_writes(self, name="", email="", phone="", note="") -> None:
        with self.work():
            typed = services.read(name, email, phone)
            services.change(self.row(), typed, note, self.conversation_id)

    def do(self, service: Callable[..., Any]) -> None:
        with self.work():
            service(self.row())

    def row(self) -> Visitor:
        return Visitor.by_uuid(self.uuid)

    def work(self):
        return _work(self.app, self.cast.scope())

    def looks(self) -> dict[str, Any]:
        """How sure, as whom it is shown, and what its contact holds: (value, whether it was only said)."""
        with self.work():
            visitor = self.row()
            found = {"link": visitor.contact_link, "title": visitor.display_name}
            contact = visitor.contact
            if contact:
                found |= {"contact": contact.id, "name": (contact.name, bool(contact.name_said_by))}
                found |= {
                    each.kind: (each.value, bool(each.said_by)) for each in contact.identities
                }
            return found


def _work(app, scope):
    from contextlib import contextmanager

    @contextmanager
    def opened():
        with app.app_context(), scope, unit_of_work():
            yield

    return opened()


@pytest.fixture
def guest(app: Flask, cast: Cast) -> Callable[[], Guest]:
    """`guest()` has just written its first message."""
    return lambda: Guest(app, cast)


@pytest.fixture
def count_contacts(app: Flask, cast: Cast) -> Callable[[], tuple[int, int]]:
    """How many contacts and identities the shop has."""

    def count() -> tuple[int, int]:
        with app.app_context(), cast.scope():
            return db.session.query(Contact).count(), db.session.query(ContactIdentity).count()

    return count


class Records:
    """A member's pages of contacts, over HTTP."""

    def __init__(self, client: FlaskClient, slug: str) -> None:
        self.client, self.base = client, f"/b/{slug}/contacts"

    def get(self, path: str = "/", **options: Any) -> Any:
        return self.client.get(self.base + path, **options)

    def post(self, path: str = "/", **data: Any) -> Any:
        return self.client.post(self.base + path, data=data)

    def add(self, name: str = "", email: str = "", phone: str = "", **more: str) -> int:
        """The new one's id."""
        done = self.post(name=name, email=email, phone=phone, **more)
        assert done.status_code == 303, done.text
        return int(done.location.rpartition("/")[2])

    def names(self, query: str = "") -> list[str]:
        """Of the list."""
        rows = self.get(f"/{query}").text
        return re.findall(r'class="contacts-name".*?<span dir="auto">(.*?)</span>', rows, re.S)


@pytest.fixture
def records(login: Callable[[Person], FlaskClient], cast: Cast) -> Callable[..., Records]:
    """`records()` are the owner's, `records(cast.viewer)` somebody else's."""
    return lambda person=None: Records(login(person or cast.owner), cast.slug)


@pytest.fixture
def owner(records: Callable[..., Records]) -> Records:
    return records()


@pytest.fixture
def member(cast: Cast) -> Callable[[], User]:
    """Inside a scope: the owner."""
    return lambda: db.session.get_one(User, cast.owner.id)
