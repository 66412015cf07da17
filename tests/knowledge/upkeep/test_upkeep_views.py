"""The tab Upkeep: findings by kind, with what to do about each."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from flask.testing import FlaskClient
from sqlalchemy import select

from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services
from app.knowledge.models import Finding, Source
from tests.conftest import Cast, Person

Login = Callable[[Person], FlaskClient]
Count = Callable[[], AbstractContextManager[list[str]]]
HTMX = {"HX-Request": "true"}


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/upkeep/{path}"


@pytest.fixture
def finding(app: Flask, cast: Cast, login: Login, run_jobs: Callable[[], int]) -> int:
    """Two answers that contradict each other, found by a member who asked."""
    with app.app_context(), cast.scope(), unit_of_work():
        services.add_question(
            "What does the <b>Nordmann fir</b> cost when I buy it in the shop?",
            "A Nordmann fir costs £42.",
            None,
        )
        services.add_question(
            "How much is the Nordmann fir when I buy it in the shop?",
            "A Nordmann fir costs £45.",
            None,
        )
    run_jobs()
    assert login(cast.owner).post(url(cast, "runs"), headers=HTMX).status_code == 204
    run_jobs()
    with app.app_context(), cast.scope():
        return db.session.scalars(select(Finding.id)).one()


def test_before_the_first_run_the_page_says_so(cast: Cast, login: Login) -> None:
    page = login(cast.viewer).get(url(cast)).text
    assert "Not looked through yet" in page
    assert "Look now" not in page
    assert "Look now" in login(cast.owner).get(url(cast)).text


def test_a_finding_says_what_where_and_what_to_do(cast: Cast, login: Login, finding: int) -> None:
    page = login(cast.owner).get(url(cast)).text
    assert "One says £4" in page
    assert "A Nordmann fir costs £42." in page
    assert "A Nordmann fir costs £45." in page
    assert "What does the &lt;b&gt;Nordmann fir&lt;/b&gt; cost" in page
    assert page.count('/edit"') == 2
    assert page.count("Delete</span>") >= 2
    assert page.count("#chunk_") == 2
    assert "2 passages" in page
    viewers = login(cast.viewer).get(url(cast)).text
    assert "One says £4" in viewers
    assert "This is fine" not in viewers
    assert "/edit" not in viewers


def test_its_link_leads_to_the_passage(cast: Cast, login: Login, finding: int) -> None:
    page = login(cast.owner).get(url(cast)).text
    link = page.partition("documents/")[2].partition('"')[0]
    path = page.partition('<a href="')[2]
    assert "#chunk_" in link
    start = page.index("documents/")
    whole = page[page.rindex('"', 0, start) + 1 : page.index('"', start)]
    passage = login(cast.owner).get(whole.partition("#")[0].replace("&amp;", "&")).text
    assert f'id="{whole.partition("#")[2]}"' in passage
    assert path


def test_what_is_fine_goes_and_can_be_put_back(cast: Cast, login: Login, finding: int) -> None:
    client = login(cast.owner)
    for _twice in range(2):
        gone = client.post(url(cast, f"{finding}/dismissal?show=contradiction"), headers=HTMX)
        assert gone.status_code == 200
        assert "One says" not in gone.text
    assert "Put it back" in client.get(url(cast, "?show=dismissed")).text
    assert client.post(url(cast, f"{finding}/restoration")).status_code == 303
    assert "One says" in client.get(url(cast)).text


def test_an_agent_and_a_neighbour_change_nothing(cast: Cast, login: Login, finding: int) -> None:
    agent, neighbour = login(cast.agent), login(cast.neighbour)
    assert agent.get(url(cast)).status_code == 200
    for path in ("runs", f"{finding}/dismissal", f"{finding}/restoration"):
        assert agent.post(url(cast, path)).status_code == 403
        assert neighbour.post(url(cast, path)).status_code == 404
    others = f"/b/{cast.neighbour_slug}/knowledge/upkeep/{finding}/dismissal"
    assert neighbour.post(others).status_code == 404
    assert login(cast.owner).post(url(cast, f"{'9' * 30}/dismissal")).status_code == 404


def test_odd_addresses_show_the_first_page(cast: Cast, login: Login, finding: int) -> None:
    client = login(cast.owner)
    for query in ("show=nothing", "after=x", "after=nan_1", "after=1_-4", "after=inf_" + "9" * 40):
        assert client.get(url(cast, f"findings?{query}")).status_code == 200


def test_the_list_goes_on_by_key_and_asks_no_more_for_more(
    app: Flask, cast: Cast, login: Login, finding: int, count_queries: Count
) -> None:
    client = login(cast.owner)
    client.get(url(cast))
    with count_queries() as few:
        client.get(url(cast))
    with app.app_context(), cast.scope(), unit_of_work():
        first = db.session.scalars(select(Finding)).one()
        source = db.session.scalars(select(Source).where(Source.id == first.source_id)).one()
        for number in range(60):
            db.session.add(
                Finding(kind="contradiction", key=f"k{number}", source_id=source.id,
                        chunk_id=first.chunk_id, other_chunk_id=first.other_chunk_id,
                        detail=first.detail, weight=0.3, found_at=now())
            )  # fmt: skip
    with count_queries() as many:
        page = client.get(url(cast)).text
    assert len(many) == len(few) <= 11
    assert page.count('class="finding"') == 25
    seen = 25
    while "findings?show=contradiction&amp;after=" in page:
        after = page.partition("&amp;after=")[2].partition('"')[0]
        page = client.get(
            url(cast, f"findings?show=contradiction&after={after}"), headers=HTMX
        ).text
        seen += page.count('class="finding"')
    assert seen == 61
