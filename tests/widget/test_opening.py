"""The loader, the frame and the session: open to everyone, and nothing is written."""

import re

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.channels.models import Channel
from app.contacts.models import Visitor as VisitorRow
from app.conversations.models import Conversation
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge.models import Chunk, Document, Source
from tests.conftest import Cast
from tests.widget.conftest import Visitor


def rows(app: Flask, cast: Cast) -> int:
    with app.app_context(), cast.scope():
        counts = [select(func.count()).select_from(table) for table in (VisitorRow, Conversation)]
        return sum(db.session.scalar(count) or 0 for count in counts)


def test_opening_the_chat_writes_no_row_and_sets_no_cookie(
    app: Flask, cast: Cast, client: FlaskClient
) -> None:
    key = cast.website_key
    answers = [
        client.get(f"/w/{key}/loader.js"),
        client.get(f"/w/{key}?origin=https://shop.example"),
        client.post(f"/w/{key}/session"),
    ]
    assert [answer.status_code for answer in answers] == [200, 200, 201]
    assert not any("Set-Cookie" in answer.headers for answer in answers)
    assert rows(app, cast) == 0
    Visitor(client, key).say("Hello")
    assert rows(app, cast) == 2


def test_the_loader_may_be_kept_for_minutes_and_asked_again(
    cast: Cast, client: FlaskClient
) -> None:
    path = f"/w/{cast.website_key}/loader.js"
    first = client.get(path)
    assert first.cache_control.max_age == 300
    again = client.get(path, headers={"If-None-Match": first.headers["ETag"]})
    assert again.status_code == 304


def test_the_frame_loads_every_file_that_it_names(cast: Cast, client: FlaskClient) -> None:
    page = client.get(f"/w/{cast.website_key}").text
    files = re.findall(r'(?:href|src)="(/w/[^"]+/assets/[^"]+)"', page)
    assert len(files) == 2
    for file in files:
        answer = client.get(file, headers={"Accept-Encoding": "gzip"})
        assert answer.status_code == 200
        assert answer.headers["Content-Encoding"] == "gzip"
        assert answer.cache_control.immutable


def test_no_other_file_is_served(cast: Cast, client: FlaskClient) -> None:
    page = client.get(f"/w/{cast.website_key}").text
    folder = re.findall(r'"(/w/[^"]+/assets/[^"/]+)/frame.js"', page)[0]
    assert client.get(f"{folder}/frame.js").status_code == 200
    for name in ("frame.html", "loader.js", "../app/config.py", "frame/../../wsgi.py"):
        assert client.get(f"{folder}/{name}").status_code == 404


def test_allowed_sites_are_the_frames_ancestors(
    app: Flask, cast: Cast, client: FlaskClient
) -> None:
    assert (
        "frame-ancestors *"
        in client.get(f"/w/{cast.website_key}").headers["Content-Security-Policy"]
    )
    with app.app_context(), cast.scope(), unit_of_work():
        Channel.of_kind("website").allowed_sites = ["https://shop.example"]
    policy = client.get(f"/w/{cast.website_key}").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self' https://shop.example")


def test_the_preview_is_for_the_dashboard_alone(cast: Cast, client: FlaskClient) -> None:
    policy = client.get(f"/w/{cast.preview_key}").headers["Content-Security-Policy"]
    assert policy.endswith("frame-ancestors 'self'")


def test_what_the_owner_wrote_is_shown_as_text(app: Flask, cast: Cast, client: FlaskClient) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        channel = Channel.of_kind("website")
        channel.name = channel.greeting = "<script>alert(1)</script>"
    page = client.get(f"/w/{cast.website_key}?origin=%22%3E%3Cscript%3E").text
    assert "&lt;script&gt;alert(1)" in page
    assert "<script>" not in page


def test_up_to_four_of_the_owners_questions_are_suggested(
    app: Flask, cast: Cast, client: FlaskClient
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        source = Source(kind="file", name="faq.csv")
        db.session.add(source)
        db.session.flush()
        document = Document(source_id=source.id, title="Questions")
        db.session.add(document)
        db.session.flush()
        questions = ["One?", "Two?", "Two?", "L" * 90 + "?", "Three?", "Four?", "Five?"]
        for position, question in enumerate(questions):
            chunk = Chunk(
                document_id=document.id,
                position=position,
                kind="qa",
                question=question,
                text="Yes.",
            )
            db.session.add(chunk)
            db.session.flush()
    page = client.get(f"/w/{cast.website_key}").text
    assert re.findall(r"data-question>([^<]+)<", page) == ["One?", "Two?", "Three?", "Four?"]


def test_a_session_is_renewed_for_the_same_visitor(visitor: Visitor) -> None:
    visitor.say("Hello, it is me")
    visitor.token = visitor.post("/session").json["token"]
    assert "Hello, it is me" in visitor.sees()


@pytest.mark.parametrize(
    "key", ["0-abc", "nonsense", "999999999-abc", "-", "1" * 40 + "-x", "٣-abc"]
)
@pytest.mark.parametrize("path", ["", "/loader.js", "/sources/1", "/messages"])
def test_an_unknown_key_is_not_found(client: FlaskClient, key: str, path: str) -> None:
    assert client.get(f"/w/{key}{path}").status_code == 404


def test_a_business_number_with_another_businesses_secret_is_not_found(
    cast: Cast, client: FlaskClient
) -> None:
    secret = cast.neighbour_key.split("-")[1]
    assert client.get(f"/w/{cast.business_id}-{secret}").status_code == 404
    assert client.get(f"/w/{cast.neighbour_key}").status_code == 200


def test_sessions_are_limited_per_address(
    cast: Cast, client: FlaskClient, rate_limits: None
) -> None:
    path = f"/w/{cast.website_key}/session"
    answers = [client.post(path) for _ in range(121)]
    assert {answer.status_code for answer in answers[:120]} == {201}
    assert answers[120].status_code == 429
    assert int(answers[120].headers["Retry-After"]) > 0
    assert answers[120].json["error"]["code"] == "too_many_requests"
