"""The first ten minutes: three steps, ticked by what has really happened."""

import uuid
from collections.abc import Callable

from flask import Flask
from flask.testing import FlaskClient

from app.channels.models import Channel
from app.conversations import services as conversations
from app.core.unit_of_work import unit_of_work
from app.knowledge import services as knowledge
from tests.conftest import Cast, Person

Login = Callable[[Person], FlaskClient]


def is_done(client: FlaskClient, cast: Cast, step: str) -> bool:
    response = client.get(f"/b/{cast.slug}/steps/{step}")
    assert response.status_code == 200
    return "is-done" in response.text


def write_from(app: Flask, cast: Cast, kind: str, *, answered: bool) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        channel = Channel.of_kind(kind)
        question, _ = conversations.receive(channel, uuid.uuid4(), "Do you deliver?", "one")
        if answered:
            conversations.answer(question, "Yes, we do.", [], is_unsure=False)


def test_the_page_has_the_forms_the_preview_and_the_snippet(
    app: Flask, cast: Cast, login: Login
) -> None:
    page = login(cast.owner).get(f"/b/{cast.slug}/").text
    assert "Drop files here" in page
    assert "Save answer" in page
    assert f'src="/w/{cast.preview_key}"' in page
    public_url = app.config["PUBLIC_URL"]
    loader = f"{public_url}/w/{cast.website_key}/loader.js"
    assert f"&lt;script async src=&#34;{loader}&#34;&gt;&lt;/script&gt;" in page


def test_nothing_is_ticked_at_the_beginning(cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    assert not any(is_done(client, cast, step) for step in ("knowledge", "preview", "website"))


def test_knowledge_is_ticked_once_a_source_is_ready(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    client = login(cast.owner)
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver?", "Yes, on Fridays.", None)
    assert not is_done(client, cast, "knowledge")
    run_jobs()
    assert is_done(client, cast, "knowledge")
    assert not is_done(client, cast, "preview")


def test_trying_is_ticked_by_an_answer_in_the_preview_alone(
    app: Flask, cast: Cast, login: Login
) -> None:
    client = login(cast.owner)
    write_from(app, cast, "website", answered=True)
    write_from(app, cast, "preview", answered=False)
    assert not is_done(client, cast, "preview")
    write_from(app, cast, "preview", answered=True)
    assert is_done(client, cast, "preview")


def test_the_website_is_ticked_by_its_first_visitor(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    write_from(app, cast, "preview", answered=True)
    assert not is_done(client, cast, "website")
    write_from(app, cast, "website", answered=False)
    assert is_done(client, cast, "website")


def test_a_step_that_does_not_exist_is_not_there(cast: Cast, login: Login) -> None:
    assert login(cast.owner).get(f"/b/{cast.slug}/steps/moon").status_code == 404


def test_a_viewer_sees_the_steps_without_the_forms(cast: Cast, login: Login) -> None:
    page = login(cast.viewer).get(f"/b/{cast.slug}/").text
    assert "Put it on your site" in page
    assert "Save answer" not in page


def test_an_accountant_sees_no_knowledge(app: Flask, cast: Cast, login: Login) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver?", "Yes, on Fridays.", None)
    assert "Do you deliver?" in login(cast.owner).get(f"/b/{cast.slug}/").text
    page = login(cast.accountant).get(f"/b/{cast.slug}/")
    assert page.status_code == 200
    assert "Do you deliver?" not in page.text


def test_a_neighbour_gets_no_stream(cast: Cast, login: Login) -> None:
    assert login(cast.neighbour).get(f"/b/{cast.slug}/live").status_code == 404
