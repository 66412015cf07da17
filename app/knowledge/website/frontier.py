"""Which addresses are worth a visit: no files, no log-ins, and no traps that never end."""

import re
from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from urllib.parse import parse_qsl, unquote, urlsplit

MAX_DEPTH = 10  # links from the address that was given
MAX_SEGMENTS = 12  # of a path
MAX_URL_CHARACTERS = 500
MAX_OF_DATES = 24  # addresses that differ in dates alone: a calendar has no last page
MAX_OF_CHOICES = 30  # of one path with several choices in its query, as a shop's filters make them

_FILES = re.compile(
    r"\.(?:avif|bmp|css|csv|dmg|docx?|eot|epub|exe|gif|gz|ico|ics|jpe?g|js|json|m4a|map|mov|mp3|mp4|mpe?g|odt|ogg"
    r"|pdf|png|pptx?|rar|rss|svg|tar|tgz|tiff?|ttf|txt|vcf|wav|webm|webp|woff2?|xlsx?|xml|zip)$",
    re.IGNORECASE,
)
_NO_READING = re.compile(
    r"/(?:wp-admin|wp-login\.php|wp-json|xmlrpc\.php|cgi-bin|cart|basket|checkout|login|logout|signin|signup"
    r"|my-account)(?:/|$)",
    re.IGNORECASE,
)
_ACTION = frozenset({"add-to-cart", "replytocom", "share", "print", "action", "logout"})
_CALENDAR = "Stopped at a calendar that never ends: {}."
_FILTER = "Stopped at a page whose address takes ever new choices: {}."
_NAMES_PAGE = re.compile(r"(?:^|&)\w*id=\d", re.IGNORECASE)
_NUMBER = re.compile(r"\d+")
_DATE = re.compile(
    r"/(?:19|20)\d\d(?:/|-|$)|\b(?:19|20)\d\d-\d\d|[?&](?:month|year|day|date|week|cal\w*)=",
    re.IGNORECASE,
)


@dataclass(slots=True)
class Frontier:
    """What is known of a site, to tell a page from a trap. Addresses are counted as they are taken."""

    dates: Counter[str] = field(default_factory=Counter)
    choices: Counter[str] = field(default_factory=Counter)
    example: dict[str, str] = field(default_factory=dict)  # the first of each group

    def count(self, url: str) -> None:
        group = _group(url)
        self.dates[group] += bool(_DATE.search(url))
        self.choices[group] += _is_choice(url)
        self.example.setdefault(group, url)

    def takes(self, url: str, depth: int) -> bool:
        """Whether it is worth queueing; if it is, it is counted."""
        if depth > MAX_DEPTH or not is_page(url) or _repeats(urlsplit(url).path):
            return False
        group = _group(url)
        if _DATE.search(url) and self.dates[group] >= MAX_OF_DATES:
            return False
        if _is_choice(url) and self.choices[group] >= MAX_OF_CHOICES:
            return False
        self.count(url)
        return True


def stops(found: Iterable[tuple[str, int]]) -> list[str]:
    """Where a site was not followed to its end, in the owner's words, from the addresses and depths of its pages.
    More of a kind than the limit come from a sitemap, which ends."""
    frontier = Frontier()
    words: dict[str, str] = {}
    for url, depth in found:
        frontier.count(url)
        group = _group(url)
        is_full = frontier.dates[group] == MAX_OF_DATES
        if _DATE.search(url) and (is_full or depth >= MAX_DEPTH):
            words[group] = _CALENDAR
        elif frontier.choices[group] == MAX_OF_CHOICES:
            words[group] = _FILTER
        elif frontier.dates[group] > MAX_OF_DATES or frontier.choices[group] > MAX_OF_CHOICES:
            words.pop(group, None)
    return [told.format(_short(frontier.example[group])) for group, told in words.items()]


def is_page(url: str) -> bool:
    """By its address alone."""
    parts = urlsplit(url)
    if len(url) > MAX_URL_CHARACTERS or parts.path.count("/") > MAX_SEGMENTS:
        return False
    if _FILES.search(parts.path) or _NO_READING.search(parts.path):
        return False
    names = {name.lower() for name, _value in parse_qsl(parts.query, keep_blank_values=True)}
    return names.isdisjoint(_ACTION)


def _group(url: str) -> str:
    """/events?month=2026-11 and …-12 are of one group, as are all choices of one path."""
    parts = urlsplit(url)
    if _is_choice(url) and not _DATE.search(url):
        return f"{unquote(parts.path)}?*"
    names = sorted({name for name, _value in parse_qsl(parts.query, keep_blank_values=True)})
    return f"{_NUMBER.sub('0', unquote(parts.path))}?{'&'.join(names)}"


def _is_choice(url: str) -> bool:
    """One value, or one beside a number that names the page, has an end; values combined have none."""
    query = urlsplit(url).query
    return "&" in query and not _NAMES_PAGE.search(query)


def _short(url: str) -> str:
    parts = urlsplit(url)
    return f"{parts.path}?{parts.query}"[:120].rstrip("?")


def _repeats(path: str) -> bool:
    """/a/b/a/b/a/b: relative links that lead ever deeper."""
    segments = [segment for segment in path.split("/") if segment]
    return any(count >= 3 for count in Counter(segments).values())
