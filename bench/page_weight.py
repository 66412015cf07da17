"""What a browser loads, on the wire: `.venv/bin/python bench/page_weight.py`.

Counted in Chromium with an empty cache: headers and compressed body of each response, from the network's own count.
"""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Page

from bench import report
from bench.browser import chromium, open_chat, shop
from bench.installation import OWNER_EMAIL, OWNER_PASSWORD, SLUG, Installation, installation

KB = 1024
SETTLE_MS = 1500  # after the load event: modules, the stream's first bytes, lazy parts


def main() -> None:
    options = report.arguments(__doc__)
    with installation() as measured:
        measured.open_business()
        measured.start()
        with chromium() as browser:
            lines = [*_widget(browser, measured), *_dashboard(browser, measured)]
    report.show(lines, "bench/page_weight.py", markdown=options.markdown)


class Wire:
    """What came over the network for each address since the page was new."""

    def __init__(self, page: Page) -> None:
        self.urls: dict[str, str] = {}
        self.sizes: dict[str, float] = {}
        session = page.context.new_cdp_session(page)
        session.on("Network.responseReceived", self._began)
        session.on("Network.dataReceived", self._went_on)
        session.on("Network.loadingFinished", self._finished)
        session.send("Network.enable")

    def bytes_of(self, is_counted: Callable[[str], bool]) -> float:
        return sum(size for key, size in self.sizes.items() if is_counted(self.urls.get(key, "")))

    def _began(self, event: dict[str, Any]) -> None:
        self.urls[event["requestId"]] = event["response"]["url"]
        self._add(event["requestId"], event["response"]["encodedDataLength"])

    def _went_on(self, event: dict[str, Any]) -> None:
        self._add(event["requestId"], event["encodedDataLength"])

    def _finished(self, event: dict[str, Any]) -> None:
        self.sizes[event["requestId"]] = event["encodedDataLength"]  # the whole; a stream has none

    def _add(self, key: str, size: float) -> None:
        self.sizes[key] = self.sizes.get(key, 0) + size


def _widget(browser: Browser, measured: Installation) -> list[report.Line]:
    page = browser.new_context().new_page()
    wire = Wire(page)
    with shop(page, measured.url, measured.key()):
        page.wait_for_timeout(SETTLE_MS)
        loader = wire.bytes_of(lambda url: url.endswith("/loader.js"))
        assert wire.bytes_of(lambda url: "/w/" in url) == loader, (
            "more than the loader before a click"
        )
        open_chat(page)
        page.wait_for_timeout(SETTLE_MS)
        chat = wire.bytes_of(lambda url: "/w/" in url) - loader
    return [_line("chat's loader", loader, 3), _line("all that the opened chat loads", chat, 40)]


def _dashboard(browser: Browser, measured: Installation) -> list[report.Line]:
    return [
        _line("first visit of the start page", _first_visit(browser, measured, "/"), 120),
        _line("first visit of the inbox", _first_visit(browser, measured, "/inbox/"), 120),
    ]


def _first_visit(browser: Browser, measured: Installation, path: str) -> float:
    """Logged in by one browser, opened by another that has nothing but the cookie."""
    context = browser.new_context()
    page = context.new_page()
    page.goto(f"{measured.url}/login")
    page.get_by_label("E-mail").fill(OWNER_EMAIL)
    page.get_by_label("Password", exact=True).fill(OWNER_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/b/**")
    fresh = browser.new_context(storage_state=context.storage_state())
    context.close()
    page = fresh.new_page()
    wire = Wire(page)
    page.goto(f"{measured.url}/b/{SLUG}{path}")
    page.wait_for_timeout(SETTLE_MS)
    weight = wire.bytes_of(lambda _url: True)
    fresh.close()
    return weight


def _line(measure: str, weight: float, target_kb: int) -> report.Line:
    size = weight / KB
    return report.Line(measure, f"≤ {target_kb} KB", f"{size:.1f} KB", 0 < size <= target_kb)


if __name__ == "__main__":
    main()
