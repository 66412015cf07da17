"""Sitemaps (sitemaps.org): lists of a site's addresses, and lists of lists, plain or packed."""

import re
import zlib
from typing import TYPE_CHECKING
from urllib.parse import urljoin

from lxml import etree

from app.core.http import Allow, OutgoingError, fetch
from app.knowledge.website.spelling import canonical, is_same_site

if TYPE_CHECKING:
    from app.knowledge.website.opening import Site

MAX_SITEMAPS = 20  # of one site; each may name 50,000 addresses
MAX_BYTES = 10 * 1024 * 1024  # unpacked
SECONDS = 20.0
_GZIP = b"\x1f\x8b"
_ROOT = re.compile(rb"<(?:\w+:)?(urlset|sitemapindex)[\s>]")


def is_sitemap(body: bytes) -> bool:
    return body[:2] == _GZIP or bool(_ROOT.search(body[:2000]))


def walk(
    to_read: list[tuple[str, bytes | None]], site: "Site", allow: Allow, max_pages: int
) -> list[str]:
    """The addresses of the same site in these sitemaps, and in those that they name, each once."""
    found: dict[str, None] = {}
    seen = {url for url, _body in to_read}
    read_count = 0
    while to_read and read_count < MAX_SITEMAPS and len(found) < max_pages:
        url, body = to_read.pop(0)
        read_count += 1
        pages, others = _read(body if body is not None else _fetched(url, site, allow))
        found.update(dict.fromkeys(_same_site(pages, url, site)))
        for other in _same_site(others, url, site):
            if other not in seen:
                seen.add(other)
                to_read.append((other, None))
    return list(found)[:max_pages]


def _fetched(url: str, site: "Site", allow: Allow) -> bytes:
    if not site.robots.permits(url):
        return b""
    try:
        answer = fetch(url, max_bytes=MAX_BYTES, timeout=SECONDS, allow=allow)
    except OutgoingError:
        return b""
    return answer.body if answer.status == 200 and is_same_site(answer.url, url) else b""


def _read(body: bytes) -> tuple[list[str], list[str]]:
    """Addresses of pages, and of further sitemaps. Nothing from what is no sitemap."""
    body = _unpacked(body)
    if not _ROOT.search(body[:2000]):
        return [], []
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, recover=True, huge_tree=False
    )
    try:
        root = etree.fromstring(body, parser)
    except etree.XMLSyntaxError:
        return [], []
    if root is None:
        return [], []
    return _locations(root, "url"), _locations(root, "sitemap")


def _locations(root: etree._Element, name: str) -> list[str]:
    found = root.xpath(f"/*/*[local-name()='{name}']/*[local-name()='loc']")
    return [text for element in found if (text := (element.text or "").strip())]


def _unpacked(body: bytes) -> bytes:
    """Packed ones are unpacked up to the limit, so a bomb is only cut off."""
    if not body.startswith(_GZIP):
        return body
    try:
        return zlib.decompressobj(wbits=31).decompress(body, MAX_BYTES)
    except zlib.error:
        return b""


def _same_site(addresses: list[str], base: str, site: "Site") -> list[str]:
    kept = []
    for address in addresses:
        try:
            url = canonical(urljoin(base, address), base)
        except ValueError:
            continue
        if is_same_site(url, site.start):
            kept.append(url)
    return kept
