"""Visiting the pages of a website, one transaction each."""

import time
from collections.abc import Callable
from dataclasses import dataclass

from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.core import unit_of_work
from app.core.db import now
from app.extensions import db
from app.knowledge import learning, websites
from app.knowledge.models import Document, Source, WebPage
from app.knowledge.website import visiting
from app.knowledge.website.frontier import Frontier
from app.knowledge.website.opening import Site, SiteClosed
from app.knowledge.website.page import Reading
from app.knowledge.website.reading import PageReader
from app.knowledge.website.spelling import is_same_site
from app.knowledge.website.visiting import Visit
from app.lib.marking import kept

MAX_ATTEMPTS = 3  # of one page in one run
MAX_FAILURES = 8  # one after the other, in each of which the site had a problem: it is down
STEP_SECONDS = 40.0
SHOW_EVERY = 20  # pages
VISITS_PER_PAGE = 3  # visited addresses at most, for each page that may be read


def queue(source_id: int, urls: list[str], depth: int) -> None:
    """Addresses that aren't known yet."""
    if urls:
        rows = [{"source_id": source_id, "url": url, "depth": depth} for url in urls]
        known = ["business_id", "source_id", "url"]
        db.session.execute(
            insert(WebPage).values(rows).on_conflict_do_nothing(index_elements=known)
        )


@dataclass(frozen=True, slots=True)
class _Due:
    """A page to be visited, apart from any transaction."""

    id: int
    url: str
    depth: int
    etag: str | None
    last_modified: str | None
    has_document: bool


class Crawl:
    """The rest of a run."""

    def __init__(self, source_id: int, revision: int, site: Site, limit: int) -> None:
        self.source_id, self.revision, self.site, self.limit = source_id, revision, site, limit
        self.failures = 0
        self.wait = 0.0  # that the site asked for
        self.frontier = Frontier()
        for url in db.session.scalars(select(WebPage.url).where(WebPage.source_id == source_id)):
            self.frontier.count(url)
        unit_of_work.commit()

    def step(self, show: Callable[[], None]) -> bool:
        """True when the run has nothing more to visit. `show` makes findable what was read, every few pages."""
        deadline = time.monotonic() + STEP_SECONDS
        unseen = 0
        with PageReader() as reader:
            while due := self._next():
                is_read = self._visit(due, reader)
                if is_read is None:
                    return False  # the source is another by now
                unseen += is_read
                if unseen >= SHOW_EVERY:
                    show()
                    unseen = 0
                if time.monotonic() >= deadline:
                    return False
                time.sleep(max(self.site.delay, self.wait))
        return True

    def _next(self) -> _Due | None:
        """The nearest page not yet visited; those that failed come again last."""
        ours = WebPage.source_id == self.source_id
        visited = WebPage.revision == self.revision
        count, read = db.session.execute(
            select(func.count(), func.count().filter(WebPage.status == "read")).where(ours, visited)
        ).one()
        page = db.session.scalar(
            select(WebPage)
            .where(ours, WebPage.revision < self.revision)
            .order_by(WebPage.attempts, WebPage.depth, WebPage.id)
            .limit(1)
        )
        is_enough = read >= self.limit or count >= self.limit * VISITS_PER_PAGE
        due = None
        if page is not None and not is_enough:
            due = _Due(
                page.id,
                page.url,
                page.depth,
                page.etag,
                page.last_modified,
                page.document_id is not None,
            )
        unit_of_work.commit()
        return due

    def _visit(self, due: _Due, reader: PageReader) -> bool | None:
        """Whether it brought text to embed; None when the source was removed or changed meanwhile."""
        known = (due.etag, due.last_modified) if due.has_document else (None, None)
        visit = visiting.visit(due.url, self.site, websites.ALLOW, *known)
        self.wait = visit.wait
        reading = None
        if visit.kind == "page":
            reading = reader.read(visit.body, due.url, visit.content_type)
        self.failures = self.failures + 1 if visit.kind == "failed" else 0
        if self.failures >= MAX_FAILURES:
            raise SiteClosed(
                kept("The site stopped answering. %(message)s", message=visit.message),
                is_temporary=True,
            )
        return self._keep(due, visit, reading)

    def _keep(self, due: _Due, visit: Visit, reading: Reading | None) -> bool | None:
        """What came of one visit, in one transaction."""
        source = learning.find(self.source_id, self.revision)
        page = db.session.get(WebPage, (source.business_id, due.id)) if source else None
        if source is None or page is None:
            unit_of_work.rollback()
            return None
        page.checked_at = now()
        is_read = False
        if reading is not None:
            is_read = self._keep_page(source, page, visit, reading)
        elif visit.kind == "unchanged":
            _settle(page, source, "read")
        elif visit.kind == "gone" and not due.has_document:
            _settle(page, source, "skipped", kept("A link leads here, but there is no such page."))
        elif visit.kind == "gone":
            _settle(page, source, "gone", visit.message)
            _forget(page)
        elif visit.kind == "failed":
            self._failed(page, source, visit.message)
        else:
            _settle(page, source, "skipped", visit.message)
            self._queue([visit.to] if visit.kind == "moved" else [], page.depth)
        self._note_progress(source)
        unit_of_work.commit()
        return is_read

    def _keep_page(self, source: Source, page: WebPage, visit: Visit, reading: Reading) -> bool:
        if not (visit.nofollow or reading.nofollow):
            self._queue(reading.links, page.depth + 1)
        reason = self._why_not(source, page, visit, reading)
        if reason:
            _settle(page, source, "skipped", reason)
            return False
        page.etag, page.last_modified = visit.etag, visit.last_modified
        is_same = page.document_id is not None and page.fingerprint == reading.fingerprint
        _settle(page, source, "read")
        if is_same:
            return False
        page.fingerprint = reading.fingerprint
        document = learning.keep_document(source, reading.parsed, page.url)
        page.document_id = document.id
        return True

    def _why_not(self, source: Source, page: WebPage, visit: Visit, reading: Reading) -> str | None:
        """In the owner's words, why its text is left out; None when it is kept."""
        if visit.noindex or reading.noindex:
            return kept("The page asks search engines and other readers to leave it out (noindex).")
        if reading.problem:
            return reading.problem
        original = self._original(page, reading)
        if original:
            return kept("The page says that it is a copy of %(original)s", original=original)
        twin = db.session.scalar(
            select(WebPage.url).where(
                WebPage.source_id == source.id,
                WebPage.id != page.id,
                WebPage.fingerprint == reading.fingerprint,
                WebPage.status == "read",
            )
        )
        return kept("The same text as %(twin)s", twin=twin) if twin else None

    def _original(self, page: WebPage, reading: Reading) -> str | None:
        """The address that the page itself gives as its own. Some sites name their first page on all of
        them, which can't be meant."""
        named = reading.canonical
        if named in (None, page.url, self.site.start) or not _is_ours(named, self.site):
            return None
        self._queue([named], page.depth)
        known = select(WebPage.id).where(
            WebPage.source_id == self.source_id,
            WebPage.url == named,
            WebPage.status.in_(("waiting", "read")),
        )
        return named if db.session.scalar(known) else None

    def _note_progress(self, source: Source) -> None:
        ours = WebPage.source_id == self.source_id
        known, visited = db.session.execute(
            select(func.count(), func.count().filter(WebPage.revision == self.revision)).where(ours)
        ).one()
        source.done_count, source.total_count = visited, max(visited, min(known, self.limit))
        learning.announce(source)

    def _failed(self, page: WebPage, source: Source, message: str) -> None:
        page.attempts += 1
        page.message = message
        if page.attempts >= MAX_ATTEMPTS:
            _settle(page, source, "failed", message)

    def _queue(self, urls: list[str], depth: int) -> None:
        ours = [url for url in urls if _is_ours(url, self.site)]
        known = set(
            db.session.scalars(
                select(WebPage.url).where(
                    WebPage.source_id == self.source_id, WebPage.url.in_(ours)
                )
            )
        )
        fresh = [url for url in ours if url not in known and self.frontier.takes(url, depth)]
        queue(self.source_id, fresh, depth)


def _is_ours(url: str, site: Site) -> bool:
    return is_same_site(url, site.start)


def _settle(page: WebPage, source: Source, status: str, message: str | None = None) -> None:
    page.status, page.message, page.revision = status, message, source.revision


def _forget(page: WebPage) -> None:
    """At once: no answer may cite a page that isn't there any more."""
    if page.document_id is not None:
        db.session.execute(delete(Document).where(Document.id == page.document_id))
    page.document_id = page.fingerprint = page.etag = page.last_modified = None
