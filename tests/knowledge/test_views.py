"""The knowledge pages: what an owner sees, adds, changes and takes away."""

import io
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select
from werkzeug.test import TestResponse

from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services
from app.knowledge.models import Chunk, Source
from app.knowledge.parsing.limits import MAX_FILE_BYTES
from tests.conftest import Cast, Person

HTMX = {"HX-Request": "true"}
Login = Callable[[Person], FlaskClient]


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/{path}"


def upload(
    client: FlaskClient, cast: Cast, *files: tuple[str, bytes], htmx: bool = True
) -> TestResponse:
    data = {"files": [(io.BytesIO(content), name) for name, content in files]}
    return client.post(
        url(cast, "files"), data=data, headers=HTMX if htmx else {}, follow_redirects=not htmx
    )


def ask_and_answer(client: FlaskClient, cast: Cast, question: str, answer: str) -> TestResponse:
    return client.post(
        url(cast, "questions"), data={"question": question, "answer": answer}, headers=HTMX
    )


def count(app: Flask, cast: Cast) -> int:
    with app.app_context(), cast.scope():
        return db.session.scalar(select(func.count()).select_from(Source)) or 0


def add_question(app: Flask, cast: Cast, question: str = "Do you open on Sundays?") -> int:
    with app.app_context(), cast.scope(), unit_of_work():
        return services.add_question(question, "From 10 to 4.", None).id


def test_an_empty_business_is_offered_the_first_step(cast: Cast, login: Login) -> None:
    page = login(cast.owner).get(url(cast)).text
    assert "Nothing to answer from yet" in page
    assert "Drop files here" in page


def test_a_file_is_added_read_and_shown_with_its_passages(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    client = login(cast.owner)
    added = upload(client, cast, ("hours.txt", b"We open at nine on every weekday of the year."))
    assert added.status_code == 201
    assert "Waiting its turn" in client.get(url(cast)).text
    run_jobs()
    page = client.get(url(cast)).text
    assert "hours.txt" in page
    assert "1 passage" in page
    with app.app_context(), cast.scope():
        source_id = db.session.scalars(select(Source.id)).one()
    document = client.get(url(cast, str(source_id))).text
    assert "We open at nine on every weekday" in document
    assert "Olivia Owner" in document


def test_the_same_file_twice_is_one_source_and_no_failure(
    app: Flask, cast: Cast, login: Login
) -> None:
    client = login(cast.owner)
    upload(client, cast, ("prices.txt", b"A rose costs five pounds."))
    again = upload(client, cast, ("prices copy.txt", b"A rose costs five pounds."))
    assert again.status_code == 200
    assert 'data-taken="known"' in again.text
    assert "was already here" in again.text
    assert count(app, cast) == 1


def test_without_scripts_a_refused_file_is_named_and_the_others_are_kept(
    app: Flask, cast: Cast, login: Login
) -> None:
    page = upload(
        login(cast.owner),
        cast,
        ("good.txt", b"We deliver on Fridays."),
        ("bad.exe", b"MZ"),
        ("empty.txt", b""),
        htmx=False,
    )
    assert page.status_code == 200
    assert "“bad.exe” is not a kind of file that can be read" in page.text
    assert "“empty.txt” is empty" in page.text
    assert "good.txt" in page.text
    assert count(app, cast) == 1


def test_when_every_file_is_refused_the_page_says_why_and_nothing_is_kept(
    app: Flask, cast: Cast, login: Login
) -> None:
    page = upload(login(cast.owner), cast, ("bad.exe", b"MZ"), htmx=False)
    assert page.status_code == 422
    assert "“bad.exe” is not a kind of file" in page.text
    assert count(app, cast) == 0


def test_no_file_at_all_is_told(cast: Cast, login: Login) -> None:
    response = login(cast.owner).post(url(cast, "files"), data={}, headers=HTMX)
    assert response.status_code == 422
    assert "Choose a file first." in response.text


def test_a_file_over_the_limit_is_refused_before_it_is_kept(
    app: Flask, cast: Cast, login: Login
) -> None:
    too_large = b"x" * (MAX_FILE_BYTES + 1)
    response = upload(login(cast.owner), cast, ("large.txt", too_large))
    assert response.status_code == 422
    assert "larger than 50 MB" in response.text
    assert count(app, cast) == 0


def test_a_request_over_the_limit_is_a_413_in_plain_words(
    app: Flask, cast: Cast, login: Login
) -> None:
    client = login(cast.owner)
    enormous = b"x" * (MAX_FILE_BYTES + 2 * 1024 * 1024)
    response = upload(client, cast, ("enormous.txt", enormous))
    assert response.status_code == 413
    assert "too large" in response.text
    as_json = client.post(
        url(cast, "files"),
        data={"files": (io.BytesIO(enormous), "enormous.txt")},
        headers=HTMX | {"Accept": "application/json"},
    )
    assert as_json.status_code == 413
    assert as_json.json is not None
    assert as_json.json["error"]["code"] == "too_large"
    assert count(app, cast) == 0


def test_a_question_is_saved_and_the_form_comes_back_empty(
    app: Flask, cast: Cast, login: Login
) -> None:
    response = ask_and_answer(login(cast.owner), cast, "Do you wrap gifts?", "Yes, for free.")
    assert response.status_code == 200
    assert "Do you wrap gifts?" not in response.text
    assert "Your answer is saved." in response.headers["HX-Trigger"]
    assert count(app, cast) == 1


def test_a_question_sent_twice_is_one_row(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    for _ in range(2):
        ask_and_answer(client, cast, "Do you wrap gifts?", "Yes, for free.")
    assert count(app, cast) == 1


@pytest.mark.parametrize(
    ("question", "answer", "told"),
    [
        ("Do you wrap gifts?", "  ", "Write the answer your customers should get."),
        ("", "Yes, for free.", "Write the question as a customer would ask it."),
        ("Q" * 501, "Yes, for free.", "This is too long: 500 characters fit."),
        ("\x00", "Yes, for free.", "Write both the question and its answer."),
    ],
)
def test_a_question_that_is_not_complete_is_told_and_what_was_typed_is_kept(
    app: Flask, cast: Cast, login: Login, *, question: str, answer: str, told: str
) -> None:
    response = ask_and_answer(login(cast.owner), cast, question, answer)
    assert response.status_code == 422
    assert told in response.text
    assert (question.strip("\x00") or answer) in response.text
    assert count(app, cast) == 0


def test_without_scripts_an_incomplete_question_keeps_its_words_in_the_page(
    cast: Cast, login: Login
) -> None:
    response = login(cast.owner).post(
        url(cast, "questions"), data={"question": "Do you wrap gifts?", "answer": ""}
    )
    assert response.status_code == 422
    assert "<!doctype html>" in response.text
    assert 'value="Do you wrap gifts?"' in response.text


def test_html_in_a_question_is_shown_as_text(cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    ask_and_answer(client, cast, "<script>alert(1)</script>?", "<b>No</b>")
    page = client.get(url(cast)).text
    assert "&lt;script&gt;alert(1)&lt;/script&gt;?" in page
    assert "<script>alert(1)" not in page


def test_changing_a_question_changes_what_is_read(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    source_id = add_question(app, cast)
    run_jobs()
    client = login(cast.owner)
    assert "From 10 to 4." in client.get(url(cast, f"{source_id}/edit")).text
    response = client.post(
        url(cast, f"{source_id}/edit"),
        data={"question": "Do you open on Sundays?", "answer": "From 11 to 5."},
        follow_redirects=True,
    )
    assert "Your answer is changed." in response.text
    run_jobs()
    with app.app_context(), cast.scope():
        assert list(db.session.scalars(select(Chunk.text))) == ["From 11 to 5."]


def test_a_change_without_an_answer_keeps_both_the_old_answer_and_the_typed_question(
    app: Flask, cast: Cast, login: Login
) -> None:
    source_id = add_question(app, cast)
    response = login(cast.owner).post(
        url(cast, f"{source_id}/edit"), data={"question": "On Mondays?", "answer": ""}
    )
    assert response.status_code == 422
    assert 'value="On Mondays?"' in response.text
    with app.app_context(), cast.scope():
        assert db.session.scalars(select(Source.answer)).one() == "From 10 to 4."


def test_a_file_has_no_answer_to_change(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    upload(client, cast, ("hours.txt", b"We open at nine."))
    with app.app_context(), cast.scope():
        source_id = db.session.scalars(select(Source.id)).one()
    assert client.get(url(cast, str(source_id))).status_code == 200
    assert client.get(url(cast, f"{source_id}/edit")).status_code == 404


def test_a_file_that_cannot_be_read_says_why_and_can_be_tried_again(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    client = login(cast.owner)
    upload(client, cast, ("broken.pdf", b"%PDF-1.4 and then nothing"))
    run_jobs()
    page = client.get(url(cast, "?show=failed")).text
    assert "broken.pdf" in page
    assert "damaged or incomplete" in page
    assert "Retry" in page
    with app.app_context(), cast.scope():
        source_id = db.session.scalars(select(Source.id)).one()
    row = client.post(url(cast, f"{source_id}/retry"), headers=HTMX).text
    assert 'data-status="waiting"' in row


def test_deleting_takes_the_passages_with_it(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    source_id = add_question(app, cast)
    run_jobs()
    client = login(cast.owner)
    assert "Delete “Do you open on Sundays?”?" in client.get(url(cast)).text
    response = client.post(url(cast, f"{source_id}/deletion"), headers=HTMX)
    assert response.status_code == 200
    assert response.text == ""
    with app.app_context(), cast.scope():
        assert db.session.scalar(select(func.count()).select_from(Chunk)) == 0
    assert client.post(url(cast, f"{source_id}/deletion")).status_code == 404


def test_without_scripts_deleting_leads_back_to_the_list(
    app: Flask, cast: Cast, login: Login
) -> None:
    source_id = add_question(app, cast)
    page = login(cast.owner).post(url(cast, f"{source_id}/deletion"), follow_redirects=True)
    assert "“Do you open on Sundays?” is deleted." in page.text


def test_the_list_can_be_narrowed_by_kind_and_by_name(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    upload(client, cast, ("roses 100%.txt", b"Roses are five pounds."))
    add_question(app, cast)
    assert "roses 100%.txt" in client.get(url(cast)).text
    questions = client.get(url(cast, "?show=questions")).text
    assert "Do you open on Sundays?" in questions
    assert "roses 100%.txt" not in questions
    assert "roses 100%.txt" in client.get(url(cast, "?q=0%25")).text
    assert "Nothing matches" in client.get(url(cast, "?q=%25%25")).text


def test_beyond_fifty_the_list_goes_on_by_key(app: Flask, cast: Cast, login: Login) -> None:
    ids = [add_question(app, cast, f"Question number {n}?") for n in range(53)]
    client = login(cast.owner)
    first = client.get(url(cast)).text
    assert first.count('class="source-row"') == 50
    assert f"before={ids[3]}" in first
    rest = client.get(url(cast, f"?before={ids[3]}"), headers=HTMX).text
    assert "<!doctype" not in rest
    assert rest.count('class="source-row"') == 3
    assert "Show more" not in rest


def test_a_span_of_rows_keeps_what_came_on_top_since(app: Flask, cast: Cast, login: Login) -> None:
    ids = [add_question(app, cast, f"Question number {n}?") for n in range(4)]
    rows = login(cast.owner).get(url(cast, f"rows?since={ids[1]}"), headers=HTMX).text
    assert [f"source_{one}" in rows for one in ids] == [False, True, True, True]


def test_a_long_list_asks_the_database_no_more_often_than_a_short_one(
    app: Flask,
    cast: Cast,
    login: Login,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(cast.owner)
    add_question(app, cast)
    client.get(url(cast))
    with count_queries() as short:
        client.get(url(cast))
    for n in range(30):
        add_question(app, cast, f"Question number {n}?")
    with count_queries() as long:
        assert client.get(url(cast)).text.count('class="source-row"') == 31
    assert len(long) == len(short)
    assert len(long) <= 10, long


@pytest.mark.parametrize("path", ["", "rows", "{id}", "{id}/row"])
def test_a_viewer_reads_and_changes_nothing(
    app: Flask, cast: Cast, login: Login, path: str
) -> None:
    path = path.format(id=add_question(app, cast))
    response = login(cast.viewer).get(url(cast, path))
    assert response.status_code == 200
    assert "Do you open on Sundays?" in response.text
    assert "Delete" not in response.text.replace('class="button button--danger"', "").replace(
        "<span>Delete</span>", ""
    )


REFUSED: list[tuple[str, str, dict[str, Any]]] = [
    ("POST", "files", {}),
    ("POST", "questions", {"question": "Q?", "answer": "A."}),
    ("GET", "{id}/edit", {}),
    ("POST", "{id}/edit", {"question": "Q?", "answer": "A."}),
    ("POST", "{id}/retry", {}),
    ("POST", "{id}/deletion", {}),
]


@pytest.mark.parametrize(("method", "path", "data"), REFUSED)
def test_changing_needs_the_permission(
    app: Flask, cast: Cast, login: Login, *, method: str, path: str, data: dict[str, Any]
) -> None:
    path = url(cast, path.format(id=add_question(app, cast)))
    assert login(cast.viewer).open(path, method=method, data=data).status_code == 403
    assert count(app, cast) == 1


@pytest.mark.parametrize("path", ["{id}", "{id}/row", "{id}/edit"])
def test_a_neighbours_source_is_not_there(app: Flask, cast: Cast, login: Login, path: str) -> None:
    path = path.format(id=add_question(app, cast))
    assert login(cast.owner).get(url(cast, path)).status_code == 200
    client = login(cast.neighbour)
    assert client.get(f"/b/{cast.neighbour_slug}/knowledge/{path}").status_code == 404
    assert client.get(url(cast, path)).status_code == 404


def test_a_number_beyond_any_id_is_not_there(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    source_id = add_question(app, cast)
    for number in ("9" * 30, "-" + "9" * 30):
        assert client.get(url(cast, f"{source_id}?after={number}")).status_code == 200
    assert client.get(url(cast, "9" * 30)).status_code == 404
    assert client.get(url(cast, f"?before={'9' * 30}")).status_code == 200
    assert client.get(url(cast, f"rows?since={'9' * 30}")).status_code == 200
    assert client.get(url(cast, "rows?since=-5&before=-5")).status_code == 200


def test_passages_go_on_by_position(
    app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]
) -> None:
    lines = "question,answer\n" + "".join(f"Is this {n}?,It is {n}.\n" for n in range(103))
    client = login(cast.owner)
    upload(client, cast, ("many.csv", lines.encode()))
    run_jobs()
    with app.app_context(), cast.scope():
        source_id = db.session.scalars(select(Source.id)).one()
    page = client.get(url(cast, str(source_id))).text
    assert page.count('class="passage"') == 100
    assert "after=99" in page
    rest = client.get(url(cast, f"{source_id}?after=99"), headers=HTMX).text
    assert rest.count('class="passage"') == 3
