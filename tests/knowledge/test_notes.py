"""Short notes: a few sentences of the owner, until their day is over."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select, update
from werkzeug.test import TestResponse

from app.businesses import hours
from app.core.db import now
from app.core.errors import Invalid
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import answering, documents, learning, notes, services
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Chunk, Source
from tests.conftest import Cast, Person

Run = Callable[[], int]
Login = Callable[[Person], FlaskClient]
HTMX = {"HX-Request": "true"}
PARKING = "The car park is closed for repairs. Please park behind the church."


@pytest.fixture
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def add(body: str = PARKING, title: str = "", until: date | None = None) -> int:
    with unit_of_work():
        return notes.add(title, body, until, None).id


def note(source_id: int) -> Source:
    db.session.rollback()
    found = Source.by_id(source_id)
    assert found is not None
    return found


def passage_ids(source_id: int) -> list[int]:
    document = documents.only_one(note(source_id))
    return [each.chunk.id for each in documents.passages(document, -1, 9)] if document else []


def said(question: str) -> str:
    return answering.answer(question, encode).answer


@pytest.mark.usefixtures("scope")
def test_a_note_is_quoted_like_any_text(run_jobs: Run) -> None:
    source_id = add()
    run_jobs()
    assert "Please park behind the church." in said("Where can I park?")
    assert note(source_id).name == "The car park is closed for repairs. Please park behind the …"


@pytest.mark.usefixtures("scope")
def test_its_title_says_what_it_is_about(run_jobs: Run) -> None:
    add("Back on Monday.\n\nUrgent? Call 112.", title="Vet is away")
    run_jobs()
    chunk = db.session.scalars(select(Chunk)).one()
    assert (chunk.heading, chunk.text) == ("Vet is away", "Back on Monday.\nUrgent? Call 112.")


@pytest.mark.usefixtures("scope")
def test_the_same_words_again_are_one_note(run_jobs: Run) -> None:
    assert add() == add(f"  {PARKING} ")
    tomorrow = hours.today() + timedelta(days=1)
    assert add() == add(until=tomorrow)
    assert db.session.scalars(select(Source.valid_until)).all() == [tomorrow]


@pytest.mark.usefixtures("scope")
def test_a_changed_note_stops_being_quoted_at_once(run_jobs: Run) -> None:
    source_id = add()
    run_jobs()
    with unit_of_work():
        notes.change(note(source_id), "", "The car park is open again.", None)
    assert "church" not in said("Where can I park?")
    run_jobs()
    assert "open again" in said("Is the car park open?")


def due(source_id: int) -> None:
    """As if its last day had passed, and the clock pushed what waits for that."""
    with unit_of_work():
        yesterday = hours.today() - timedelta(days=1)
        db.session.execute(
            update(Source).where(Source.id == source_id).values(valid_until=yesterday)
        )
        db.session.execute(
            update(OutboxJob)
            .where(OutboxJob.name == "knowledge.expire", OutboxJob.done_at.is_(None))
            .values(available_at=now())
        )


@pytest.mark.usefixtures("scope")
def test_when_its_day_is_over_no_answer_uses_it_and_it_stands_there_as_expired(
    run_jobs: Run,
) -> None:
    source_id = add(until=hours.today())
    run_jobs()
    assert "church" in said("Where can I park?")
    db.session.rollback()
    due(source_id)
    run_jobs()
    assert "church" not in said("Where can I park?")
    assert note(source_id).status == "expired"
    assert len(passage_ids(source_id)) == 1


@pytest.mark.usefixtures("scope")
def test_an_expired_note_with_a_later_day_is_quoted_again_without_embedding(run_jobs: Run) -> None:
    source_id = add(until=hours.today())
    run_jobs()
    db.session.rollback()
    before = passage_ids(source_id)
    due(source_id)
    run_jobs()
    with unit_of_work():
        notes.change(note(source_id), "", PARKING, hours.today() + timedelta(days=1))
    run_jobs()
    assert "church" in said("Where can I park?")
    assert passage_ids(source_id) == before


@pytest.mark.usefixtures("scope")
def test_reading_an_expired_note_again_does_not_bring_it_back(run_jobs: Run) -> None:
    source_id = add(until=hours.today())
    run_jobs()
    due(source_id)
    run_jobs()
    with unit_of_work():
        services.read_again(note(source_id))
    run_jobs()
    assert note(source_id).status == "expired"
    assert "church" not in said("Where can I park?")


@pytest.mark.usefixtures("scope")
def test_a_note_that_ends_while_it_is_read_stays_away(run_jobs: Run) -> None:
    source_id = add(until=hours.today())
    due(source_id)
    with unit_of_work():
        notes.expire(source_id)
    learning.read(source_id, 1)
    assert note(source_id).status == "expired"


@pytest.mark.usefixtures("scope")
def test_asked_too_early_it_asks_again_on_the_right_day(run_jobs: Run) -> None:
    source_id = add(until=hours.today() + timedelta(days=5))
    run_jobs()
    with unit_of_work():
        notes.expire(source_id)
    waiting = select(OutboxJob).where(
        OutboxJob.name == "knowledge.expire", OutboxJob.done_at.is_(None)
    )
    assert len([each for each in db.session.scalars(waiting) if each.args == [source_id]]) == 1
    assert note(source_id).status == "ready"


@pytest.mark.usefixtures("scope")
@pytest.mark.parametrize(
    ("title", "body", "days", "told"),
    [
        ("", "  ", None, "Write what your customers should know."),
        ("", "x" * 5001, None, "a note 5,000"),
        ("x" * 151, "Text", None, "A title may have 150"),
        ("", "Text", -1, "is over already"),
        ("", "Text", 4000, "more than ten years away"),
    ],
)
def test_what_is_wrong_is_refused(title: str, body: str, days: int | None, told: str) -> None:
    until = hours.today() + timedelta(days=days) if days else None
    with pytest.raises(Invalid) as refusal:
        notes.add(title, body, until, None)
    assert told in refusal.value.message


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/{path}"


def write(client: FlaskClient, cast: Cast, *, htmx: bool = True, **fields: str) -> TestResponse:
    return client.post(
        url(cast, "notes/"), data={"body": PARKING} | fields, headers=HTMX if htmx else {}
    )


def only_source(app: Flask, cast: Cast) -> Source:
    with app.app_context(), cast.scope():
        return db.session.scalars(select(Source)).one()


def test_a_note_is_written_shown_and_changed(
    app: Flask, cast: Cast, login: Login, run_jobs: Run
) -> None:
    client = login(cast.owner)
    later = (now() + timedelta(days=9)).date()
    added = write(client, cast, title="Parking <now>", valid_until=later.isoformat())
    assert added.status_code == 200
    assert "Your note is saved." in added.headers["HX-Trigger"]
    run_jobs()
    page = client.get(url(cast)).text
    assert "Parking &lt;now&gt;" in page
    assert f"until {later.day} " in page
    source = only_source(app, cast)
    assert "Please park behind the church." in client.get(url(cast, f"notes/{source.id}/edit")).text
    changed = {"title": "", "body": "The car park is open.", "valid_until": ""}
    assert client.post(url(cast, f"notes/{source.id}/edit"), data=changed).status_code == 303
    source = only_source(app, cast)
    assert (source.name, source.body, source.valid_until) == (changed["body"],) * 2 + (None,)


def test_a_note_without_a_title_keeps_none_when_it_is_edited(
    app: Flask, cast: Cast, login: Login
) -> None:
    client = login(cast.owner)
    assert write(client, cast, htmx=False).status_code == 303
    source = only_source(app, cast)
    form = client.get(url(cast, f"notes/{source.id}/edit")).text
    assert 'name="title" type="text" value=""' in form


@pytest.mark.parametrize(
    ("fields", "told"),
    [
        ({"body": ""}, "Write what your customers should know."),
        ({"body": "x" * 5001}, "5,000 characters fit"),
        ({"valid_until": "2020-01-01"}, "The last day of this note is over already."),
        ({"valid_until": "soon"}, "Choose a day, like 24 December 2026."),
    ],
)
def test_the_form_says_what_is_wrong(
    app: Flask, cast: Cast, login: Login, fields: dict[str, str], told: str
) -> None:
    for htmx in (True, False):
        response = write(login(cast.owner), cast, htmx=htmx, title="Stays typed", **fields)
        assert response.status_code == 422
        assert told in response.text
        assert "Stays typed" in response.text
    with app.app_context(), cast.scope():
        assert db.session.scalars(select(Source)).all() == []


def test_an_agent_a_neighbour_and_another_kind_of_source_are_refused(
    app: Flask, cast: Cast, login: Login
) -> None:
    write(login(cast.owner), cast)
    source = only_source(app, cast)
    assert write(login(cast.agent), cast).status_code == 403
    assert login(cast.agent).get(url(cast, f"notes/{source.id}/edit")).status_code == 403
    other = f"/b/{cast.neighbour_slug}/knowledge/notes/{source.id}/edit"
    assert login(cast.neighbour).get(other).status_code == 404
    with app.app_context(), cast.scope(), unit_of_work():
        question_id = services.add_question("Open?", "Yes.", None).id
    assert login(cast.owner).get(url(cast, f"notes/{question_id}/edit")).status_code == 404


def test_a_record_is_neither_edited_nor_deleted_among_the_sources(
    app: Flask, cast: Cast, login: Login
) -> None:
    from app.knowledge import records

    with app.app_context(), cast.scope(), unit_of_work():
        source_id = records.keep("hours", "Opening hours", "We are open.").id
    client = login(cast.owner)
    assert client.post(url(cast, f"{source_id}/deletion")).status_code == 409
    assert client.get(url(cast, f"{source_id}/edit")).status_code == 404
    assert client.get(url(cast, f"notes/{source_id}/edit")).status_code == 404
    assert only_source(app, cast).id == source_id
