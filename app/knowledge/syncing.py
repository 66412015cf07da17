"""Crawling a website, in steps of under a minute that each ask for the next, so that a restart repeats one page.

A run has the source's revision. A page whose revision is older is still to be visited; the pages of earlier
runs are visited again, with what they told us last time, so unchanged ones aren't sent. What is new is staged.
A page that is gone is forgotten at once, the rest takes its place at the end (in the first run every few pages,
as there is nothing to replace).
"""

from sqlalchemy import delete, select, update

from app.core import unit_of_work
from app.core.db import now
from app.core.errors import OutsideError
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import crawl_report, indexing, learning, websites
from app.knowledge.crawling import Crawl, queue
from app.knowledge.embeddings.current import encode_many
from app.knowledge.models import Document, Source, WebPage
from app.knowledge.website.frontier import is_page
from app.knowledge.website.opening import Site, SiteClosed, open_site
from app.lib.marking import kept


def sync(source_id: int, revision: int) -> None:
    """One step of a run. Safe to repeat at any point."""
    source = learning.find(source_id, revision)
    if source is None or not source.is_at_work:
        return
    is_first_step = source.status == "waiting"
    address, limit = source.address or "", source.page_limit or websites.DEFAULT_PAGE_LIMIT
    unit_of_work.commit()  # no transaction is open while we wait for the site
    try:
        site = open_site(address, websites.ALLOW, limit, with_sitemaps=is_first_step)
        if is_first_step:
            _begin(source_id, revision, site)
        crawl = Crawl(source_id, revision, site, limit)
        is_done = crawl.step(lambda: _show(source_id, revision))
    except SiteClosed as problem:
        _closed(source_id, revision, problem)
        return
    if is_done:
        _finish(source_id, revision)
    elif learning.find(source_id, revision):
        enqueue("knowledge.sync", source_id, revision, queue="bulk")


def fail(source_id: int, revision: int, reason: str) -> None:
    """Given up after several tries."""
    source = learning.find(source_id, revision)
    if source is not None:
        message = reason.removeprefix("OutsideError: ")
        if message == reason:
            message = kept(
                "Something went wrong on our side while reading the website. Press Retry."
            )
        _stop(source, message)


def _begin(source_id: int, revision: int, site: Site) -> None:
    source = learning.find(source_id, revision)
    if source is None:
        return
    gone = WebPage.source_id == source_id, WebPage.status == "gone"
    db.session.execute(delete(WebPage).where(*gone))
    db.session.execute(update(WebPage).where(WebPage.source_id == source_id).values(attempts=0))
    start = [] if site.is_sitemap else [site.start]
    queue(source_id, start, 0)
    queue(source_id, [url for url in site.found if is_page(url)], 1)
    if site.is_sitemap and not site.found:
        raise SiteClosed(kept("This sitemap names no page of the same site."))
    learning.move(source, "reading")
    unit_of_work.commit()


def _embed(source_id: int, revision: int) -> Source | None:
    """The source, locked, once everything staged has its vectors."""
    while indexing.embed_pending(source_id, encode_many, learning.EMBED_BATCH, is_live=False):
        if learning.find(source_id, revision) is None:
            unit_of_work.rollback()
            return None
        unit_of_work.commit()
    return learning.find(source_id, revision)


def _show(source_id: int, revision: int) -> None:
    """What was read so far is embedded; in a first run it answers from now on."""
    source = _embed(source_id, revision)
    if source is not None and source.synced_at is None:
        learning.show(source)
    unit_of_work.commit()


def _finish(source_id: int, revision: int) -> None:
    source = _embed(source_id, revision)
    if source is None:
        return
    tally = websites.tally(source)
    if not tally.read:
        _stop(source, crawl_report.why_nothing(source_id))
        return
    learning.go_live(source, also=lambda: _drop_left_out(source_id, revision))
    tally = websites.tally(source)
    source.page_count = tally.read
    source.synced_at = now()
    source.notice = crawl_report.notice(source, tally)
    source.alert = crawl_report.alert(source, tally)
    websites.schedule(source)
    learning.announce(source)


def _drop_left_out(source_id: int, revision: int) -> None:
    """Pages that moved, became copies, or are beyond the limit now."""
    ours, is_beyond = WebPage.source_id == source_id, WebPage.revision < revision
    of_pages = select(WebPage.document_id).where(
        ours, (WebPage.status == "skipped") | is_beyond, WebPage.document_id.is_not(None)
    )
    db.session.execute(delete(Document).where(Document.id.in_(of_pages)))
    db.session.execute(update(WebPage).where(ours, is_beyond).values(status="waiting"))


def _closed(source_id: int, revision: int, problem: SiteClosed) -> None:
    """A site that is down for a while is tried again, before anybody is told."""
    unit_of_work.rollback()
    source = learning.find(source_id, revision)
    if source is None:
        return
    if problem.is_temporary and source.synced_at is not None:
        raise OutsideError(problem.message, permanent=False)
    _stop(source, problem.message)


def _stop(source: Source, message: str) -> None:
    """The run ends here. What was live before goes on, and the next run comes by itself."""
    learning.drop_staged(source)
    was_read = source.total_count > 0
    if was_read:
        message = f"{message} {crawl_report.STAYS}"
    source.alert = message if source.synced_at else None
    websites.schedule(source)
    learning.move(source, "failed", error=message)
