"""A page that the cast's business has connected, at a stand-in of Graph."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from flask import Flask

from app.channels.border import Line
from app.channels.models import Channel
from app.core import tenancy
from app.extensions import db
from tests.channels.reached import make_channel
from tests.conftest import Cast, Inside
from tests.standins.graph import Graph
from tests.standins.graph.messenger import Page, PagePerson


@dataclass
class Connected:
    """`page` of the business, and the channel's id and key here."""

    app: Flask
    page: Page
    channel_id: int
    public_key: str
    run_jobs: Callable[[], int]

    @property
    def graph(self) -> Graph:
        return self.page.graph

    @property
    def channel(self) -> Channel:
        return db.session.get_one(Channel, (tenancy.current_business_id(), self.channel_id))

    def post(self, hook: Any, path: str = "", **headers: str) -> int:
        url = f"/hooks/messenger/{path or self.public_key}"
        client = self.app.test_client()
        return client.post(url, data=hook.body, headers=hook.headers | headers).status_code

    def hear(self) -> None:
        """What the stand-in has told since the last time, worked off; and what comes of that."""
        for _ in range(3):
            hooks = self.graph.take_hooks()
            assert {self.post(hook) for hook in hooks} <= {200}
            self.run_jobs()


@pytest.fixture
def graph(app: Flask) -> Iterator[Graph]:
    kept = app.config["GRAPH_BASE_URL"]
    try:
        with Graph() as graph:
            app.config["GRAPH_BASE_URL"] = graph.url
            yield graph
    finally:
        app.config["GRAPH_BASE_URL"] = kept


@pytest.fixture
def page(graph: Graph) -> Page:
    return graph.page(app=graph.own_app())


@pytest.fixture
def maya(page: Page) -> PagePerson:
    """Somebody who has just written."""
    person = page.person()
    person.writes("Hello")
    page.graph.take_hooks()
    return person


@pytest.fixture
def line(page: Page) -> Line:
    return line_of(page)


def settings_of(page: Page) -> dict[str, str]:
    return {"page_id": page.page_id, "app": "own", "app_id": page.app.id}


def credentials_of(page: Page) -> dict[str, str]:
    return {
        "access_token": page.token,
        "app_secret": page.app.secret,
        "verify_token": page.app.verify_token,
    }


def line_of(page: Page) -> Line:
    return Line(1, "messenger", page.page_id, settings_of(page), credentials_of(page))


@pytest.fixture
def connected(
    app: Flask, cast: Cast, inside: Inside, page: Page, run_jobs: Callable[[], int]
) -> Connected:
    _ = cast
    with inside():
        channel = make_channel("messenger", external_id=page.page_id, settings=settings_of(page))
        channel.credentials = credentials_of(page)
        db.session.flush()
        return Connected(app, page, channel.id, channel.public_key, run_jobs)
