"""Checks: questions that must stay answered right, asked again one by one and all together."""

import io
import re
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import func, select

from app.accounts.models import User
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import cases, checking, services
from app.knowledge.embeddings.current import encode
from app.knowledge.models import CheckRun, RegressionCase, Source
from tests.conftest import Cast, Inside, Person

HTMX = {"HX-Request": "true"}
Login = Callable[[Person], FlaskClient]
RunJobs = Callable[[], int]

ASKED = "What does a Nordmann fir cost?"
PRICES = b"A Nordmann fir costs 42 pounds. We sell it from the first of December on."


@pytest.fixture
def prices(inside: Inside, run_jobs: RunJobs) -> int:
    """A file that says what a fir costs."""
    with inside():
        source_id = services.add_file(io.BytesIO(PRICES), "prices.txt", None).id
    run_jobs()
    return source_id


@pytest.fixture
def owner(login: Login, cast: Cast) -> FlaskClient:
    return login(cast.owner)


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/checks/{path}"


def add(client: FlaskClient, cast: Cast, **words: str) -> Any:
    return client.post(url(cast), data={"question": ASKED} | words)


def only_case(inside: Inside) -> RegressionCase:
    with inside():
        case = db.session.scalars(select(RegressionCase)).one()
        db.session.refresh(case)
        db.session.expunge(case)
        return case


def states(page: str) -> list[str]:
    return re.findall(r'data-state="(\w+)"', page)


# The page


def test_an_empty_page_teaches_what_checks_are(owner: FlaskClient, cast: Cast) -> None:
    page = owner.get(url(cast)).text
    assert "No checks yet" in page
    assert "Why this answer?" in page
    assert "Run now" not in page


def test_a_check_by_hand_is_asked_at_once_and_keeps_what_came(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    assert add(owner, cast, must_contain="42 pounds", source_name="prices.txt").status_code == 303
    assert states(owner.get(url(cast)).text) == ["new"]
    run_jobs()
    assert states(owner.get(url(cast)).text) == ["green"]
    case = only_case(inside)
    assert case.source_id == prices
    assert "42 pounds" in (case.last_answer or "")
    assert (case.last_score or 0) > 0.5


def test_a_red_check_says_what_was_expected_what_came_and_why(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs
) -> None:
    add(owner, cast, must_contain="55 pounds")
    run_jobs()
    page = owner.get(url(cast)).text
    assert states(page) == ["red"]
    assert "55 pounds" in page
    assert "A Nordmann fir costs 42 pounds." in page
    assert "The answer doesn’t say what it should." in page
    assert "Correct the text that is quoted" in page
    assert re.search(r'id="tab-count-checks"[^>]*>1<', owner.get(f"/b/{cast.slug}/knowledge/").text)


def test_another_passage_that_wins_is_named(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    with inside():
        services.add_file(io.BytesIO(b"Roses need six hours of sun a day."), "roses.txt", None)
    run_jobs()
    add(owner, cast, source_name="roses.txt")
    run_jobs()
    page = owner.get(url(cast)).text
    assert "Another passage wins, from “prices”" in page
    assert f"/b/{cast.slug}/knowledge/{prices}" in page


def test_nothing_found_is_said_so(owner: FlaskClient, cast: Cast, run_jobs: RunJobs) -> None:
    add(owner, cast, must_contain="42 pounds")
    run_jobs()
    assert "Nothing was found that could answer it." in owner.get(url(cast)).text


@pytest.mark.parametrize(
    ("words", "problem"),
    [
        ({}, "Say what the answer must contain"),
        ({"must_contain": "  ", "source_name": " "}, "Say what the answer must contain"),
        ({"question": " ", "must_contain": "x"}, "Write the question"),
        ({"source_name": "nowhere.pdf"}, "Nothing in your knowledge is called “nowhere.pdf”"),
        ({"question": "x" * 501, "must_contain": "x"}, "This is too long"),
        ({"must_contain": "x" * 5001}, "This is too long"),
    ],
)
def test_a_check_that_asks_for_nothing_is_refused(
    owner: FlaskClient, cast: Cast, inside: Inside, words: dict[str, str], problem: str
) -> None:
    response = add(owner, cast, **words)
    assert response.status_code == 422
    assert problem in response.text
    with inside():
        assert db.session.scalar(select(func.count()).select_from(RegressionCase)) == 0


def test_a_neighbour_s_source_can_not_be_named(owner: FlaskClient, app: Flask, cast: Cast) -> None:
    with app.app_context(), cast.neighbour_scope(), unit_of_work():
        services.add_question("Secret?", "Yes.", None)
    assert add(owner, cast, source_name="Secret?").status_code == 422


def test_a_check_can_be_changed_and_is_asked_again(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, must_contain="55 pounds", source_name="prices.txt")
    run_jobs()
    case = only_case(inside)
    form = owner.get(url(cast, f"{case.id}/edit")).text
    assert "55 pounds" in form
    assert 'value="prices.txt"' in form
    changed = {"question": ASKED, "must_contain": "42 pounds", "source_name": ""}
    assert owner.post(url(cast, f"{case.id}/edit"), data=changed).status_code == 303
    run_jobs()
    case = only_case(inside)
    assert (case.is_green, case.source_id) == (True, None)
    refused = owner.post(url(cast, f"{case.id}/edit"), data={"question": ASKED})
    assert refused.status_code == 422


def test_a_check_can_be_deleted_and_the_knowledge_stays(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, source_name="prices.txt")
    case = only_case(inside)
    deleted = owner.post(url(cast, f"{case.id}/deletion"), headers=HTMX)
    assert deleted.status_code == 200
    assert "No checks yet" in deleted.text
    run_jobs()  # it was to be asked
    with inside():
        assert Source.by_id(prices) is not None
    assert owner.post(url(cast, f"{case.id}/deletion")).status_code == 404


def test_who_may_only_read_sees_and_changes_nothing(
    login: Login, owner: FlaskClient, cast: Cast, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds")
    case = only_case(inside)
    viewer = login(cast.viewer)
    page = viewer.get(url(cast)).text
    assert ASKED in page
    assert "Run now" not in page
    assert "Add a check" not in page
    for path in ("", "runs", f"{case.id}/edit", f"{case.id}/deletion"):
        assert viewer.post(url(cast, path)).status_code == 403
    neighbour = login(cast.neighbour)
    own_door = f"/b/{cast.neighbour_slug}/knowledge/checks/{case.id}/deletion"
    assert neighbour.post(own_door).status_code == 404
    assert only_case(inside).id == case.id


# All of them


@pytest.fixture
def many(inside: Inside, cast: Cast) -> None:
    """500 checks that nobody has asked yet."""
    with inside():
        db.session.add_all(
            RegressionCase(
                question=f"Question number {n}?", must_contain="x", created_by=cast.owner.id
            )
            for n in range(500)
        )


@pytest.mark.usefixtures("many")
def test_five_hundred_checks_stand_on_pages_and_cost_as_few_queries_as_one_page(
    owner: FlaskClient, cast: Cast, count_queries: Callable[[], Any]
) -> None:
    with count_queries() as statements:
        first = owner.get(url(cast)).text
    assert len(states(first)) == 50
    assert len(statements) <= 12, statements
    assert "Not run 500" in first
    assert "page=2" in first
    last = owner.get(url(cast, "?page=10")).text
    assert len(states(last)) == 50
    assert "page=11" not in last
    assert not set(re.findall(r"regressioncase_\d+", first)) & set(
        re.findall(r"regressioncase_\d+", last)
    )
    assert states(owner.get(url(cast, "?show=red")).text) == []


@pytest.mark.parametrize("query", ["?page=-1", "?page=x", "?page=999999999999", "?show=sideways"])
def test_a_strange_page_does_no_harm(owner: FlaskClient, cast: Cast, query: str) -> None:
    assert owner.get(url(cast, query)).status_code == 200


def test_all_are_run_once_however_often_it_is_clicked(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds")
    run_jobs()
    for _click in range(3):
        fragment = owner.post(url(cast, "runs"), headers=HTMX)
        assert fragment.status_code == 200
        assert "Olivia has all questions asked again" in fragment.text
        assert "0 of 1" in fragment.text
    with inside():
        assert db.session.scalar(select(func.count()).select_from(CheckRun)) == 1
        asked_for = select(func.count()).select_from(OutboxJob)
        mine = asked_for.where(
            OutboxJob.business_id == cast.business_id, OutboxJob.name == "knowledge.check"
        )
        assert db.session.scalar(mine) == 1
    before = only_case(inside).last_run_at
    run_jobs()
    after = only_case(inside).last_run_at
    assert before is not None
    assert after is not None
    assert after > before
    assert "Run now" in owner.get(url(cast)).text


@pytest.mark.usefixtures("many")
def test_a_run_goes_on_where_it_was_cut_off(
    inside: Inside, run_jobs: RunJobs, monkeypatch: pytest.MonkeyPatch, cast: Cast
) -> None:
    with inside():
        run = checking.start()
        assert run is not None
        run_id = run.id
        asked_before = cases.ask
        left = iter(range(25))

        def cut_off(case: RegressionCase, *rest: Any) -> None:
            next(left)  # StopIteration is the worker's death
            asked_before(case, *rest)

        monkeypatch.setattr(cases, "ask", cut_off)
        with pytest.raises(StopIteration):
            checking.run(run_id)
        db.session.rollback()
        assert checking.progress(db.session.get_one(CheckRun, (cast.business_id, run_id)))[0] == 20
        asked: list[int] = []
        monkeypatch.setattr(
            cases, "ask", lambda case, *rest: (asked.append(case.id), asked_before(case, *rest))
        )
        checking.run(run_id)
        assert len(asked) == len(set(asked)) == 480


def test_a_change_of_the_knowledge_during_a_run_has_all_asked_again(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds")
    run_jobs()
    with inside():
        checking.start()
        first = db.session.scalars(select(CheckRun.asked_at)).one()
    with inside():
        checking.start(anew=True)
        assert db.session.scalars(select(CheckRun.asked_at)).one() > first


def test_a_run_that_fails_for_good_says_so_and_can_be_asked_for_again(
    owner: FlaskClient, cast: Cast, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds")
    with inside():
        run = checking.start()
        assert run is not None
        run_id = run.id
    with inside():
        checking.fail(run_id, "OperationalError")
    page = owner.get(url(cast)).text
    assert "Something went wrong on our side" in page
    assert "Run now" in page


def test_without_checks_nothing_is_run(owner: FlaskClient, cast: Cast, inside: Inside) -> None:
    assert owner.post(url(cast, "runs")).status_code == 303
    with inside():
        assert CheckRun.newest() is None


# Before a change goes live


@pytest.fixture
def rival(inside: Inside, owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs) -> int:
    """A new answer that would turn a green check red, so it waits."""
    add(owner, cast, must_contain="42 pounds", source_name="prices.txt")
    run_jobs()
    with inside():
        source_id = services.add_question(ASKED, "A Nordmann fir costs 55 pounds.", None).id
    run_jobs()
    return source_id


def test_what_would_turn_red_is_shown_before_it_is_live(
    owner: FlaskClient, cast: Cast, rival: int
) -> None:
    for page in (f"/b/{cast.slug}/knowledge/", f"/b/{cast.slug}/knowledge/{rival}"):
        text = owner.get(page).text
        assert "Waits for you" in text
        assert "1 check would turn red" in text
        assert ASKED in text
        assert "42 pounds" in text
        assert "55 pounds" in text
    assert states(owner.get(url(cast)).text) == ["green"]


def test_published_anyway_it_is_live_and_the_check_turns_red(
    owner: FlaskClient, cast: Cast, rival: int, run_jobs: RunJobs
) -> None:
    assert owner.post(url(cast, f"held/{rival}/publication")).status_code == 303
    run_jobs()
    assert states(owner.get(url(cast)).text) == ["red"]
    assert owner.post(url(cast, f"held/{rival}/publication")).status_code == 409


def test_discarded_it_is_as_if_it_had_never_come(
    owner: FlaskClient, cast: Cast, rival: int, run_jobs: RunJobs
) -> None:
    response = owner.post(url(cast, f"held/{rival}/discard"))
    assert response.location == f"/b/{cast.slug}/knowledge/"
    run_jobs()
    assert states(owner.get(url(cast)).text) == ["green"]
    assert owner.post(url(cast, f"held/{rival}/discard")).status_code == 404


def test_only_who_may_write_decides(login: Login, cast: Cast, rival: int, inside: Inside) -> None:
    for action in ("publication", "discard"):
        path = f"held/{rival}/{action}"
        assert login(cast.agent).post(url(cast, path)).status_code == 403
        own_door = f"/b/{cast.neighbour_slug}/knowledge/checks/{path}"
        assert login(cast.neighbour).post(own_door).status_code == 404
    with inside():
        source = Source.by_id(rival)
        assert source is not None
        assert source.status == "held"
    page = login(cast.agent).get(f"/b/{cast.slug}/knowledge/{rival}").text
    assert "1 check would turn red" in page
    assert "Publish anyway" not in page


def test_deleting_says_by_name_which_checks_rely_on_it(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs
) -> None:
    for number in range(5):
        add(owner, cast, question=f"{ASKED} {number}", source_name="prices.txt")
    run_jobs()
    page = owner.get(f"/b/{cast.slug}/knowledge/{prices}").text
    assert f"5 checks rely on this: “{ASKED} 0”, “{ASKED} 1”, “{ASKED} 2” and 2 more." in page


def test_a_red_check_has_nothing_to_lose(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs
) -> None:
    add(owner, cast, must_contain="55 pounds", source_name="prices.txt")
    run_jobs()
    assert "on this" not in owner.get(f"/b/{cast.slug}/knowledge/{prices}").text


def test_a_check_for_words_outlives_its_file_and_turns_red(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds", source_name="prices.txt")
    add(owner, cast, question="Any firs?", source_name="prices.txt")
    run_jobs()
    owner.post(f"/b/{cast.slug}/knowledge/{prices}/deletion")
    run_jobs()
    case = only_case(inside)  # the one that asked for the file alone is gone with it
    assert (case.question, case.source_id, case.is_green) == (ASKED, None, False)


def test_changing_an_answer_says_which_checks_rely_on_it_and_takes_only_its_own_along(
    owner: FlaskClient, cast: Cast, run_jobs: RunJobs, inside: Inside
) -> None:
    with inside():
        by = db.session.get_one(User, cast.owner.id)
        source_id = services.correct(ASKED, "42 pounds each.", by).source_id
    add(owner, cast, question="Price of a Nordmann fir?", must_contain="42", source_name=ASKED)
    run_jobs()
    edit = f"/b/{cast.slug}/knowledge/{source_id}/edit"
    assert "2 checks rely on this" in owner.get(edit).text
    owner.post(edit, data={"question": ASKED, "answer": "55 pounds each."})
    run_jobs()
    with inside():
        found = db.session.execute(
            select(RegressionCase.must_contain, RegressionCase.is_green).order_by(RegressionCase.id)
        ).all()
    assert [tuple(row) for row in found] == [("55 pounds each.", True), ("42", False)]


def test_all_can_be_asked_with_another_threshold(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, must_contain="42 pounds")
    run_jobs()
    with inside():
        assert [case.is_green for case in cases.run_all(encode)] == [True]
        (case,) = cases.run_all(encode, threshold=1.01)
        assert (case.is_green, (case.last_result or {})["problem"]) == (False, "unsure")


def test_another_threshold_has_all_asked_again_with_it(
    owner: FlaskClient, cast: Cast, prices: int, run_jobs: RunJobs, inside: Inside
) -> None:
    add(owner, cast, question="Could a Nordmann stand in my garden?", must_contain="42 pounds")
    run_jobs()
    score = only_case(inside).last_score or 0
    assert 0.05 < score < 0.9
    for percent in (int(score * 100), int(score * 100) + 1):
        chosen = {"level": "exact", "percent": str(percent)}
        assert owner.post(f"/b/{cast.slug}/knowledge/answering/", data=chosen).status_code == 303
        run_jobs()
        assert only_case(inside).is_green is (percent < score * 100)
