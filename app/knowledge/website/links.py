"""Where a page leads. Runs in the child."""

import re
from collections.abc import Iterator
from urllib.parse import urljoin

from lxml import etree

from app.knowledge.website.spelling import canonical

MAX_LINKS = 1000  # of one page
_LATER = re.compile(r"[\d.\s]*[;,]\s*(?:url\s*=\s*)?[\"']?\s*([^\"']+)", re.IGNORECASE)


def _base(tree: etree._Element, url: str) -> str:
    href = next(iter(tree.xpath("//base/@href")), "")
    try:
        return urljoin(url, href)
    except ValueError:
        return url


def links_of(tree: etree._Element, url: str) -> list[str]:
    base = _base(tree, url)
    found: dict[str, None] = {}
    for href in [*_forwards(tree), *_hrefs(tree)]:
        link = _absolute(href, base)
        if link:
            found[link] = None
        if len(found) >= MAX_LINKS:
            break
    return list(found)


def _hrefs(tree: etree._Element) -> Iterator[str]:
    for element in tree.xpath("//a[@href] | //area[@href]"):
        if "nofollow" not in (element.get("rel") or "").lower().split():
            yield element.get("href")


def _forwards(tree: etree._Element) -> Iterator[str]:
    """Where a page of the old kind sends its visitors at once, and the frames it is made of."""
    for element in tree.xpath("//meta[@http-equiv][@content]"):
        found = _LATER.match(element.get("content"))
        if element.get("http-equiv").lower() == "refresh" and found:
            yield found[1]
    yield from tree.xpath("//frame/@src")


def canonical_of(tree: etree._Element, url: str) -> str | None:
    for element in tree.xpath("//link[@rel][@href]"):
        if "canonical" in element.get("rel").lower().split():
            return _absolute(element.get("href"), _base(tree, url))
    return None


def _absolute(href: str, base: str) -> str | None:
    if not href.strip() or href.strip().startswith("#"):
        return None
    try:
        return canonical(href, base)
    except ValueError:
        return None
