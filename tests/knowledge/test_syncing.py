"""A website becomes knowledge, and stays as it is: through a real site of 300 pages on the loopback."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.core import jobs
from app.core.db import now
from app.core.errors import Conflict
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import answering, crawl_report, crawling, services, syncing, websites
from app.knowledge.embeddings.current import encode
from app.knowledge.models import ChunkVector, Document, Source, WebPage
from app.knowledge.website import opening
from tests.conftest import Cast
from tests.standins.website import Website, page

PAGE = page(
    "Prices", "<p>A Boston fern costs 12 pounds and a tree fern costs 89 pounds, pot included.</p>"
)


@pytest.fixture
def site(monkeypatch: pytest.MonkeyPatch) -> Iterator[Website]:
    with Website() as running:
        monkeypatch.setattr(websites, "ALLOW", running.allow)
        monkeypatch.setattr(opening, "MIN_DELAY_SECONDS", 0.0)
        yield running


@pytest.fixture
def small(site: Website) -> Website:
    """Of three pages, and no sitemap."""
    links = '<a href="/prices">Prices</a> <a href="/delivery">Delivery</a>'
    home = page("Fernbrook", f"<p>We grow roses and ferns in Ashcombe since 1962.</p>{links}")
    site.pages = {"/": home, "/prices": PAGE, "/delivery": site.pages["/delivery"]}
    site.robots = (
        "User-agent: *\nDisallow: /calendar\nDisallow: /news\nSitemap: {origin}/none.xml\n"
    )
    return site


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


@pytest.fixture
def crawl(run_jobs: Callable[[], int], site: Website) -> Callable[..., Source]:
    """Add the site, or read it again, and do what follows."""

    def crawling(address: str = "/", page_limit: int = 300) -> Source:
        with unit_of_work():
            source = db.session.scalar(select(Source).where(Source.kind == "website"))
            if source is None:
                source = websites.add(site.origin + address, None, page_limit)
            else:
                websites.sync_now(source)
        run_jobs()
        db.session.expire_all()
        return db.session.scalars(select(Source).where(Source.kind == "website")).one()

    return crawling


def pages() -> dict[str, tuple[str, str | None]]:
    """Path to status and message."""
    found = db.session.scalars(select(WebPage))
    return {each.url.split("/", 3)[3]: (each.status, each.message) for each in found}


def said(question: str) -> answering.KnowledgeAnswer:
    return answering.answer(question, encode)


def test_a_site_of_300_pages_is_read_with_all_its_troubles(
    site: Website, crawl: Callable[..., Source]
) -> None:
    source = crawl(page_limit=1000)
    assert (source.status, source.error, source.alert) == ("ready", None, None)
    found = pages()
    assert source.page_count == sum(status == "read" for status, _ in found.values())
    assert sum(path.startswith("products/") and found[path][0] == "read" for path in found) == 265
    assert found["app"][1].startswith("This page is put together by JavaScript")
    assert found["members"] == (
        "skipped",
        "This page asks for a log-in, so customers can’t read it either.",
    )
    assert found["hidden"][1].startswith("The page asks search engines")
    assert found["huge"] == ("skipped", "The page is larger than 5 MB.")
    assert found["delivery/print"][1] == f"The same text as {site.origin}/delivery"
    assert found["old-delivery"][1].startswith("The page has moved to")
    assert found["missing"] == ("skipped", "A link leads here, but there is no such page.")
    assert found["broken"] == ("failed", "The site had a problem with this page (error 500).")
    assert found["forbidden"][1] == "The site shows this page only to some people."
    assert found["inward"][1].startswith("The page leads to another site")
    assert found["private/margins"][1] == "The site’s robots.txt asks not to read it."
    assert site.requests["/private/margins"] == 0
    assert found["latin"] == found["slow"] == ("read", None)
    assert found["loop/a"][1].startswith("The page has moved to")
    assert not any(
        "elsewhere" in path or path.startswith("account") or ".pdf" in path for path in found
    )
    assert 1 <= sum(path.startswith("calendar") for path in found) <= 24
    assert "Stopped at a calendar that never ends: /calendar?month=2026-11." in source.notice
    assert sum(path.startswith("maze") for path in found) < 20
    assert site.requests["/broken"] == crawling.MAX_ATTEMPTS
    most = {path: count for path, count in site.requests.items() if count > 1}
    assert set(most) <= {"/", "/broken", "/robots.txt", "/sitemap.xml", "/sitemap-1.xml.gz"}


def test_answers_lead_to_the_page(small: Website, crawl: Callable[..., Source]) -> None:
    crawl()
    found = said("What does a tree fern cost?")
    assert "89 pounds" in found.answer
    assert found.citations[0].url == f"{small.origin}/prices"
    assert found.citations[0].title == "Prices"


def test_a_second_run_sends_and_embeds_only_what_changed(
    small: Website, crawl: Callable[..., Source]
) -> None:
    crawl()
    before = set(db.session.scalars(select(ChunkVector.chunk_id)))
    small.change("/prices", PAGE.replace("89", "95"))
    small.forget_requests()
    source = crawl()
    after = set(db.session.scalars(select(ChunkVector.chunk_id)))
    assert (source.status, source.page_count, source.revision) == ("ready", 3, 2)
    assert (len(after), len(after & before)) == (3, 2)
    assert small.statuses[304] == 2
    assert "95 pounds" in said("What does a tree fern cost?").answer


def test_the_old_page_answers_until_the_run_is_over(
    small: Website, crawl: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl()
    small.change("/prices", PAGE.replace("89", "95"))
    heard = []
    monkeypatch.setattr(
        syncing, "_finish", lambda *_: heard.append(said("What does a tree fern cost?").answer)
    )
    crawl()
    assert "89 pounds" in heard[0]


def test_a_page_that_vanished_is_cited_no_more_at_once(
    small: Website, crawl: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl()
    small.remove("/prices")
    heard = []
    monkeypatch.setattr(
        syncing, "_finish", lambda *_: heard.append(said("What does a tree fern cost?"))
    )
    crawl()
    assert "89" not in heard[0].answer
    assert pages()["prices"] == ("gone", "The page doesn’t exist any more.")


def test_a_page_that_fails_for_a_while_is_cited_on(
    small: Website, crawl: Callable[..., Source]
) -> None:
    crawl()
    del small.pages["/prices"]
    small.pages["/"] = small.pages["/"].replace('"/prices"', '"/delivery"')
    with unit_of_work():
        broken = {"url": f"{small.origin}/broken"}
        db.session.execute(update(WebPage).where(WebPage.url.endswith("/prices")).values(broken))
    source = crawl()
    assert pages()["broken"][0] == "failed"
    assert (source.status, source.alert) == ("ready", None)
    assert "89 pounds" in said("What does a tree fern cost?").answer


def test_a_page_that_moved_is_cited_where_it_is_now(
    small: Website, crawl: Callable[..., Source]
) -> None:
    small.pages["/old-delivery"] = small.pages["/delivery"]
    small.pages["/"] = small.pages["/"].replace('"/delivery"', '"/old-delivery"')
    crawl()
    urls = set(db.session.scalars(select(Document.url)))
    assert urls == {f"{small.origin}{path}" for path in ("/", "/prices", "/delivery")}


def test_a_sitemap_can_be_given(site: Website, crawl: Callable[..., Source]) -> None:
    source = crawl("/sitemap.xml", 50)
    assert (source.status, source.page_count) == ("ready", 50)
    assert "Stopped at 50 pages" in (source.notice or "")


def test_a_lower_limit_takes_pages_away_again(site: Website, crawl: Callable[..., Source]) -> None:
    crawl("/sitemap.xml", 60)
    with unit_of_work():
        websites.change(db.session.scalars(select(Source)).one(), "daily", 50)
    source = crawl()
    assert source.page_count == 50
    assert db.session.scalar(select(func.count()).select_from(Document)) == 50


@pytest.mark.parametrize(
    ("status", "words"),
    [
        (403, "The site doesn’t let us read it"),
        (500, "The site has a problem just now (error 500)"),
        (404, "There is no page at this address"),
    ],
)
def test_a_site_that_answers_so_to_all_is_told_in_words(
    site: Website, crawl: Callable[..., Source], status: int, words: str
) -> None:
    site.fail_with(status)
    source = crawl()
    assert source.status == "failed"
    assert (source.error or "").startswith(words)


def test_a_log_in_page_for_all_is_told(site: Website, crawl: Callable[..., Source]) -> None:
    site.everything = site.pages["/members"]
    source = crawl()
    assert source.status == "failed"
    assert "asks for a log-in" in (source.error or "")


def test_robots_may_forbid_it_all(site: Website, crawl: Callable[..., Source]) -> None:
    site.robots = "User-agent: Frontdesk\nDisallow: /\n"
    source = crawl()
    assert "robots.txt asks that this address isn’t read" in (source.error or "")
    assert set(site.requests) == {"/", "/robots.txt"}


def test_an_address_that_leads_inward_is_refused(
    site: Website, crawl: Callable[..., Source]
) -> None:
    source = crawl("/inward")
    assert source.status == "failed"
    assert "private network" in (source.error or "") or "ports" in (source.error or "")


def test_a_known_site_that_is_down_is_tried_again_before_anybody_is_told(
    small: Website, crawl: Callable[..., Source], run_jobs: Callable[[], int]
) -> None:
    crawl()
    small.fail_with(503)
    source = crawl()
    assert (source.status, source.alert) == ("waiting", None)
    for _again in range(8):
        _make_due()
        run_jobs()
    db.session.expire_all()
    assert source.status == "failed"
    assert source.alert == source.error
    assert "error 503" in (source.error or "")
    assert (source.error or "").endswith(crawl_report.STAYS)
    assert "89 pounds" in said("What does a tree fern cost?").answer
    small.fail_with(None)
    assert crawl().alert is None


def _make_due() -> None:
    with unit_of_work():
        waiting = OutboxJob.done_at.is_(None), OutboxJob.name == "knowledge.sync"
        db.session.execute(update(OutboxJob).where(*waiting).values(available_at=now()))


def test_it_is_read_again_by_itself(
    small: Website, crawl: Callable[..., Source], run_jobs: Callable[[], int]
) -> None:
    source = crawl()
    assert source.next_sync_at is not None
    assert timedelta(days=6) < source.next_sync_at - now() < timedelta(days=8)
    with unit_of_work():
        due = OutboxJob.name == "knowledge.sync_due"
        db.session.execute(update(OutboxJob).where(due).values(available_at=now()))
    run_jobs()
    db.session.expire_all()
    assert source.revision == 2
    assert source.status == "ready"


def test_a_schedule_that_was_changed_leaves_no_second_run(
    small: Website, crawl: Callable[..., Source], run_jobs: Callable[[], int]
) -> None:
    source = crawl()
    with unit_of_work():
        websites.change(source, "daily", 300)
        websites.change(source, None, 300)
    assert source.next_sync_at is None
    with unit_of_work():
        due = OutboxJob.name == "knowledge.sync_due"
        db.session.execute(update(OutboxJob).where(due).values(available_at=now()))
    run_jobs()
    db.session.expire_all()
    assert source.revision == 1


def test_a_run_that_was_cut_off_goes_on_where_it_was(
    small: Website, crawl: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(crawling, "STEP_SECONDS", 0.0)  # a page a step
    real, calls = syncing._embed, []

    def dies_once(*args: int) -> Source | None:
        calls.append(args)
        if len(calls) == 1:
            raise RuntimeError("the worker is gone")
        return real(*args)

    monkeypatch.setattr(syncing, "_embed", dies_once)
    monkeypatch.setattr(jobs, "backoff", lambda *_: timedelta(0))
    source = crawl()
    assert (source.status, source.page_count) == ("ready", 3)
    assert db.session.scalar(select(func.count()).select_from(Document)) == 3
    assert max(small.requests[path] for path in ("/prices", "/delivery")) == 1


def test_removing_it_in_the_middle_leaves_nothing(
    small: Website, run_jobs: Callable[[], int], monkeypatch: pytest.MonkeyPatch
) -> None:
    real = crawling.visiting.visit

    def removes_first(*args: object) -> object:
        with unit_of_work():
            services.remove(db.session.scalars(select(Source)).one())
        monkeypatch.setattr(crawling.visiting, "visit", real)
        return real(*args)  # type: ignore[arg-type]

    monkeypatch.setattr(crawling.visiting, "visit", removes_first)
    with unit_of_work():
        websites.add(small.origin, None)
    run_jobs()
    for model in (Source, WebPage, Document):
        assert db.session.scalar(select(func.count()).select_from(model)) == 0


def test_the_same_address_twice_is_one_website(site: Website, app: Flask) -> None:
    with unit_of_work():
        first = websites.add(f"{site.origin}/?utm_source=mail", None)
        assert websites.add(f" {site.origin} ", None).id == first.id


def test_a_run_under_way_is_not_doubled(small: Website) -> None:
    with unit_of_work():
        source = websites.add(small.origin, None)
        with pytest.raises(Conflict):
            websites.sync_now(source)


def test_one_page_can_be_tried_again(
    small: Website, crawl: Callable[..., Source], run_jobs: Callable[[], int]
) -> None:
    text = small.pages.pop("/prices")
    source = crawl()
    assert pages()["prices"][0] == "skipped"
    small.pages["/prices"] = text
    small.forget_requests()
    with unit_of_work():
        wanted = WebPage.url.endswith("/prices")
        websites.retry_page(source, db.session.scalars(select(WebPage).where(wanted)).one())
    run_jobs()
    assert pages()["prices"] == ("read", None)
    assert small.requests["/delivery"] == 0
    assert "89 pounds" in said("What does a tree fern cost?").answer


def test_what_a_broken_run_had_found_is_found_again(
    small: Website, crawl: Callable[..., Source], monkeypatch: pytest.MonkeyPatch
) -> None:
    crawl()
    small.change("/prices", PAGE.replace("89", "95"))
    with monkeypatch.context() as interrupted:
        interrupted.setattr(syncing, "_finish", lambda *_: None)
        source = crawl()
    with unit_of_work():
        syncing.fail(source.id, source.revision, "OutsideError: The site is down.")
    with monkeypatch.context() as troubled:
        troubled.setattr(small, "out_of_order", {"/prices"})
        crawl()
    assert "89 pounds" in said("What does a tree fern cost?").answer
    crawl()
    assert "95 pounds" in said("What does a tree fern cost?").answer
