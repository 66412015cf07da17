"""A garden centre's website of 300 pages on the loopback, with all that real sites do to whoever reads them.

`with Website() as site:` serves it; `site.change(path, html)` and `site.remove(path)` are the owner at work,
`site.requests` counts what was asked for, `site.fail_with(status)` is a bad day of the server.
"""

import gzip
import threading
import time
from collections import Counter
from contextlib import suppress
from email.utils import formatdate
from hashlib import sha1
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import TracebackType
from urllib.parse import parse_qs, urlsplit

from app.core.http import Allow

CATEGORIES = ("roses", "ferns", "conifers", "fruit-trees", "herbs", "bulbs", "grasses", "climbers")
PRODUCTS_EACH = 32
NEWS = 24
ROBOTS = """User-agent: *
Disallow: /private/
Disallow: /*?sort=
Crawl-delay: 0
Sitemap: {origin}/sitemap.xml
"""
FRAME = """<!doctype html><html lang="en"><head><title>{title} | Fernbrook Garden Centre</title>{head}</head><body>
<header><nav><a href="/">Home</a> <a href="/delivery">Delivery</a> <a href="/hours">Opening hours</a>
<a href="/products/">Plants</a> <a href="/news/">News</a> <a href="/calendar?month=2026-11">Calendar</a></nav></header>
<div class="cookies">We use cookies so that this website works as it should for all visitors. <a href="/cookies">More</a></div>
<main>{body}</main>
<footer>Fernbrook Garden Centre, 12 Mill Lane, Ashcombe. Telephone 01632 960 123.</footer></body></html>"""


def page(title: str, body: str, head: str = "") -> str:
    return FRAME.format(title=title, body=f"<h1>{title}</h1>{body}", head=head)


def _links(paths: list[str]) -> str:
    return "".join(
        f'<li><a href="{path}">{path.strip("/").split("/")[-1]}</a></li>' for path in paths
    )


def _product(category: str, number: int) -> str:
    name = f"{category.replace('-', ' ').title().removesuffix('s')} number {number}"
    text = (
        f"<p>{name} grows to {40 + number * 3} cm and flowers in the {number % 12 + 1}. month. It likes a place in "
        f"the {'sun' if number % 2 else 'shade'} and is watered every {number % 6 + 1} days.</p>"
        f"<table><tr><th>Pot</th><th>Price</th></tr><tr><td>{number % 5 + 1} litre</td><td>£{number + 4}.50</td></tr>"
        f"</table>"
    )
    return page(name, text, f'<link rel="canonical" href="/products/{category}/{number}">')


def pages() -> dict[str, str]:
    """Path to HTML: 300 that can be read, and the troubles among them."""
    found = {
        "/": page(
            "Fernbrook Garden Centre",
            "<p>We grow roses, ferns and fruit trees in Ashcombe, and have done so since 1962.</p>"
            '<ul><li><a href="/about">About us</a></li><li><a href="/faq">Questions</a></li>'
            '<li><a href="/old-delivery">Delivery (old link)</a></li><li><a href="/loop/a">Offers</a></li>'
            '<li><a href="/missing">Gift cards</a></li><li><a href="/app">Plant finder</a></li>'
            '<li><a href="/account/login">Log in</a></li><li><a href="/private/margins">Staff</a></li>'
            '<li><a href="/members">Members</a></li><li><a href="/slow">Slow</a></li><li><a href="/huge">Huge</a></li>'
            '<li><a href="/broken">Broken</a></li><li><a href="/forbidden">Forbidden</a></li>'
            '<li><a href="/inward">Inward</a></li><li><a href="/latin">Café</a></li>'
            '<li><a href="/delivery?utm_source=mail">Delivery</a></li><li><a href="/delivery/print">Print</a></li>'
            '<li><a href="/maze/x/">Maze</a></li><li><a href="/hidden">Hidden</a></li>'
            '<li><a href="https://example.com/elsewhere">Our supplier</a></li><li><a href="/list.pdf">PDF</a></li>'
            '<li><a href="mailto:hello@fernbrook.example">Mail</a></li></ul>',
        ),
        "/delivery": page(
            "Delivery",
            "<p>We deliver to Ashcombe on Tuesdays and Fridays for £4.95. Orders over £50 are delivered free.</p>",
        ),
        "/hours": page(
            "Opening hours",
            "<dl><dt>Monday to Friday</dt><dd>9:00 to 18:00</dd><dt>Saturday</dt><dd>9:00 to 17:30</dd>"
            "<dt>Sunday</dt><dd>closed</dd></dl>",
        ),
        "/about": page(
            "About us", "<p>The Quill family has run this garden centre for three generations.</p>"
        ),
        "/faq": page(
            "Questions",
            "<details><summary>Do you take dogs?</summary><p>Dogs on a lead are welcome in the whole garden centre, "
            "and in the café too.</p></details><details><summary>Is there parking?</summary><p>There are 80 free "
            "places to park behind the glass house, two of them to charge a car.</p></details>",
        ),
        "/cookies": page(
            "Cookies", "<p>One cookie remembers what is in your basket for 14 days.</p>"
        ),
        "/products/": page("Plants", f"<ul>{_links([f'/products/{c}/' for c in CATEGORIES])}</ul>"),
        "/news/": page("News", f"<ul>{_links([f'/news/{n}' for n in range(NEWS)])}</ul>"),
        # Troubles
        "/delivery/print": page(
            "Delivery",
            "<p>We deliver to Ashcombe on Tuesdays and Fridays for £4.95. Orders over £50 are delivered free.</p>",
        ),
        "/app": '<html><head><title>Finder</title><script src="/app.js"></script></head><body><div id="root"></div>'
        "<noscript>You need to enable JavaScript to run this app.</noscript></body></html>",
        "/members": page(
            "Members",
            '<form><input name="u"><input type="password" name="p"><button>Go</button></form>',
        ),
        "/hidden": page(
            "Hidden",
            "<p>This page is for nobody who searches.</p>",
            '<meta name="robots" content="noindex">',
        ),
        "/huge": page(
            "Huge", "<p>" + "A very long page about compost and nothing else. " * 150_000 + "</p>"
        ),
        "/private/margins": page(
            "Margins", "<p>Our margin on roses is 61 percent, which nobody may know.</p>"
        ),
        "/account/login": page("Log in", '<form><input type="password"></form>'),
    }
    for category in CATEGORIES:
        paths = [f"/products/{category}/{number}" for number in range(PRODUCTS_EACH)]
        sorted_by = f'<a href="/products/{category}/?sort=price">By price</a>'
        found[f"/products/{category}/"] = page(
            category.title(), f"{sorted_by}<ul>{_links(paths)}</ul>"
        )
        found |= {path: _product(category, number) for number, path in enumerate(paths)}
    for number in range(NEWS):
        text = f"<p>On day {number + 1} of the season we planted {number * 7 + 11} new beds behind the glass house.</p>"
        found[f"/news/{number}"] = page(f"News {number}", text)
    return found


class Website:
    def __init__(self) -> None:
        self.pages = pages()
        self.requests: Counter[str] = Counter()
        self.statuses: Counter[int] = Counter()
        self.robots = ROBOTS
        self.robots_status = 200
        self.slow_seconds = 0.3
        self.failing: int | None = None
        self.out_of_order: set[str] = set()  # paths that answer 500
        self.everything: str | None = None  # the page that every address shows
        self._server = ThreadingHTTPServer(("127.0.0.1", 0), _handler(self))
        self._server.daemon_threads = True
        self.origin = f"http://127.0.0.1:{self._server.server_port}"
        self.allow = Allow(
            ports=frozenset({self._server.server_port}), permit_loopback_for_tests=True
        )

    def __enter__(self) -> "Website":
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()
        return self

    def __exit__(
        self,
        _kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        self._server.shutdown()
        self._server.server_close()

    def change(self, path: str, html: str) -> None:
        self.pages[path] = html

    def remove(self, path: str) -> None:
        del self.pages[path]

    def fail_with(self, status: int | None) -> None:
        """Every request, until it is told None."""
        self.failing = status

    def forget_requests(self) -> None:
        self.requests.clear()
        self.statuses.clear()

    def sitemap_index(self) -> str:
        return (
            '<?xml version="1.0"?><sitemapindex xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">'
            f"<sitemap><loc>{self.origin}/sitemap-1.xml.gz</loc></sitemap>"
            f"<sitemap><loc>https://example.com/foreign.xml</loc></sitemap></sitemapindex>"
        )

    def sitemap(self) -> bytes:
        paths = [path for path in self.pages if path.startswith("/products/")]
        locations = "".join(f"<url><loc>{self.origin}{path}</loc></url>" for path in paths)
        return gzip.compress(
            f'<urlset xmlns="http://www.sitemaps.org/schemas/sitemap/0.9">{locations}</urlset>'.encode()
        )


def _handler(site: Website) -> type[BaseHTTPRequestHandler]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            parts = urlsplit(self.path)
            site.requests[self.path] += 1
            if site.failing:
                self._send(site.failing, b"out of order")
            elif site.everything:
                self._html(site.everything)
            elif not self._special(parts.path, parts.query):
                self._page(parts.path)

        def _special(self, path: str, query: str) -> bool:
            redirects = {
                "/old-delivery": "/delivery",
                "/loop/a": "/loop/b",
                "/loop/b": "/loop/a",
                "/inward": "http://169.254.169.254/latest/meta-data/",
                "/products/roses": "/products/roses/",
            }
            if path in redirects:
                self._send(301, headers={"Location": redirects[path]})
            elif path == "/robots.txt":
                robots = site.robots.format(origin=site.origin).encode()
                self._send(site.robots_status, robots, "text/plain")
            elif path == "/sitemap.xml":
                self._send(200, site.sitemap_index().encode(), "application/xml")
            elif path == "/sitemap-1.xml.gz":
                self._send(200, site.sitemap(), "application/gzip")
            elif path == "/broken" or path in site.out_of_order:
                self._send(500)
            elif path == "/forbidden":
                self._send(403)
            elif path == "/list.pdf":
                self._send(200, b"%PDF-1.4", "application/pdf")
            elif path == "/latin":
                text = page(
                    "Café", "<p>Im Café gibt es Käsekuchen für 3,80 £ das Stück, auch sonntags.</p>"
                )
                self._send(200, text.encode("cp1252"), "text/html; charset=windows-1252")
            elif path == "/calendar":
                self._calendar(parse_qs(query).get("month", ["2026-11"])[0])
            elif path.startswith("/maze/"):
                deeper = '<a href="x/">Deeper</a> <a href="y/">Further</a>'
                self._html(
                    page("Maze", f"<p>You are in a maze of paths, {path} to be exact.</p>{deeper}")
                )
            else:
                return False
            return True

        def _calendar(self, month: str) -> None:
            year, number = (int(part) for part in month.split("-"))
            after = f"{year + number // 12}-{number % 12 + 1:02}"
            nothing = f"<p>Nothing is planned for {month}. Look at the next month, there may be something.</p>"
            self._html(
                page(f"Calendar {month}", f'{nothing}<a href="/calendar?month={after}">Next</a>')
            )

        def _page(self, path: str) -> None:
            if path == "/slow":
                time.sleep(site.slow_seconds)
                self._html(
                    page(
                        "Slow", "<p>Good things take their time, and so does this page of ours.</p>"
                    )
                )
            elif path in site.pages:
                self._html(site.pages[path])
            else:
                self._send(404, page("Not found", "<p>There is no such page.</p>").encode())

        def _html(self, text: str) -> None:
            """Unless the reader has it already: as servers do, by either of the two headers."""
            body = text.encode()
            etag = f'"{sha1(body, usedforsecurity=False).hexdigest()}"'
            if self.headers.get("If-None-Match") == etag:
                self._send(304)
            else:
                modified = formatdate(0, usegmt=True)
                self._send(200, body, headers={"ETag": etag, "Last-Modified": modified})

        def _send(
            self,
            status: int,
            body: bytes = b"",
            kind: str = "text/html; charset=utf-8",
            headers: dict[str, str] | None = None,
        ) -> None:
            site.statuses[status] += 1
            self.send_response(status)
            for name, value in (headers or {}).items():
                self.send_header(name, value)
            if status != 304:
                self.send_header("Content-Type", kind)
                self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            with suppress(OSError):  # who reads may have had enough of a huge page
                self.wfile.write(body)

        def log_message(self, *_args: object) -> None:
            pass

    return Handler
