"""Files in the chat: what a visitor sends, and who may see what both sides sent."""

import io
import json
import re
from collections.abc import Callable
from typing import IO

import pytest
from flask.testing import FlaskClient
from sqlalchemy import select
from werkzeug.test import TestResponse

from app.channels.adapters import MOST_OWN_BYTES
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.conversations.models import Conversation, Message, MessageFile
from app.core.storage import File
from app.extensions import db
from app.widget import file_links, receiving
from tests.conftest import Cast, Person
from tests.widget.conftest import Visitor

PNG = b"\x89PNG\r\n\x1a\n" + b"\0" * 40
PDF = b"%PDF-1.7\n" + b"x" * 40


def send(
    visitor: Visitor, name: str, data: bytes, client_key: str = "f1", **about: object
) -> TestResponse:
    told = json.dumps({"client_key": client_key} | about)
    return visitor.client.post(
        f"{visitor.base}/files",
        headers=visitor.headers,
        data={"about": told, "file": (io.BytesIO(data), name)},
    )


class Inbox:
    """A member's browser."""

    def __init__(self, client: FlaskClient, base: str) -> None:
        self.client, self.base = client, base

    def get(self, path: str) -> TestResponse:
        return self.client.get(self.base + path)

    def send(self, conversation_id: int, body: str, file: IO[bytes], name: str) -> None:
        data = {"kind": "reply", "body": body, "client_key": "m1", "file": (file, name)}
        answer = self.client.post(f"{self.base}/{conversation_id}/messages", data=data)
        assert answer.status_code == 303, answer.text


@pytest.fixture
def owner(login: Callable[[Person], FlaskClient], cast: Cast) -> Inbox:
    return Inbox(login(cast.owner), f"/b/{cast.slug}/inbox")


def addresses(html: str) -> list[str]:
    return re.findall(r'(?:href|src)="([^"]+/files/[^"]+)"', html)


@pytest.mark.parametrize(
    ("name", "data", "kind", "shows"),
    [
        ("plant.png", PNG, "image", '<img src="'),
        ("plant.txt", PNG, "image", '<img src="'),  # its bytes say what it is
        ("price list.pdf", PDF, "document", "<b dir"),
        ("notes.txt", b"Two ferns", "document", "<b dir"),
        ("voice.ogg", b"OggS" + b"\0" * 40, "audio", "<audio"),
    ],
)
def test_a_file_is_a_message_that_both_sides_see(  # noqa: PLR0917
    visitor, owner, inside, name, data, kind, shows
):
    answer = send(visitor, name, data)
    assert answer.status_code == 201
    assert shows in answer.text
    [address] = set(addresses(answer.text))
    shown = visitor.client.get(address)  # a picture's request carries no token
    assert (shown.status_code, shown.data) == (200, data)
    assert shown.headers["Content-Security-Policy"].startswith("default-src 'none'")
    with inside():
        row = db.session.query(MessageFile).one()
        assert (row.kind, row.name, row.state) == (kind, name, "stored")
        conversation_id = db.session.query(Conversation).one().id
        member_url = f"/files/{row.id}"
    assert member_url in owner.get(f"/{conversation_id}").text
    assert answer.text == visitor.sees()


def test_sent_again_it_is_stored_once(visitor, inside):
    assert [send(visitor, "a.png", PNG).status_code for _ in range(2)] == [201, 200]
    with inside():
        assert db.session.query(File).count() == db.session.query(Message).count() == 1


def test_files_and_words_stand_in_the_order_in_which_they_came(visitor):
    visitor.say("Look at this", client_key="k1")
    send(visitor, "a.png", PNG, after=1)
    html = visitor.say("What is it?", client_key="k2", after=0).text
    assert html.index("Look at this") < html.index("a.png") < html.index("What is it?")


def test_a_file_without_words_goes_to_a_person(visitor, run_jobs):
    send(visitor, "a.png", PNG)
    run_jobs()
    assert 'data-state="waiting"' in visitor.sees()


@pytest.mark.parametrize(
    ("name", "data", "says"),
    [
        ("virus.exe", b"MZ\x90\0", "can’t be sent here"),
        ("page.svg", b"<svg onload=alert(1)>", "can’t be sent here"),
        ("photo.png", b"\0\1\2\3", "can’t be sent here"),
        ("a.png", b"", "is empty"),
        ("big.png", PNG + b"\0" * MOST_OWN_BYTES, "larger than 10 MB"),
    ],
)
def test_what_nobody_should_be_sent_is_refused_and_nothing_kept(visitor, inside, name, data, says):
    answer = send(visitor, name, data)
    assert answer.status_code == 422
    assert says in answer.json["error"]["message"]
    with inside():
        assert db.session.query(File).count() == db.session.query(Conversation).count() == 0


def test_requests_that_no_frame_sends_are_refused(visitor, visit, cast, monkeypatch):
    base = visitor.base
    stranger = visitor.client.post(f"{base}/files", data={"file": (io.BytesIO(PNG), "a.png")})
    assert stranger.status_code == 401
    assert visitor.post("/files", client_key="k").status_code == 422
    without_key = visitor.client.post(
        f"{base}/files", headers=visitor.headers, data={"file": (io.BytesIO(PNG), "a.png")}
    )
    assert without_key.status_code == 422
    assert send(visitor, "a.png", PNG * 400_000).status_code == 413
    monkeypatch.setattr(receiving, "_room", receiving.threading.BoundedSemaphore(1))
    receiving._room.acquire()
    busy = send(visitor, "a.png", PNG)
    assert (busy.status_code, "Retry-After" in busy.headers) == (503, True)


def test_the_owner_may_want_no_files(visitor, inside):
    with inside():
        channel = db.session.scalars(select(Channel).where(Channel.kind == "website")).one()
        WebsiteSettings(files=False).keep_in(channel)
    answer = send(visitor, "a.png", PNG)
    assert (answer.status_code, answer.json["error"]["code"]) == (422, "files_off")


def test_an_address_is_one_visitors_and_for_some_days(
    visitor: Visitor,
    visit: Callable[[str], Visitor],
    cast: Cast,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    [address] = set(addresses(send(visitor, "a.png", PNG).text))
    get = visitor.client.get
    assert get(address[:-3] + "abc").status_code == 404
    elsewhere = address.replace(cast.website_key, cast.neighbour_key)
    assert get(elsewhere).status_code == 404
    today = file_links._today()
    monkeypatch.setattr(file_links, "_today", lambda: today + file_links.DAYS + 1)
    assert get(address).status_code == 404


def test_a_members_file_is_shown_in_the_chat(visitor, owner, inside):
    visitor.say("Have you got a map?")
    with inside():
        conversation_id = db.session.query(Conversation).one().id
    owner.send(conversation_id, "Here you are", io.BytesIO(PNG), "map.png")
    html = visitor.sees(after=1)
    assert "Here you are" in html
    [address] = set(addresses(html))
    assert visitor.client.get(address).data == PNG


def test_of_a_file_that_was_erased_the_chat_says_so(visitor, inside):
    send(visitor, "a.png", PNG)
    with inside():
        db.session.delete(db.session.query(File).one())
    assert "This file isn’t kept any more." in visitor.sees()
