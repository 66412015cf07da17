"""A website as a source: adding it, when it is read again, and its pages. syncing.py crawls."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import Select, func, select

from app.accounts.models import User
from app.core.addresses import is_public, split_url
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.http import PUBLIC
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import learning, services
from app.knowledge.models import MAX_ID, Source, WebPage
from app.knowledge.website.spelling import canonical

ALLOW = PUBLIC  # what a crawl may reach; a test puts its own loopback site there
PAGE_LIMITS = (50, 300, 1000)
DEFAULT_PAGE_LIMIT = 300
SYNC_EVERY = {
    "daily": timedelta(days=1),
    "weekly": timedelta(days=7),
    "monthly": timedelta(days=30),
}
DEFAULT_SYNC_EVERY = "weekly"
PROBLEMS = ("failed", "skipped", "gone")


def add(address: str, by: User | None, page_limit: int = DEFAULT_PAGE_LIMIT) -> Source:
    """Read the website at this address, or that a sitemap names. The same address again gives the same
    source. Raises Invalid."""
    url = clean_address(address)
    services.one_at_a_time(url)
    existing = db.session.scalar(select(Source).where(Source.address == url))
    if existing:
        return existing
    source = Source(
        kind="website",
        name=_name(url),
        address=url,
        page_limit=page_limit,
        sync_every=DEFAULT_SYNC_EVERY,
        created_by=by.id if by else None,
    )
    db.session.add(source)
    return services.ask_to_read(source)


def change(source: Source, sync_every: str | None, page_limit: int) -> None:
    """When it is read again by itself, None for never, and how much of it at most. Raises Invalid."""
    if sync_every is not None and sync_every not in SYNC_EVERY:
        raise Invalid(_("Choose how often the website is read again."), code="sync_every")
    if page_limit not in PAGE_LIMITS:
        raise Invalid(_("Choose how many pages are read at most."), code="page_limit")
    source.sync_every, source.page_limit = sync_every, page_limit
    schedule(source)
    learning.announce(source)


def sync_now(source: Source) -> None:
    """Begin a run, unless one is under way or its result waits for the owner."""
    db.session.refresh(source, with_for_update=True)
    if source.is_at_work:
        raise Conflict(_("This website is being read just now."))
    if source.status == "held":
        raise Conflict(_("First publish or discard what was found in the last run."))
    services.ask_to_read(source)


def sync_due(source_id: int, due: str) -> None:
    """What the schedule asked for; another date by now means that it was changed."""
    source = Source.by_id(source_id)
    if source is None or source.next_sync_at is None or source.next_sync_at.isoformat() != due:
        return
    if source.is_at_work or source.status == "held":
        schedule(source)
    else:
        services.ask_to_read(source)


def schedule(source: Source) -> None:
    """The next run by itself, counted from now."""
    source.next_sync_at = None
    if source.sync_every:
        source.next_sync_at = now() + SYNC_EVERY[source.sync_every]
        due = source.next_sync_at.isoformat()
        enqueue("knowledge.sync_due", source.id, due, queue="bulk", at=source.next_sync_at)


def retry_page(source: Source, page: WebPage) -> None:
    """Visit one page again, as part of the last run."""
    db.session.refresh(source, with_for_update=True)
    if source.is_at_work or source.status == "held":
        raise Conflict(_("Wait until the website has been read."))
    page.revision, page.status, page.attempts = 0, "waiting", 0
    db.session.flush()
    learning.move(source, "reading")
    enqueue("knowledge.sync", source.id, source.revision, queue="bulk")


def dismiss_alert(source: Source) -> None:
    source.alert = None
    learning.announce(source)


@dataclass(frozen=True, slots=True)
class Tally:
    """How many pages of a website are in which state."""

    read: int = 0
    waiting: int = 0
    skipped: int = 0
    failed: int = 0
    gone: int = 0

    @property
    def problems(self) -> int:
        return self.skipped + self.failed + self.gone

    @property
    def total(self) -> int:
        return self.read + self.waiting + self.problems


def tally(source: Source) -> Tally:
    counted = select(WebPage.status, func.count()).where(WebPage.source_id == source.id)
    found = db.session.execute(counted.group_by(WebPage.status)).all()
    return Tally(**dict(found))


def pages(source: Source, show: str, after: int, limit: int) -> list[WebPage]:
    """In the order in which they were found: all, or only those that answers can't quote."""
    query: Select[Any] = select(WebPage).where(WebPage.source_id == source.id, WebPage.id > after)
    if show == "problems":
        query = query.where(WebPage.status.in_(PROBLEMS))
    return list(db.session.scalars(query.order_by(WebPage.id).limit(limit)))


def page_by_id(source: Source, page_id: int) -> WebPage | None:
    if page_id > MAX_ID:
        return None
    wanted = select(WebPage).where(WebPage.id == page_id, WebPage.source_id == source.id)
    return db.session.scalar(wanted)


def clean_address(address: str) -> str:
    """As people type it: "example.com" means https. Raises Invalid in the owner's words."""
    typed = "".join(address.split())
    if not typed:
        raise Invalid(_("Type the address of your website, such as example.com."), code="empty")
    if "://" not in typed:
        typed = f"https://{typed}"
    try:
        url = canonical(typed, typed)
        target = split_url(url)
    except ValueError as problem:
        raise Invalid(str(problem), code="address") from problem
    if "." not in target.host and ":" not in target.host:
        raise Invalid(_("This isn’t a whole address. It looks like example.com."), code="address")
    loopback = ALLOW.permit_loopback_for_tests
    if target.address and not is_public(target.address, permit_loopback=loopback):
        raise Invalid(
            _("This address belongs to a private network, which can’t be reached from here."),
            code="private",
        )
    return url


def _name(url: str) -> str:
    return url.partition("://")[2].rstrip("/")[:160]
