"""Coming to a site, its sitemaps, and single pages of it, over real HTTP on the loopback."""

import gzip
import socket
from collections.abc import Iterator
from dataclasses import replace

import pytest

from app.core.http import PUBLIC, Allow
from app.knowledge.website import opening, sitemaps, visiting
from app.knowledge.website.opening import Site, SiteClosed, open_site
from app.knowledge.website.robots import Robots
from app.knowledge.website.visiting import Visit
from tests.standins.website import Website


@pytest.fixture
def site() -> Iterator[Website]:
    with Website() as running:
        yield running


def opened(site: Website, path: str = "/", **options: bool) -> Site:
    return open_site(site.origin + path, site.allow, 1000, **options)


def closed(site: Website, path: str = "/") -> SiteClosed:
    with pytest.raises(SiteClosed) as caught:
        opened(site, path)
    return caught.value


def visit(site: Website, path: str, *known: str | None) -> Visit:
    here = Site(site.origin + "/", Robots(), 0.0)
    return visiting.visit(site.origin + path, here, site.allow, *known)


def answers(site: Website, monkeypatch: pytest.MonkeyPatch, **headers: str) -> Visit:
    """What a page is that comes with these headers."""
    real = visiting.fetch

    def fetch(*args: object, **options: object) -> object:
        found = real(*args, **options)  # type: ignore[arg-type]
        more = {name.replace("_", "-"): value for name, value in headers.items()}
        return replace(found, headers={**found.headers, **more})

    monkeypatch.setattr(visiting, "fetch", fetch)
    return visit(site, "/delivery")


class TestOpening:
    def test_a_site_brings_its_pace_and_its_sitemaps(self, site: Website):
        found = opened(site)
        assert found.start == f"{site.origin}/"
        assert found.delay == opening.MIN_DELAY_SECONDS
        assert len(found.found) == 265  # those of the packed one; the foreign one isn't asked for
        assert found.robots.permits(f"{site.origin}/hours")
        assert not found.robots.permits(f"{site.origin}/private/margins")

    def test_a_long_delay_is_capped(self, site: Website):
        site.robots = "User-agent: *\nCrawl-delay: 3600\n"
        assert opened(site, with_sitemaps=False).delay == opening.MAX_DELAY_SECONDS

    def test_a_redirect_on_the_site_leads_to_the_start(self, site: Website):
        assert opened(site, "/old-delivery").start == f"{site.origin}/delivery"

    def test_no_robots_permits_everything(self, site: Website):
        site.robots_status = 404
        assert opened(site).robots.permits(f"{site.origin}/private/margins")

    @pytest.mark.parametrize("status", [429, 500, 503])
    def test_robots_in_trouble_permit_nothing_for_now(self, site: Website, status: int):
        site.robots_status = status
        problem = closed(site)
        assert problem.is_temporary
        assert f"a problem with its robots.txt (error {status})" in problem.message

    @pytest.mark.parametrize(
        ("path", "words"),
        [
            ("/inward", "isn't allowed"),
            ("/loop/a", "leads in a circle"),
            ("/missing", "There is no page at this address"),
            ("/forbidden", "doesn’t let us read it"),
            ("/broken", "has a problem just now (error 500)"),
            ("/huge", "larger than 5 MB"),
            ("/private/margins", "asks that this address isn’t read"),
        ],
    )
    def test_what_keeps_us_out_is_said_in_words(self, site: Website, path: str, words: str):
        problem = closed(site, path)
        assert (
            words in problem.message
            or "private network" in problem.message
            or "ports" in problem.message
        )
        assert problem.is_temporary == (path == "/broken")

    def test_a_site_on_the_private_network_is_refused(self, site: Website):
        with pytest.raises(SiteClosed) as caught:
            open_site("http://127.0.0.1/", PUBLIC, 10)
        assert "private network" in caught.value.message
        assert not site.requests

    def test_a_site_that_is_not_there_may_be_there_later(self):
        with socket.socket() as unused:
            unused.bind(("127.0.0.1", 0))
            port = unused.getsockname()[1]
        allow = Allow(ports=frozenset({port}), permit_loopback_for_tests=True)
        with pytest.raises(SiteClosed) as caught:
            open_site(f"http://127.0.0.1:{port}/", allow, 10)
        assert caught.value.is_temporary


class TestSitemaps:
    def read(self, body: str | bytes) -> list[str]:
        here = Site("https://shop.example/", Robots(), 0.0)
        given = body if isinstance(body, bytes) else body.encode()
        return sitemaps.walk([("https://shop.example/sitemap.xml", given)], here, PUBLIC, 100)

    def test_addresses_of_the_site_are_taken_once(self):
        urls = (
            "/a",
            "https://www.shop.example/b",
            "https://other.example/c",
            "/a#x",
            "ftp://x/",
            "",
        )
        body = "".join(f"<url><loc> {url} </loc></url>" for url in urls)
        found = self.read(f"<urlset>{body}</urlset>")
        assert found[:2] == ["https://shop.example/a", "https://www.shop.example/b"]
        assert all("other" not in url for url in found)

    def test_no_more_than_asked_for(self):
        body = "".join(f"<url><loc>/{number}</loc></url>" for number in range(500))
        assert len(self.read(f"<urlset>{body}</urlset>")) == 100

    def test_entities_bring_nothing_in(self):
        bomb = '<!DOCTYPE x [<!ENTITY a "aaaaaaaaaa"><!ENTITY b SYSTEM "file:///etc/passwd">]>'
        found = self.read(f"{bomb}<urlset><url><loc>/x&a;&b;</loc></url></urlset>")
        assert all("aaaa" not in url and "root" not in url for url in found)

    def test_a_packed_bomb_is_cut_off(self):
        bomb = gzip.compress(b"<urlset>" + b" " * (sitemaps.MAX_BYTES * 3))
        assert self.read(bomb) == []
        assert len(sitemaps._unpacked(bomb)) == sitemaps.MAX_BYTES

    @pytest.mark.parametrize(
        "body", ["", "<html><body>Not found</body></html>", "<urlset><url><loc>", b"\x1f\x8bx"]
    )
    def test_a_broken_one_is_as_good_as_none(self, body: str | bytes):
        assert self.read(body) == []

    def test_a_list_that_names_itself_ends(self, site: Website):
        here = Site(site.origin + "/", Robots(), 0.0)
        url = f"{site.origin}/sitemap.xml"
        body = f"<sitemapindex><sitemap><loc>{url}</loc></sitemap></sitemapindex>".encode()
        assert sitemaps.walk([(url, body)], here, site.allow, 10) == []
        assert not site.requests


class TestVisiting:
    def test_a_page_comes_with_what_shows_whether_it_changed(self, site: Website):
        found = visit(site, "/hours")
        assert found.kind == "page"
        assert b"9:00 to 18:00" in found.body
        again = visit(site, "/hours", found.etag, found.last_modified)
        assert (again.kind, again.body) == ("unchanged", b"")
        site.change("/hours", site.pages["/hours"].replace("18:00", "19:00"))
        assert visit(site, "/hours", found.etag, found.last_modified).kind == "page"

    @pytest.mark.parametrize(
        ("path", "kind", "words"),
        [
            ("/missing", "gone", "doesn’t exist any more"),
            ("/broken", "failed", "error 500"),
            ("/forbidden", "left_out", "only to some people"),
            ("/huge", "left_out", "larger than 5 MB"),
            ("/inward", "left_out", "leads to another site: 169.254.169.254"),
            ("/list.pdf", "left_out", "a file (application/pdf)"),
            ("/old-delivery", "moved", "has moved to"),
        ],
    )
    def test_each_trouble_has_its_words(self, site: Website, path: str, kind: str, words: str):
        found = visit(site, path)
        assert found.kind == kind
        assert words in found.message

    def test_a_redirect_is_only_told(self, site: Website):
        assert visit(site, "/old-delivery").to == f"{site.origin}/delivery"
        assert site.requests["/delivery"] == 0

    def test_what_robots_forbid_is_not_asked_for(self, site: Website):
        here = opened(site, with_sitemaps=False)
        found = visiting.visit(f"{site.origin}/private/margins", here, site.allow)
        assert (found.kind, site.requests["/private/margins"]) == ("left_out", 0)

    def test_a_site_that_takes_too_long_may_be_quicker_later(
        self, site: Website, monkeypatch: pytest.MonkeyPatch
    ):
        site.slow_seconds = 5
        monkeypatch.setattr(visiting, "PAGE_SECONDS", 0.2)
        found = visit(site, "/slow")
        assert (found.kind, found.message) == ("failed", "The site took too long to answer.")

    @pytest.mark.parametrize(
        ("header", "noindex", "nofollow"),
        [
            ("", False, False),
            ("noindex", True, False),
            ("NONE", True, True),
            ("nofollow, max-snippet: -1, noindex", True, True),
            ("googlebot: noindex, nofollow", False, False),
            ("googlebot: noindex, frontdesk: nofollow", False, True),
            ("unavailable_after: 25 jun 2030 15:00:00 pst, noindex", True, False),
        ],
    )
    def test_what_its_headers_ask(
        self,
        site: Website,
        monkeypatch: pytest.MonkeyPatch,
        header: str,
        noindex: bool,
        nofollow: bool,
    ):
        found = answers(site, monkeypatch, x_robots_tag=header)
        assert (found.kind, found.noindex, found.nofollow) == ("page", noindex, nofollow)

    @pytest.mark.parametrize(
        ("asked", "wait"),
        [
            ("", 0),
            ("3", 3),
            ("86400", visiting.MAX_WAIT_SECONDS),
            ("Wed, 21 Oct 2026 07:28:00 GMT", visiting.MAX_WAIT_SECONDS),
        ],
    )
    def test_a_site_that_asks_to_be_left_alone_is(
        self, site: Website, monkeypatch: pytest.MonkeyPatch, asked: str, wait: float
    ):
        site.fail_with(503)
        found = answers(site, monkeypatch, retry_after=asked)
        assert (found.kind, found.wait) == ("failed", wait)
