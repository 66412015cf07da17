"""Which addresses are worth a visit: no files, no log-ins, and no traps that never end."""

import re
from collections import Counter
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_DEPTH = 10  # links from the address that was given
MAX_SEGMENTS = 12  # of a path
MAX_URL_CHARACTERS = 500
MAX_OF_PATTERN = 300  # addresses that differ in numbers alone, as products do
MAX_OF_DATES = 24  # the same, where the numbers are dates: a calendar has no last page
MAX_OF_PATH = 30  # of one path with different queries

_FILES = re.compile(
    r"\.(?:avif|bmp|css|csv|dmg|docx?|eot|epub|exe|gif|gz|ico|ics|jpe?g|js|json|m4a|map|mov|mp3|mp4|mpe?g|odt|ogg"
    r"|pdf|png|pptx?|rar|rss|svg|tar|tgz|tiff?|ttf|txt|vcf|wav|webm|webp|woff2?|xlsx?|xml|zip)$",
    re.IGNORECASE,
)
_NO_READING = re.compile(
    r"/(?:wp-admin|wp-login\.php|wp-json|xmlrpc\.php|cgi-bin|cart|basket|checkout|login|logout|signin|signup"
    r"|register|account|my-account|feed)(?:/|$)",
    re.IGNORECASE,
)
_SESSION = frozenset({"phpsessid", "jsessionid", "sid", "sessionid", "session_id", "aspsessionid"})
_ACTION = frozenset({"add-to-cart", "replytocom", "share", "print", "action", "logout"})
_NUMBER = re.compile(r"\d+")
_DATE = re.compile(
    r"/(?:19|20)\d\d(?:/|-|$)|\b(?:19|20)\d\d-\d\d|[?&](?:month|year|day|date|week|cal\w*)=",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Frontier:
    """What is known of a site, to tell a page from a trap. Addresses are counted as they are taken."""

    patterns: Counter[str] = field(default_factory=Counter)
    paths: Counter[str] = field(default_factory=Counter)
    traps: dict[str, str] = field(default_factory=dict)  # pattern → an address of it

    def count(self, url: str) -> None:
        parts = urlsplit(url)
        self.patterns[_pattern(url)] += 1
        self.paths[parts.path] += bool(parts.query)

    def takes(self, url: str, depth: int) -> bool:
        """Whether it is worth queueing; if it is, it is counted."""
        if depth > MAX_DEPTH or not is_page(url):
            return False
        pattern, path = _pattern(url), urlsplit(url).path
        most = MAX_OF_DATES if _DATE.search(url) else MAX_OF_PATTERN
        is_query_of_many = urlsplit(url).query and self.paths[path] >= MAX_OF_PATH
        if _repeats(path) or self.patterns[pattern] >= most or is_query_of_many:
            self.traps.setdefault(pattern, url)
            return False
        self.count(url)
        return True


def is_page(url: str) -> bool:
    """By its address alone."""
    parts = urlsplit(url)
    if len(url) > MAX_URL_CHARACTERS or parts.path.count("/") > MAX_SEGMENTS:
        return False
    if _FILES.search(parts.path) or _NO_READING.search(parts.path):
        return False
    if ";jsessionid" in parts.path.lower():
        return False
    names = {name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    return names.isdisjoint(_SESSION | _ACTION)


def _pattern(url: str) -> str:
    """/events?month=2026-11 and …-12 are of one pattern; /products/rose and /products/fern of two."""
    parts = urlsplit(url)
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{_NUMBER.sub('0', unquote(parts.path))}?{'&'.join(names)}"


def _repeats(path: str) -> bool:
    """/a/b/a/b/a/b: relative links that lead ever deeper."""
    segments = [segment for segment in path.split("/") if segment]
    return any(count >= 3 for count in Counter(segments).values())
