"""Try it: a question as the assistant sees it. The worker looks it up, and nothing is kept."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.assistant.models import Answer, Gap
from app.conversations.models import Message
from app.core import heartbeat
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db, redis
from app.knowledge import services, trying
from tests.conftest import Cast, Person

HTMX = {"HX-Request": "true"}
FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."
Login = Callable[[Person], FlaskClient]


@pytest.fixture
def taught(app: Flask, cast: Cast, run_jobs: Callable[[], int]) -> Cast:
    with app.app_context(), cast.scope(), unit_of_work():
        services.add_question("Do you deliver, and what does it cost?", FACT, None)
        services.add_question("Are dogs allowed?", "Dogs on a lead are welcome.", None)
    run_jobs()
    return cast


@pytest.fixture
def ask(login: Login, run_jobs: Callable[[], int]) -> Callable[..., str]:
    """`ask(cast, "…")` is what the page shows in the end."""

    def asking(cast: Cast, question: str, person: Person | None = None) -> str:
        client = login(person or cast.viewer)
        waiting = client.post(url(cast), data={"q": question}, headers=HTMX)
        assert waiting.status_code == 200
        result = re.search(r'hx-get="([^"]+)"', waiting.text)
        assert result
        assert client.get(result[1], headers=HTMX).status_code == 204
        run_jobs()
        return client.get(result[1], headers=HTMX).text

    return asking


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/search/{path}"


def test_it_shows_what_would_be_said_and_the_figures(taught: Cast, ask: Callable[..., str]) -> None:
    page = ask(taught, "How much is delivery to Ashcombe?")
    assert "It would answer" in page
    assert f'<p class="trial-said" dir="auto">{FACT}</p>' in page
    assert "your own answer: goes first when close" in page
    assert page.index("quoted") < page.index("Dogs on a lead")
    for label in ("Score", "Meaning", "Words"):
        assert f'aria-label="{label}"' in page
    assert "it answers from 50 %" in page


def test_words_of_the_question_are_marked_whatever_their_ending(
    taught: Cast, ask: Callable[..., str]
) -> None:
    page = ask(taught, "delivering to ashcombe?")
    assert "We <mark>deliver</mark> to <mark>Ashcombe</mark> on Tuesdays" in page
    assert "Do you <mark>deliver</mark>, and" in page


def test_a_mistyped_word_is_told(taught: Cast, ask: Callable[..., str]) -> None:
    assert 'Searched for: <strong dir="auto">delivery to Ashcombe</strong>' in ask(
        taught, "delivery to Ashcompe"
    )


def test_what_it_can_not_answer_says_why(taught: Cast, ask: Callable[..., str]) -> None:
    page = ask(taught, "Is zorbing insured by Quillfeather?")
    assert "It would offer a person" in page
    assert "words that stand nowhere in your knowledge" in page


def test_the_business_s_own_threshold_counts(
    app: Flask, taught: Cast, ask: Callable[..., str]
) -> None:
    from app.businesses.models import Business

    assert "It would answer" in ask(taught, "How much is delivery to Ashcombe?")
    with app.app_context(), unit_of_work():
        db.session.get_one(Business, taught.business_id).answer_from = 1.0
    page = ask(taught, "How much is delivery to Ashcombe?")
    assert "It would answer" not in page
    assert "it answers from 100 %" in page


def test_a_business_without_knowledge_is_told(cast: Cast, ask: Callable[..., str]) -> None:
    assert "Nothing found" in ask(cast, "Do you deliver?")


def test_markup_in_question_and_text_is_words(
    app: Flask, taught: Cast, ask: Callable[..., str], run_jobs: Callable[[], int]
) -> None:
    with app.app_context(), taught.scope(), unit_of_work():
        services.add_question("Is <b>bold</b> wrapped?", "<script>alert(1)</script> bold.", None)
    page = ask(taught, "<b>bold</b> wrapped")
    assert "<script>alert" not in page
    assert "&lt;script&gt;" in page


def test_nothing_is_left_in_the_tables(app: Flask, taught: Cast, ask: Callable[..., str]) -> None:
    question = "Is zorbing insured by Quillfeather?"
    ask(taught, question)
    with app.app_context(), taught.scope():
        for table in (Message, Answer, Gap):
            assert db.session.scalar(select(func.count()).select_from(table)) == 0
        jobs = select(OutboxJob.args).where(OutboxJob.name == "knowledge.try")
        told = db.session.scalars(jobs).all()
        assert told
        assert question not in str(told)
        names = redis.client.keys(f"frontdesk:try:{taught.business_id}:*")
        assert names
        assert all(0 < redis.client.ttl(name) <= trying.KEEP_SECONDS for name in names)


def test_a_result_is_its_member_s_alone(
    taught: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    waiting = login(taught.owner).post(url(taught), data={"q": "Do you deliver?"}, headers=HTMX)
    path = re.search(r'hx-get="([^"]+)"', waiting.text)
    assert path
    run_jobs()
    token = path[1].rpartition("/")[2]
    assert login(taught.owner).get(path[1]).status_code == 200
    assert login(taught.viewer).get(path[1]).status_code == 404
    neighbour = f"/b/{taught.neighbour_slug}/knowledge/search/{token}"
    assert login(taught.neighbour).get(neighbour).status_code == 404
    assert login(taught.accountant).get(path[1]).status_code == 403


def test_an_empty_question_is_refused(taught: Cast, login: Login) -> None:
    response = login(taught.owner).post(url(taught), data={"q": "  "}, headers=HTMX)
    assert response.status_code == 422
    assert "Write a question first." in response.text


def test_the_address_keeps_the_question(taught: Cast, login: Login) -> None:
    client = login(taught.owner)
    response = client.post(url(taught), data={"q": "Do you deliver?"}, headers=HTMX)
    assert response.headers["HX-Push-Url"] == url(taught, "?q=Do+you+deliver?")
    page = client.get(url(taught, "?q=Do+you+deliver%3F")).text
    assert 'value="Do you deliver?"' in page
    assert 'hx-trigger="load"' in page


def test_without_scripts_the_page_shows_the_result_when_asked_again(
    taught: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    client = login(taught.owner)
    response = client.post(url(taught), data={"q": "Do you deliver?"})
    assert response.status_code == 303
    assert "Show the result" in client.get(response.location).text
    run_jobs()
    assert "It would answer" in client.get(response.location).text


def test_a_worker_that_is_away_is_told_plainly(
    app: Flask, taught: Cast, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    client = login(taught.owner)
    waiting = client.post(url(taught), data={"q": "Do you deliver?"}, headers=HTMX).text
    path = re.search(r'hx-get="([^"]+)"', waiting)
    assert path
    assert 'hx-trigger="load, try-' in waiting
    monkeypatch.setattr(trying, "LATE_SECONDS", -1)
    with app.app_context():
        redis.client.delete("frontdesk:alive:worker")
    page = client.get(path[1], headers=HTMX).text
    assert "Your assistant isn’t running just now" in page
    assert "load, try-" not in page, "or it would ask again at once, for ever"
    with app.app_context():
        heartbeat.beat("worker")
        page = client.get(path[1], headers=HTMX).text
        redis.client.delete("frontdesk:alive:worker")
    assert "your assistant is busy" in page


def test_redis_away_is_told_plainly(
    taught: Cast, login: Login, monkeypatch: pytest.MonkeyPatch
) -> None:
    from redis import RedisError

    def away(*_args: object) -> None:
        raise RedisError("away")

    client = login(taught.owner)
    monkeypatch.setattr(trying, "_keep", away)
    response = client.post(url(taught), data={"q": "Do you deliver?"}, headers=HTMX)
    assert response.status_code == 503
    assert "looked up just now" in response.text
