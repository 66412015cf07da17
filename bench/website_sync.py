"""A website of 300 pages read, read again, and read after ten pages changed: `.venv/bin/python bench/website_sync.py`.

The site is tests/standins/website.py on the loopback, with all its troubles (redirects, loops, copies, a calendar that never
ends). Without the pause between two requests, so that the time is our own; requests, and chunks embedded, are counted.
"""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.question_sets import scratch
from tests.standins.website import Website

CHANGED = 10
PAGE_LIMIT = 1000


def main() -> None:
    options = report.arguments(__doc__)
    with scratch(), Website() as site, _without_pauses(site):
        lines = _measure(site)
    report.show(lines, "bench/website_sync.py", markdown=options.markdown)


@contextmanager
def _without_pauses(site: Website) -> Iterator[None]:
    with (
        mock.patch("app.knowledge.websites.ALLOW", site.allow),
        mock.patch("app.knowledge.website.opening.MIN_DELAY_SECONDS", 0.0),
    ):
        yield


def _measure(site: Website) -> list[report.Line]:
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.frontdesk.opening import open_business
    from app.knowledge import websites
    from app.knowledge.embeddings.current import encode

    encode(["The model is loaded before the clock runs."])
    with unit_of_work():
        business_id = open_business("Measured", None, "measured").id
    with business_scope(business_id):
        with unit_of_work():
            source_id = websites.add(site.origin, None, PAGE_LIMIT).id
        first = _run(site, source_id, "website of 300 pages, first run")
        again = _run(site, source_id, "the same again, nothing changed")
        for number in range(CHANGED):
            path = f"/products/roses/{number}"
            site.change(path, site.pages[path].replace("It likes", "It always likes"))
        changed = _run(site, source_id, f"the same again, {CHANGED} pages changed")
    return [first, again, changed]


def _run(site: Website, source_id: int, measure: str) -> report.Line:
    """Every step of one run, as the worker does them."""
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db
    from app.knowledge import syncing, websites
    from app.knowledge.models import ChunkVector, Source

    def embedded() -> set[int]:
        return set(db.session.scalars(db.select(ChunkVector.chunk_id)))

    before = embedded()
    source = Source.by_id(source_id)
    assert source
    if source.synced_at:
        with unit_of_work():
            websites.sync_now(source)
    revision = source.revision
    site.forget_requests()
    began = time.monotonic()
    while source.is_at_work:
        with unit_of_work():
            syncing.sync(source_id, revision)
        db.session.refresh(source)
    seconds = time.monotonic() - began
    fresh = len(embedded() - before)
    sent = site.statuses[200]
    figure = f"{seconds:.1f} s, {site.requests.total()} requests, {sent} pages sent, {fresh} passages embedded"
    return report.Line(f"{measure} ({source.page_count} read)", "", figure)


if __name__ == "__main__":
    main()
