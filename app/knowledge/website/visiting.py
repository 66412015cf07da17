"""One request to one page of a website, and what came of it, in the owner's words."""

from dataclasses import dataclass
from typing import Literal
from urllib.parse import urljoin

from app.core.http import Allow, Fetched, OutgoingError, TooLarge, fetch
from app.knowledge.website.opening import AGENT, AGENT_HEADERS, Site
from app.knowledge.website.spelling import canonical, is_same_site
from app.lib.marking import kept

MAX_PAGE_BYTES = 5 * 1024 * 1024
PAGE_SECONDS = 20.0
MAX_WAIT_SECONDS = 15.0  # a page that failed comes again at the end of the run anyway
_HTML = ("text/html", "application/xhtml+xml")
_WITH_VALUES = ("unavailable_after", "max-snippet", "max-image-preview", "max-video-preview")

Kind = Literal["page", "unchanged", "moved", "gone", "left_out", "failed"]


@dataclass(frozen=True, slots=True)
class Visit:
    """`kind` is page (with `body`), unchanged, moved (to `to`), gone, left_out or failed (try again)."""

    kind: Kind
    message: str = ""
    body: bytes = b""
    content_type: str = ""
    to: str = ""
    etag: str | None = None
    last_modified: str | None = None
    noindex: bool = False
    nofollow: bool = False
    wait: float = 0.0  # seconds that the site asks to be left alone


def visit(
    url: str, site: Site, allow: Allow, etag: str | None = None, last_modified: str | None = None
) -> Visit:
    """`etag` and `last_modified` are what the last visit brought: an unchanged page isn't sent again."""
    if not site.robots.permits(url):
        return Visit("left_out", kept("The site’s robots.txt asks not to read it."))
    headers = dict(AGENT_HEADERS)
    if etag:
        headers["If-None-Match"] = etag
    if last_modified:
        headers["If-Modified-Since"] = last_modified
    try:
        fetched = fetch(
            url,
            max_bytes=MAX_PAGE_BYTES,
            timeout=PAGE_SECONDS,
            headers=headers,
            allow=allow,
            follow_redirects=False,
        )
    except TooLarge:
        return Visit("left_out", kept("The page is larger than 5 MB."))
    except OutgoingError as problem:
        return Visit("left_out" if problem.permanent else "failed", str(problem))
    return _told(url, site, fetched)


def _told(url: str, site: Site, fetched: Fetched) -> Visit:
    if fetched.status == 200:
        return _page(fetched)
    if fetched.status in (301, 302, 303, 307, 308):
        return _moved(url, site, fetched)
    if fetched.status == 429 or fetched.status >= 500:
        message = kept(
            "The site had a problem with this page (error %(status)s).", status=fetched.status
        )
        return Visit("failed", message, wait=_wait(fetched.headers.get("retry-after", "")))
    return _without_page(fetched.status)


def _wait(asked: str) -> float:
    """A date is as good as a long time."""
    seconds = asked.strip()
    if not seconds:
        return 0.0
    return min(float(seconds), MAX_WAIT_SECONDS) if seconds.isdecimal() else MAX_WAIT_SECONDS


def _without_page(status: int) -> Visit:
    if status == 304:
        return Visit("unchanged")
    if status in (404, 410):
        return Visit("gone", kept("The page doesn’t exist any more."))
    if status in (401, 403):
        return Visit("left_out", kept("The site shows this page only to some people."))
    return Visit("left_out", kept("The site gave an unusual answer (%(status)s).", status=status))


def _moved(url: str, site: Site, fetched: Fetched) -> Visit:
    try:
        to = canonical(urljoin(url, fetched.headers.get("location", "")), url)
    except ValueError:
        return Visit("left_out", kept("The page leads to an address that can’t be used."))
    if to == url:
        return Visit("left_out", kept("The page leads to itself, on and on."))
    if not is_same_site(to, site.start):
        return Visit(
            "left_out", kept("The page leads to another site: %(short)s", short=_short(to))
        )
    return Visit("moved", kept("The page has moved to %(short)s", short=_short(to)), to=to)


def _page(fetched: Fetched) -> Visit:
    content_type = fetched.headers.get("content-type", "").strip()
    kind = content_type.partition(";")[0].strip().lower()
    if kind and kind not in _HTML:
        return Visit(
            "left_out",
            kept("It is not a web page but a file (%(kind)s). Upload it under Files.", kind=kind),
        )
    if not fetched.body.strip():
        return Visit("left_out", kept("The page is empty."))
    directives = _directives(fetched.headers.get("x-robots-tag", ""))
    return Visit(
        "page",
        body=fetched.body,
        content_type=content_type,
        etag=fetched.headers.get("etag"),
        last_modified=fetched.headers.get("last-modified"),
        noindex=not directives.isdisjoint({"noindex", "none"}),
        nofollow=not directives.isdisjoint({"nofollow", "none"}),
    )


def _directives(header: str) -> set[str]:
    """What is meant for all readers: "googlebot: noindex" is for another one."""
    found: set[str] = set()
    is_ours = True
    for each in header.lower().split(","):
        agent, colon, rest = each.partition(":")
        if colon and agent.strip() not in _WITH_VALUES:
            is_ours = agent.strip() == AGENT.lower()
        if is_ours:
            found.add((rest if colon else each).strip())
    return found


def _short(url: str) -> str:
    return url.partition("://")[2][:200]
