"""Visitors with questions, as in tests/assistant; conversations that end; and the test bench of a business that
knows two things."""

from collections.abc import Callable

import pytest
from flask.testing import FlaskClient

from app.knowledge import services as knowledge
from tests.assistant.analysis.conftest import time
from tests.assistant.conftest import gaps, member, visitors
from tests.conftest import Cast, Inside, Person
from tests.pages.benching import FACT, Bench

__all__ = ["gaps", "member", "time", "visitors"]


@pytest.fixture
def two_answers(cast: Cast, inside: Inside, run_jobs: Callable[[], int]) -> Cast:
    with inside():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
        knowledge.add_question("Are dogs allowed?", "Dogs on a lead are welcome.", None)
    run_jobs()
    return cast


@pytest.fixture
def at_bench(
    two_answers: Cast, login: Callable[[Person], FlaskClient], run_jobs: Callable[[], int]
) -> Bench:
    return Bench(login(two_answers.owner), two_answers.slug, run_jobs)
