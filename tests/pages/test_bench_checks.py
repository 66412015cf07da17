"""A good exchange on the test bench becomes a check."""

from collections.abc import Callable

from sqlalchemy import func, select

from app.extensions import db
from app.knowledge.models import RegressionCase
from tests.conftest import Inside
from tests.pages.benching import ASKED, FACT, HTMX, UNKNOWN, Bench, found


def test_a_good_exchange_is_kept_as_a_check(
    at_bench: Bench, inside: Inside, run_jobs: Callable[[], int]
) -> None:
    form = at_bench.client.get(found(r'hx-get="([^"]+/check)"', at_bench.ask(ASKED)), headers=HTMX)
    assert f'value="{ASKED}"' in form.text
    assert f">{FACT}</textarea>" in form.text.replace("\r\n", "")
    assert 'value="Do you deliver, and what does it cost?"' in form.text
    typed = {"question": ASKED, "must_contain": "£4.95", "source_name": ""}
    kept = at_bench.client.post(f"{at_bench.waiting}/check", data=typed, headers=HTMX)
    assert "Kept as a check" in kept.text
    run_jobs()
    with inside():
        [case] = db.session.scalars(select(RegressionCase))
        assert (case.question, case.must_contain, case.is_green) == (ASKED, "£4.95", True)


def test_keeping_it_twice_keeps_one(at_bench: Bench, inside: Inside) -> None:
    at_bench.ask(ASKED)
    typed = {"question": ASKED, "must_contain": "£4.95", "source_name": ""}
    for _ in range(2):
        response = at_bench.client.post(f"{at_bench.waiting}/check", data=typed)
        assert response.status_code == 303
    with inside():
        assert db.session.scalar(select(func.count()).select_from(RegressionCase)) == 1


def test_a_check_that_expects_nothing_is_refused_and_stays_typed(at_bench: Bench) -> None:
    at_bench.ask(ASKED)
    typed = {"question": "Typed anew", "must_contain": " ", "source_name": ""}
    for headers in (HTMX, {}):
        response = at_bench.client.post(f"{at_bench.waiting}/check", data=typed, headers=headers)
        assert response.status_code == 422
        assert "Say what the answer must contain" in response.text
        assert "Typed anew" in response.text


def test_where_nothing_was_answered_there_is_nothing_to_keep(at_bench: Bench) -> None:
    for question in ("I want to talk to a person", UNKNOWN, "hello!"):
        assert "/check" not in at_bench.ask(question)
        assert at_bench.client.get(f"{at_bench.waiting}/check").status_code == 404
