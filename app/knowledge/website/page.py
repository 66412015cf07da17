"""What one page of a website says, where it leads, and what it asks of readers. Runs in the child."""

import hashlib
import re
from collections import Counter
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlsplit

from lxml import etree

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing.clean import one_line
from app.knowledge.parsing.encoding import decode
from app.knowledge.parsing.webpage import read_tree, tree_of
from app.knowledge.website.grids import join_rows
from app.knowledge.website.links import canonical_of, links_of
from app.knowledge.website.tidying import is_credit, tidy
from app.lib.marking import kept

LITTLE_TEXT = 40  # characters: less says nothing that could be quoted
SHELL_TEXT = 300  # of a page that a script fills
LOG_IN_TEXT = 600  # around a log-in form; a shop with a log-in in its corner has more to say
REPEATED_ON = 3  # pages that keep a block which stands on all of them, as a footer does
REPEATED_CHARACTERS = 20  # shorter ones are as often a price as a menu

NEEDS_SCRIPT = kept(
    "This page is put together by JavaScript in the browser, so there is no text to read. Upload its text as a file, or add it as a question and answer."
)
ASKS_LOG_IN = kept("This page asks for a log-in, so customers can’t read it either.")
NO_TEXT = kept("There is hardly any text on this page.")
_ROOTS = (
    "//*[@id='root' or @id='app' or @id='__next' or @id='__nuxt' or @id='___gatsby' or @ng-app]"
)
_HOME = re.compile(r"/?(?:[a-z]{2}/?)?(?:(?:index|home|default)\.\w{3,5})?", re.IGNORECASE)
_WANTS_SCRIPT = re.compile(r"java\s?script", re.IGNORECASE)


@dataclass(slots=True)
class Reading:
    """`problem`, in the owner's words, when there is nothing to quote. `fingerprint` is of its text."""

    parsed: ParsedDocument
    links: list[str] = field(default_factory=list)
    canonical: str | None = None
    noindex: bool = False
    nofollow: bool = False
    fingerprint: str = ""
    problem: str | None = None


class Pages:
    """Reads page after page of one site, and learns what stands on all of them."""

    def __init__(self) -> None:
        self._seen: Counter[str] = Counter()

    def read(self, body: bytes, url: str, content_type: str = "") -> Reading:
        """Raises UnreadableFile for what is no text."""
        tree = tree_of(decode(body, declared=_charset(content_type)))
        directives = _directives(tree)
        reading = Reading(
            ParsedDocument(""),
            links_of(tree, url),
            canonical_of(tree, url),
            noindex=not directives.isdisjoint({"noindex", "none"}),
            nofollow=not directives.isdisjoint({"nofollow", "none"}),
        )
        needs_script, asks_log_in = _needs_script(tree), _asks_log_in(tree)
        tidy(tree, with_footer=is_home(url))
        join_rows(tree)
        reading.parsed = read_tree(tree)
        reading.parsed.blocks = [b for b in reading.parsed.blocks if not is_credit(b.text)]
        characters = sum(len(block.text) for block in reading.parsed.blocks)
        reading.fingerprint = _fingerprint(reading.parsed)
        if asks_log_in and characters < LOG_IN_TEXT:
            reading.problem = ASKS_LOG_IN
        elif characters < LITTLE_TEXT or (needs_script and characters < SHELL_TEXT):
            reading.problem = NEEDS_SCRIPT if needs_script else NO_TEXT
        own = [block for block in reading.parsed.blocks if self._is_own(block)]
        reading.parsed.blocks = _under_title(reading.parsed.title, own)
        return reading

    def _is_own(self, block: Block) -> bool:
        """Headings stay: "Description" on every product is still the heading of what follows."""
        if block.kind == "heading" or len(block.text) < REPEATED_CHARACTERS:
            return True
        self._seen[block.text] += 1
        return self._seen[block.text] <= REPEATED_ON


def _under_title(title: str, blocks: list[Block]) -> list[Block]:
    """What stands before any heading is about what the page's title says."""
    if not title or not blocks or blocks[0].kind == "heading":
        return blocks
    return [Block("heading", title, level=1), *blocks]


def is_home(url: str) -> bool:
    """Its footer is read for all pages: address and telephone often stand nowhere else."""
    return bool(_HOME.fullmatch(urlsplit(url).path))


def _charset(content_type: str) -> str:
    found = re.search(r"charset\s*=\s*[\"']?([\w.:-]{2,40})", content_type, re.IGNORECASE)
    return found[1] if found else ""


def _directives(tree: etree._Element) -> set[str]:
    found: set[str] = set()
    for element in tree.xpath("//meta[@name][@content]"):
        if element.get("name").strip().lower() in ("robots", "frontdesk"):
            found.update(re.split(r"[\s,]+", element.get("content").lower()))
    return found


def _asks_log_in(tree: etree._Element) -> bool:
    return bool(tree.xpath("boolean(//input[@type='password'])"))


def _needs_script(tree: etree._Element) -> bool:
    """A shell for a script: its root element, or a word to those who have none."""
    if not tree.xpath("boolean(//script)"):
        return False
    told = " ".join(one_line(element.xpath("string()")) for element in tree.xpath("//noscript"))
    return bool(tree.xpath(f"boolean({_ROOTS})")) or bool(_WANTS_SCRIPT.search(told))


def _fingerprint(parsed: ParsedDocument) -> str:
    said = "\n".join(f"{block.kind} {block.text}" for block in parsed.blocks)
    return hashlib.blake2b(said.encode(), digest_size=16).hexdigest()


def as_dict(reading: Reading) -> dict[str, Any]:
    """For the line between the processes."""
    return {
        "title": reading.parsed.title,
        "language": reading.parsed.language,
        "blocks": [block.as_dict() for block in reading.parsed.blocks],
        "links": reading.links,
        "canonical": reading.canonical,
        "noindex": reading.noindex,
        "nofollow": reading.nofollow,
        "fingerprint": reading.fingerprint,
        "problem": reading.problem,
    }


def from_dict(told: dict[str, Any]) -> Reading:
    blocks = [Block(**block) for block in told.pop("blocks")]
    return Reading(ParsedDocument(told.pop("title"), blocks, told.pop("language")), **told)
