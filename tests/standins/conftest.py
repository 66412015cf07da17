"""A stand-in of Graph with a number, and somebody who has just written to it."""

from collections.abc import Iterator

import pytest

from tests.standins.graph import Graph, Number, Person


@pytest.fixture
def graph() -> Iterator[Graph]:
    with Graph() as graph:
        yield graph


@pytest.fixture
def number(graph: Graph) -> Number:
    return graph.number()


@pytest.fixture
def maya(graph: Graph, number: Number) -> Person:
    """Somebody who has just written."""
    person = graph.person()
    person.writes(number, "Hello")
    graph.take_hooks()
    return person
