"""Coming to a website: where it really is, what its robots.txt permits, which sitemaps it has."""

from dataclasses import dataclass, field
from urllib.parse import urljoin, urlsplit

from app.core.http import (
    AddressRefused,
    Allow,
    Fetched,
    OutgoingError,
    TooLarge,
    TooManyRedirects,
    fetch,
)
from app.knowledge.website import robots, sitemaps
from app.knowledge.website.robots import Robots
from app.knowledge.website.spelling import canonical, is_same_site
from app.lib.marking import kept

AGENT = "Frontdesk"
AGENT_HEADERS = {
    "User-Agent": f"Mozilla/5.0 (compatible; {AGENT}; reads this site for its owner’s assistant)".replace(
        "’", "'"
    ),
    "Accept": "text/html,application/xhtml+xml;q=0.9,*/*;q=0.1",
}
MAX_START_BYTES = 5 * 1024 * 1024
SECONDS = 20.0
MAX_DELAY_SECONDS = 10.0  # a site that asks for more is read at this pace
MIN_DELAY_SECONDS = 0.1  # a small shop's server has customers to serve


class SiteClosed(Exception):
    """The website can't be read now. `is_temporary`: trying again later may help. In the owner's words."""

    def __init__(self, message: str, *, is_temporary: bool = False) -> None:
        super().__init__(message)
        self.message = message
        self.is_temporary = is_temporary


@dataclass(frozen=True, slots=True)
class Site:
    """`start` is the first page, or the sitemap; `found` are the addresses that sitemaps name."""

    start: str
    robots: Robots
    delay: float  # seconds between two requests
    is_sitemap: bool = False
    found: list[str] = field(default_factory=list)


def open_site(address: str, allow: Allow, max_pages: int, *, with_sitemaps: bool = True) -> Site:
    """`address` as websites.clean_address() gives it. Raises SiteClosed."""
    start, first = _first_answer(address, allow)
    rules = _robots(start, allow)
    if not rules.permits(start):
        raise SiteClosed(
            kept(
                "The site’s robots.txt asks that this address isn’t read. If the site is yours, allow “%(agent)s” there.",
                agent=AGENT,
            )
        )
    site = Site(
        start,
        rules,
        min(max(rules.delay, MIN_DELAY_SECONDS), MAX_DELAY_SECONDS),
        is_sitemap=sitemaps.is_sitemap(first.body),
    )
    if with_sitemaps:
        site.found.extend(_in_sitemaps(site, first, allow, max_pages))
    return site


def _first_answer(address: str, allow: Allow) -> tuple[str, Fetched]:
    """Follows from http to https and to www., which are still the owner's site."""
    try:
        answer = fetch(
            address,
            max_bytes=MAX_START_BYTES,
            timeout=SECONDS,
            headers=AGENT_HEADERS,
            allow=allow,
        )
    except AddressRefused as problem:
        raise SiteClosed(str(problem)) from problem
    except TooManyRedirects as problem:
        raise SiteClosed(kept("The address leads in a circle and never to a page.")) from problem
    except TooLarge as problem:
        raise SiteClosed(kept("What stands at this address is larger than 5 MB.")) from problem
    except OutgoingError as problem:
        raise SiteClosed(str(problem), is_temporary=True) from problem
    _refuse_status(answer.status)
    start = canonical(answer.url, answer.url)
    if not is_same_site(start, address):
        raise SiteClosed(
            kept(
                "This address leads to another site, %(netloc)s. Add that address if it is yours.",
                netloc=urlsplit(start).netloc,
            )
        )
    return start, answer


def _refuse_status(status: int) -> None:
    if status in (401, 403):
        raise SiteClosed(
            kept(
                "The site doesn’t let us read it: it asks for a log-in, or keeps out everything that isn’t a browser. Allow “%(agent)s” there, or upload the pages as files.",
                agent=AGENT,
            )
        )
    if status in (404, 410):
        raise SiteClosed(kept("There is no page at this address. Check its spelling."))
    if status == 429 or status >= 500:
        raise SiteClosed(
            kept(
                "The site has a problem just now (error %(status)s). Try again later.",
                status=status,
            ),
            is_temporary=True,
        )
    if status != 200:
        raise SiteClosed(
            kept("The site gave an unusual answer (%(status)s) instead of a page.", status=status)
        )


def _robots(start: str, allow: Allow) -> Robots:
    """Unreachable means nothing may be read now, as RFC 9309 says."""
    try:
        answer = fetch(
            urljoin(start, "/robots.txt"),
            max_bytes=robots.MAX_BYTES * 4,
            timeout=SECONDS,
            headers=AGENT_HEADERS,
            allow=allow,
        )
    except (AddressRefused, TooManyRedirects, TooLarge):
        return Robots()
    except OutgoingError as problem:
        raise SiteClosed(
            kept("The site’s robots.txt can’t be reached just now. Try again later."),
            is_temporary=True,
        ) from problem
    if answer.status == 429 or answer.status >= 500:
        raise SiteClosed(
            kept(
                "The site has a problem with its robots.txt (error %(status)s), so it may not be read now. Try again later.",
                status=answer.status,
            ),
            is_temporary=True,
        )
    return robots.of_answer(answer.status, answer.body, AGENT)


def _in_sitemaps(site: Site, first: Fetched, allow: Allow, max_pages: int) -> list[str]:
    """A sitemap that was given is the only one; a broken one is as good as none."""
    if site.is_sitemap:
        return sitemaps.walk([(site.start, first.body)], site, allow, max_pages)
    named = site.robots.sitemaps or [urljoin(site.start, "/sitemap.xml")]
    same = [url for url in named[: sitemaps.MAX_SITEMAPS] if _is_same(url, site.start)]
    return sitemaps.walk([(url, None) for url in same], site, allow, max_pages)


def _is_same(url: str, start: str) -> bool:
    try:
        return is_same_site(url, start)
    except ValueError:
        return False
