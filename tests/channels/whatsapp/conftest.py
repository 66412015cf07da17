"""A line of a number at the stand-in, and somebody who has just written to it."""

from collections.abc import Iterator

import pytest
from flask import Flask

from app.channels.border import Address, Line, Outgoing
from app.channels.content import Content
from tests.standins.graph import App, Graph, Number, Person


@pytest.fixture
def graph(app: Flask) -> Iterator[Graph]:
    kept = app.config["GRAPH_BASE_URL"]
    with app.app_context(), Graph() as graph:
        app.config["GRAPH_BASE_URL"] = graph.url
        yield graph
    app.config["GRAPH_BASE_URL"] = kept


@pytest.fixture
def number(graph: Graph) -> Number:
    return graph.number("+442079460018", app=graph.own_app())


@pytest.fixture
def line(number: Number) -> Line:
    return line_of(number)


def line_of(number: Number) -> Line:
    app: App = number.app
    return Line(
        1, "whatsapp", number.phone_number_id, {"waba_id": number.waba_id, "app": "own"},
        {"access_token": number.token, "app_secret": app.secret},
    )  # fmt: skip


@pytest.fixture
def maya(graph: Graph, number: Number) -> Person:
    person = graph.person()
    person.writes(number, "Hello")
    graph.take_hooks()
    return person


def to(person: Person, content: Content, **more: object) -> Outgoing:
    return Outgoing((Address("phone", person.phone),), content, "token-1", **more)  # type: ignore[arg-type]
