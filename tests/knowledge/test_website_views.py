"""Adding a website, its page, its schedule: who may, what is refused, and what is said."""

from collections.abc import Callable
from contextlib import AbstractContextManager

import pytest
from flask import Flask
from sqlalchemy import select

from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import websites
from app.knowledge.models import Source, WebPage
from tests.conftest import Cast
from tests.knowledge.test_views import Login

HTMX = {"HX-Request": "true"}


def url(cast: Cast, path: str = "") -> str:
    return f"/b/{cast.slug}/knowledge/{path}"


@pytest.fixture
def website(app: Flask, cast: Cast) -> int:
    """Read a while ago, with a page of each kind."""
    with app.app_context(), cast.scope(), unit_of_work():
        source = websites.add("example.com", None)
        source.status, source.revision, source.synced_at = "ready", 1, now()
        source.page_count, source.total_count = 1, 4
        for status, message in (("read", None), ("failed", "error 500"), ("gone", "It is gone.")):
            db.session.add(
                WebPage(
                    source_id=source.id,
                    url=f"https://example.com/{status}",
                    depth=1,
                    status=status,
                    message=message,
                    revision=1,
                )
            )
        return source.id


def sources(app: Flask, cast: Cast) -> list[Source]:
    with app.app_context(), cast.scope():
        return list(db.session.scalars(select(Source).order_by(Source.id)))


def test_an_address_is_enough(app: Flask, cast: Cast, login: Login) -> None:
    client = login(cast.owner)
    added = client.post(url(cast, "websites/"), data={"address": "Example.com/"}, headers=HTMX)
    assert (added.status_code, added.headers["HX-Trigger"].count("sources")) == (200, 1)
    (source,) = sources(app, cast)
    assert (source.address, source.name) == ("https://example.com/", "example.com")
    assert (source.status, source.sync_every, source.page_limit) == ("waiting", "weekly", 300)
    again = client.post(url(cast, "websites/"), data={"address": "https://example.com"})
    assert again.location.endswith(f"/knowledge/{source.id}")
    assert len(sources(app, cast)) == 1


@pytest.mark.parametrize(
    ("address", "words"),
    [
        ("", "Type the address of your website"),
        ("fernbrook", "This isn’t a whole address"),
        ("http://10.0.0.1/", "private network"),
        ("http://[::1]/", "private network"),
        ("ftp://example.com/", "http"),
        ("https://user:secret@example.com/", "address"),
        ("https://" + "a" * 3000 + ".com", "too long"),
    ],
)
def test_what_is_no_address_is_told_and_stays_in_the_field(
    app: Flask, cast: Cast, login: Login, address: str, words: str
) -> None:
    for headers in (HTMX, {}):
        refused = login(cast.owner).post(
            url(cast, "websites/"), data={"address": address}, headers=headers
        )
        assert refused.status_code == 422
        assert words in refused.text
        assert address[:60] in refused.text
    assert sources(app, cast) == []


def test_its_page_says_how_it_stands(cast: Cast, login: Login, website: int) -> None:
    page = login(cast.viewer).get(url(cast, str(website))).text
    for words in ("example.com/read", "error 500", "It is gone.", "Not read 2"):
        assert words in page
    assert "Read again now" not in page
    problems = login(cast.viewer).get(url(cast, f"{website}?show=problems")).text
    assert "example.com/read<" not in problems
    assert "Read again now" in login(cast.owner).get(url(cast, str(website))).text


def test_its_list_goes_on_by_key_and_asks_no_more_for_more_pages(
    app: Flask,
    cast: Cast,
    login: Login,
    website: int,
    count_queries: Callable[[], AbstractContextManager[list[str]]],
) -> None:
    client = login(cast.owner)
    client.get(url(cast, str(website)))
    with count_queries() as few:
        client.get(url(cast, str(website)))
    with app.app_context(), cast.scope(), unit_of_work():
        for number in range(60):
            db.session.add(
                WebPage(source_id=website, url=f"https://example.com/{number}", depth=1, revision=1)
            )
    with count_queries() as many:
        page = client.get(url(cast, str(website))).text
    assert len(many) == len(few) <= 11, many
    assert page.count('class="web-page"') == 50
    after = page.partition("after=")[2].partition('"')[0].replace("&amp;", "&")
    more = client.get(url(cast, f"websites/{website}/pages?after={after}"), headers=HTMX).text
    assert more.count('class="web-page"') == 13


def test_the_schedule_can_be_changed(app: Flask, cast: Cast, login: Login, website: int) -> None:
    client, path = login(cast.owner), url(cast, f"websites/{website}/schedule")
    client.post(path, data={"sync_every": "daily", "page_limit": "50"})
    (source,) = sources(app, cast)
    assert (source.sync_every, source.page_limit) == ("daily", 50)
    assert source.next_sync_at is not None
    client.post(path, data={"sync_every": "", "page_limit": "50"})
    (source,) = sources(app, cast)
    assert (source.sync_every, source.next_sync_at) == (None, None)
    assert client.post(path, data={"sync_every": "hourly", "page_limit": "9"}).status_code == 422


def test_reading_again_is_asked_for_once(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    client, path = login(cast.owner), url(cast, f"websites/{website}/sync")
    assert client.post(path, headers=HTMX).status_code == 200
    assert client.post(path, headers=HTMX).status_code == 409
    assert sources(app, cast)[0].revision == 2


def test_an_alert_stands_on_the_start_page_until_it_is_seen(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        db.session.scalars(select(Source)).one().alert = "12 pages of the website are gone."
    client = login(cast.owner)
    assert "12 pages of the website are gone." in client.get(f"/b/{cast.slug}/").text
    client.post(url(cast, f"websites/{website}/alert/dismissal"))
    assert "12 pages of the website are gone." not in client.get(f"/b/{cast.slug}/").text


def test_one_page_is_tried_again_by_who_may(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    with app.app_context(), cast.scope():
        failed = WebPage.status == "failed"
        page_id = db.session.scalars(select(WebPage.id).where(failed)).one()
    path = url(cast, f"websites/{website}/pages/{page_id}/retry")
    assert login(cast.viewer).post(path).status_code == 403
    assert login(cast.owner).post(path, headers=HTMX).status_code == 200
    assert sources(app, cast)[0].status == "reading"
    assert login(cast.owner).post(path, headers=HTMX).status_code == 409


def test_pages_of_another_business_or_source_are_not_there(
    app: Flask, cast: Cast, login: Login, website: int
) -> None:
    neighbour = login(cast.neighbour)
    theirs = f"/b/{cast.neighbour_slug}/knowledge/websites/{website}"
    assert neighbour.get(f"{theirs}/state").status_code == 404
    assert neighbour.post(f"{theirs}/sync").status_code == 404
    with app.app_context(), cast.scope():
        page_id = db.session.scalars(select(WebPage.id).limit(1)).one()
    with app.app_context(), cast.scope(), unit_of_work():
        other = websites.add("example.org", None).id
    path = url(cast, f"websites/{other}/pages/{page_id}/retry")
    assert login(cast.owner).post(path).status_code == 404
