"""From an event to 1,000 open streams: `.venv/bin/python -m bench.streams`.

The app as in production. A hundred members have ten pages each open, without a shared stream; a signal to their
business is published and comes to all of them. Milliseconds from before it is published until the reader has it.
"""

import asyncio
import json
import statistics
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.crowd import Browser, cookie, members
from bench.installation import SLUG, Installation, descendants, installation, pss_mb

PAGES = 10  # of a member; Frontdesk lets one have twelve streams
TARGET_MS = 100
PAUSE_SECONDS = 0.5
OPENED_AT_ONCE = 50


def main() -> None:
    options = report.arguments(__doc__, streams=1000, events=40)
    with installation() as measured:
        measured.open_business()
        people = members(options.streams // PAGES)
        measured.start()
        before = _memory(measured)
        times, after = asyncio.run(_measure(measured, people, options.events))
    lines = list(_lines(times, options.events, (after - before) * 1024 / options.streams))
    report.show(lines, "bench/streams.py", markdown=options.markdown)


async def _measure(
    measured: Installation, people: list[int], events: int
) -> tuple[list[list[float]], float]:
    """Of each event the milliseconds until each stream had it; and the web process's megabytes meanwhile."""
    browsers = [
        Browser(measured.port, cookie(measured.app, person))
        for person in people
        for _ in range(PAGES)
    ]
    heard: dict[int, list[float]] = {number: [] for number in range(events)}
    began: dict[int, float] = {}
    opening = asyncio.Semaphore(OPENED_AT_ONCE)
    opened: list[None] = []

    async def listen(browser: Browser) -> None:
        await opening.acquire()
        async for name, data, at in browser.events(f"/b/{SLUG}/live"):
            if name == "pulse" and data:
                opening.release()
                opened.append(None)
            number = json.loads(data).get("number")
            if name == "signal" and number is not None:
                heard[number].append((at - began[number]) * 1000)

    listening = [asyncio.ensure_future(listen(browser)) for browser in browsers]
    while len(opened) < len(browsers):
        await asyncio.sleep(0.1)
    memory = _memory(measured)
    for number in range(events):
        began[number] = time.perf_counter()
        await asyncio.to_thread(_publish, measured, number)
        await asyncio.sleep(PAUSE_SECONDS)
    while any(len(times) < len(browsers) for times in heard.values()):
        await asyncio.sleep(0.1)
    for each in listening:
        each.cancel()
    return list(heard.values()), memory


def _publish(measured: Installation, number: int) -> None:
    """As a change does: counted before the commit, sent after it."""
    from app.businesses.models import Business
    from app.core import realtime
    from app.core.unit_of_work import unit_of_work

    with measured.app.app_context(), unit_of_work():
        business = Business.by_slug(SLUG)
        assert business is not None
        realtime.publish(f"business:{business.id}", name="measured", number=number)


def _memory(measured: Installation) -> float:
    return sum(map(pss_mb, descendants(measured.supervisor.processes["web"].pid)))


def _lines(times: list[list[float]], events: int, kb: float) -> list[report.Line]:
    every = [value for each in times for value in each]
    p50, p95 = (report.percentile(every, share) for share in (0.5, 0.95))
    spread = [report.percentile(each, 0.95) for each in times]
    what = f"event to {len(times[0]):,} open streams"
    return [
        report.Line(f"{what}, p50", "", f"{p50:.0f} ms"),
        report.Line(f"{what}, p95", f"≤ {TARGET_MS} ms", f"{p95:.0f} ms", p95 <= TARGET_MS),
        report.Line(
            f"p95 of each of {events} events, middle and worst",
            "",
            f"{statistics.median(spread):.0f} and {max(spread):.0f} ms",
        ),
        report.Line("memory of an open stream", "", f"{kb:.0f} KB"),
    ]


if __name__ == "__main__":
    main()
