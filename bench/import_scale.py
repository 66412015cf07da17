"""10,000 passages imported while the dashboard is used: `.venv/bin/python bench/import_scale.py`.

Ten Markdown files of 1,000 paragraphs, uploaded one after the other through the dashboard, read and embedded by the
worker on its two bulk slots. Beside it one member opens the inbox, the start page and the knowledge page in turn, with a
pause between, first while nothing else happens and then until the import is done. Client, databases and app share
the machine. Some four minutes on two cores.
"""

import sys
import tempfile
import threading
import time
from collections.abc import Sequence
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import paragraphs, report
from bench.installation import SLUG, Installation, installation
from bench.owner import Owner, Watch
from bench.visitor import Visitor

PER_FILE = 1_000
PAGES = {
    "inbox": f"/b/{SLUG}/inbox/",
    "start": f"/b/{SLUG}/",
    "knowledge": f"/b/{SLUG}/knowledge/",
}
CONVERSATIONS = 20
IDLE_ROUNDS = 60
PAUSE_SECONDS = 0.2
SETTLE_SECONDS = 12
MAX_RATIO = 2.0

Times = dict[str, list[float]]


def main() -> None:
    options = report.arguments(__doc__, passages=10_000)
    with installation() as measured, tempfile.TemporaryDirectory() as folder:
        measured.open_business()
        measured.start()
        _have_conversations(measured)
        member = Owner(measured.url)
        time.sleep(SETTLE_SECONDS)
        idle = _visit(member, rounds=IDLE_ROUNDS)
        lines = _import(measured, member, _texts(Path(folder), options.passages), idle)
    report.show(lines, "bench/import_scale.py", markdown=options.markdown)


def _have_conversations(measured: Installation) -> None:
    for number in range(CONVERSATIONS):
        with Visitor(measured.port, measured.key(), f"198.18.0.{number + 1}") as visitor:
            visitor.ask("What time do you open on Sundays?")


def _texts(folder: Path, count: int) -> list[bytes]:
    """The same bytes would be one document, so that each says which it is."""
    (file,) = paragraphs.write_files(folder, PER_FILE, per_file=PER_FILE)
    return [
        f"{file.read_text()}\nPart {number} of the brochure.\n".encode()
        for number in range(1, count // PER_FILE + 1)
    ]


def _import(
    measured: Installation, member: Owner, texts: Sequence[bytes], idle: Times
) -> list[report.Line]:
    uploader = Owner(measured.url)
    ended = threading.Event()
    busy: Times = {}
    visiting = threading.Thread(target=lambda: busy.update(_visit(member, until=ended)))
    with Watch(measured.supervisor.processes["worker"].pid) as watch:
        began = time.monotonic()
        visiting.start()
        for number, text in enumerate(texts, start=1):
            uploader.upload(f"brochure-{number}.md", text)
        measured.wait_for_jobs()
        seconds = time.monotonic() - began
        ended.set()
        visiting.join()
    chunks = _chunks()
    assert chunks >= len(texts) * PER_FILE, chunks
    speed = f"{seconds:.0f} s ({chunks / seconds:.0f} a second)"
    return [
        report.Line(f"import of {chunks:,} passages through the worker", "", speed),
        report.Line("worker’s peak meanwhile", "", f"{watch.peak:.0f} MB"),
        *(_page(name, idle[name], busy[name]) for name in PAGES),
    ]


def _visit(
    member: Owner, *, rounds: int | None = None, until: threading.Event | None = None
) -> Times:
    """Milliseconds of each opening, by page."""
    times: Times = {name: [] for name in PAGES}
    while rounds is None or len(times["inbox"]) < rounds:
        if until is not None and until.is_set():
            break
        for name, path in PAGES.items():
            began = time.perf_counter()
            member.open(path)
            times[name].append((time.perf_counter() - began) * 1000)
            time.sleep(PAUSE_SECONDS)
    return times


def _page(name: str, idle: Sequence[float], busy: Sequence[float]) -> report.Line:
    before, during = report.percentile(idle, 0.95), report.percentile(busy, 0.95)
    ratio = during / before
    figure = f"{before:.0f} ms → {during:.0f} ms ({ratio:.1f} ×, {len(busy)} openings)"
    target = f"< {MAX_RATIO:.0f} × idle"
    return report.Line(f"{name} page meanwhile, p95", target, figure, ratio < MAX_RATIO)


def _chunks() -> int:
    from sqlalchemy import func, select

    from app.businesses.models import Business
    from app.core.tenancy import business_scope
    from app.extensions import db
    from app.knowledge.models import Source

    business = Business.by_slug(SLUG)
    assert business is not None
    with business_scope(business.id):
        ready = select(func.sum(Source.total_count)).where(Source.status == "ready")
        return int(db.session.scalar(ready) or 0)


if __name__ == "__main__":
    main()
