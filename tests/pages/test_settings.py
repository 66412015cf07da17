"""Settings of the website chat, and failed work."""

from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import update
from werkzeug.test import TestResponse

from app.channels.models import Channel
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services as knowledge
from tests.conftest import Cast, Person

Login = Callable[[Person], FlaskClient]

# Settings → Website chat as its form sends it when nothing was changed; a box that isn't ticked isn't sent.
TYPED = {
    "colour": "#0f7a55", "allowed_sites": "", "side": "right", "edge": "20", "launcher": "icon",
    "bubble_seconds": "3", "ask_name": "no", "ask_email": "no", "ask_phone": "no", "ask_text": "no",
    "asked_when": "after", "show_hours": "y", "show_reply_time": "y", "files": "y", "sound": "y",
    "questions_from": "knowledge", "hosted": "y", "rules-0-page": "/*", "rules-0-seconds": "10",
    "rules-0-once": "session",
}  # fmt: skip


def save(client: FlaskClient, cast: Cast, **changes: str) -> TestResponse:
    return client.post(f"/b/{cast.slug}/settings/website", data=TYPED | changes)


def website(app: Flask, cast: Cast, kind: str = "website") -> Channel:
    with app.app_context(), cast.scope():
        return Channel.of_kind(kind)


def failed_job(app: Flask, cast: Cast, error: str) -> int:
    """A job of reading a question that was given up with this reason."""
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question("Do you <b>deliver</b>?", "Yes.", None)
        given_up = (
            update(OutboxJob)
            .where(OutboxJob.business_id == cast.business_id)
            .values(failed_at=now(), error=error, attempts=4)
        )
        return db.session.scalars(given_up.returning(OutboxJob.id)).one()


def test_the_snippet_stands_there_to_be_copied(app: Flask, cast: Cast, login: Login) -> None:
    page = login(cast.viewer).get(f"/b/{cast.slug}/settings/website").text
    assert f"{app.config['PUBLIC_URL']}/w/{cast.website_key}/loader.js" in page
    assert 'data-copy="#snippet"' in page


def test_what_is_saved_is_what_the_chat_and_its_preview_show(
    app: Flask, cast: Cast, login: Login
) -> None:
    response = save(login(cast.owner), cast, colour="#123456")
    assert response.status_code == 303
    for kind in ("website", "preview"):
        assert website(app, cast, kind).colour == "#123456"
    assert 'value="#123456"' in login(cast.owner).get(f"/b/{cast.slug}/settings/website").text


def test_saving_says_so(cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    assert "Saved." in client.get(save(client, cast).location).text


def test_sites_are_kept_as_origins(app: Flask, cast: Cast, login: Login) -> None:
    save(login(cast.owner), cast, allowed_sites="www.Example.com/shop\n\nhttp://localhost:8001/")
    assert website(app, cast).allowed_sites == ["https://www.example.com", "http://localhost:8001"]
    save(login(cast.owner), cast, allowed_sites="")
    assert website(app, cast).allowed_sites == []


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("colour", "red", "Choose a colour like #0f7a55."),
        ("colour", "", "Choose a colour."),
        ("allowed_sites", "example.com\nnot a site", "“not a site” is not a website."),
        ("allowed_sites", "javascript://x", "is not a website."),
    ],
)
def test_what_is_wrong_is_told_and_nothing_changes(
    app: Flask, cast: Cast, login: Login, *, field: str, value: str, told: str
) -> None:
    changes = {"colour": "#abcdef", "allowed_sites": "https://typed.example", field: value}
    response = save(login(cast.owner), cast, **changes)
    assert response.status_code == 422
    assert told in response.text
    kept = "https://typed.example" if field == "colour" else "#abcdef"
    assert kept in response.text
    assert website(app, cast).colour != "#abcdef"
    assert website(app, cast).allowed_sites == []


@pytest.mark.parametrize(("colour", "words"), [("#0f7a55", "White"), ("#ffdd00", "Black")])
def test_the_words_on_the_colour_can_be_read(
    cast: Cast, login: Login, colour: str, words: str
) -> None:
    client = login(cast.owner)
    save(client, cast, colour=colour)
    assert f"{words} words on it, contrast" in client.get(f"/b/{cast.slug}/settings/website").text


def test_an_agent_looks_and_does_not_change(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.agent)
    assert client.get(f"/b/{cast.slug}/settings/website").status_code == 200
    assert save(client, cast, colour="#abcdef").status_code == 403
    assert website(app, cast).colour != "#abcdef"


def test_without_failures_the_page_says_so(cast: Cast, login: Login) -> None:
    assert "Everything worked" in login(cast.owner).get(f"/b/{cast.slug}/settings/jobs").text


@pytest.mark.parametrize(
    ("error", "told"),
    [
        ("OutsideError: The key is wrong.", "The key is wrong."),
        ("KeyError: 'x'", "Something went wrong on our side."),
    ],
)
def test_failed_work_stands_there_with_its_reason(
    app: Flask, cast: Cast, login: Login, error: str, told: str
) -> None:
    failed_job(app, cast, error)
    page = login(cast.owner).get(f"/b/{cast.slug}/settings/jobs").text
    assert "Reading knowledge: “Do you &lt;b&gt;deliver&lt;/b&gt;?”" in page
    assert told in page
    assert "after 4 tries" in page


def test_retry_does_the_work_after_all(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    job_id = failed_job(app, cast, "KeyError: 'x'")
    client = login(cast.owner)
    retry = f"/b/{cast.slug}/settings/jobs/{job_id}/retry"
    assert login(cast.agent).post(retry).status_code == 403
    assert client.post(retry).status_code == 303
    assert "Everything worked" in client.get(f"/b/{cast.slug}/settings/jobs").text
    assert client.post(retry).status_code == 404
    run_jobs()
    assert "Ready · 1 passage" in client.get(f"/b/{cast.slug}/knowledge/").text


def test_a_neighbours_failed_work_is_not_there(app: Flask, cast: Cast, login: Login) -> None:
    job_id = failed_job(app, cast, "KeyError: 'x'")
    client = login(cast.neighbour)
    path = f"/b/{cast.neighbour_slug}/settings/jobs"
    assert "Everything worked" in client.get(path).text
    assert client.post(f"{path}/{job_id}/retry").status_code == 404
    assert client.post(f"{path}/{'9' * 30}/retry").status_code == 404
