"""Who is angry gets a person, in whichever language; who only has its words gets an answer."""

from collections.abc import Callable

import pytest
from flask import Flask
from sqlalchemy import select

from app.conversations.models import HandOff
from app.extensions import db
from tests.assistant.conftest import Visitors, visitors
from tests.conftest import Cast

__all__ = ["visitors"]


def reasons(app: Flask, cast: Cast) -> list[str]:
    with app.app_context(), cast.scope():
        return list(db.session.scalars(select(HandOff.reason)))


@pytest.mark.parametrize(
    "text",
    [
        "You people are useless!", "Esto es una vergüenza", "Das ist eine Frechheit!",
        "C’est vraiment inadmissible", "Isto é um absurdo!",
    ],
)  # fmt: skip
def test_anger_calls_a_person_before_a_word_is_said(
    app: Flask, cast: Cast, visitors: Visitors, text: str
) -> None:
    talk = visitors.ask(text)
    assert reasons(app, cast) == ["anger"]
    assert "assistant" not in [author for author, _body in visitors.lines(talk)]


def test_a_question_with_such_a_word_is_answered(
    app: Flask, cast: Cast, visitors: Visitors, run_jobs: Callable[[], int]
) -> None:
    talk = visitors.ask("When are you open? My neighbour is furious about his hedge")
    assert reasons(app, cast) == []
    assert "assistant" in [author for author, _body in visitors.lines(talk)]
