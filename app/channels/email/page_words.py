"""The words of a mail that is a page, without what it quotes.

A small reader of our own: the standard library's takes minutes for half a megabyte of beginnings without an end.
Each sign is looked at a bounded number of times here.
"""

import re
from collections.abc import Iterator
from html import unescape

SKIPPED = {"script", "style", "head", "title", "template", "blockquote"}
LINES = {"p", "div", "br", "tr", "li", "h1", "h2", "h3", "h4", "ul", "ol", "table", "hr"}
QUOTES = ("gmail_quote", "yahoo_quoted", "moz-cite-prefix", "protonmail_quote", "appendonsend")
MAX_OPEN = 200  # tags in each other, of what is skipped
VOID = {"br", "hr", "img", "meta", "link", "input", "col", "wbr", "area", "base", "embed", "source"}
_TAG = re.compile(
    r"""<(/?)([a-zA-Z][^\s/>]{0,40})((?:[^>"']++|"[^"]{0,2000}+"|'[^']{0,2000}+'){0,200}+)>"""
)
_NAMED = re.compile(r"""\b(?:class|id)\s{0,9}=\s{0,9}("[^"]*"|'[^']*'|[^\s"'>]+)""", re.IGNORECASE)
_RAW = {name: re.compile(rf"</{name}\b", re.IGNORECASE) for name in ("script", "style", "title")}


def page_words(page: str) -> str:
    reader = _Reader()
    for piece in _pieces(page):
        reader.take(piece)
    lines = [" ".join(line.split()) for line in "".join(reader.found).split("\n")]
    return "\n".join(
        line for number, line in enumerate(lines) if line or (number and lines[number - 1])
    )


def _pieces(page: str) -> Iterator[str | re.Match[str]]:
    """Words and tags, in turns. What never ends isn't looked for again."""
    here, last_end = 0, page.rfind(">")
    while (begin := page.find("<", here)) != -1 and begin < last_end:
        yield page[here:begin]
        if page.startswith(("<!", "<?"), begin):
            end = "-->" if page.startswith("<!--", begin) else ">"
            found = page.find(end, begin)
            if found == -1:
                return
            here = found + len(end)
        elif tag := _TAG.match(page, begin):
            yield tag
            here = tag.end()
            raw = _RAW.get(tag[2].lower()) if not tag[1] else None
            if raw is not None:
                closing = raw.search(page, here)
                if closing is None:
                    return
                here = closing.start()
        else:
            yield "<"
            here = begin + 1
    yield page[here:]


class _Reader:
    def __init__(self) -> None:
        self.found: list[str] = []
        self._skipped: list[str] = []  # the open tags from the first one that is skipped on

    def take(self, piece: str | re.Match[str]) -> None:
        if isinstance(piece, str):
            self._words(piece)
        elif piece[1]:
            self._end(piece[2].lower())
        else:
            self._start(piece[2].lower(), piece[3])

    def _start(self, tag: str, attributes: str) -> None:
        if tag in VOID:
            self.found.append("\n" if tag in LINES and not self._skipped else "")
        elif self._skipped or tag in SKIPPED or _is_quote(attributes):
            if len(self._skipped) < MAX_OPEN:
                self._skipped.append(tag)
        elif tag in LINES:
            self.found.append("\n")

    def _end(self, tag: str) -> None:
        if self._skipped:
            if tag in self._skipped:
                del self._skipped[len(self._skipped) - 1 - self._skipped[::-1].index(tag) :]
        elif tag in LINES:
            self.found.append("\n")

    def _words(self, words: str) -> None:
        if not self._skipped:
            self.found.append(unescape(words).replace("\n", " "))


def _is_quote(attributes: str) -> bool:
    named = " ".join(_NAMED.findall(attributes)).lower()
    return any(quote in named for quote in QUOTES)
