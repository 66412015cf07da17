"""Lines of a printed page back into paragraphs, items and headings."""

import re
from collections import Counter
from dataclasses import dataclass, field
from itertools import pairwise
from statistics import median

from app.knowledge.blocks import Block
from app.knowledge.parsing.clean import join_lines, one_line

LETTER_WIDTH = 0.5  # of the size, on average
_CELL_GAP = 1.0  # of the size
_EDGE_LINES = 2  # at the top and at the bottom of a page, where headers and footers are
_MIN_REPEATS = 3  # pages; fewer could be chance
_PARAGRAPH_GAP = 1.25  # of the usual distance between lines
_FULL_LINE = 0.7  # of the page's longest line; a shorter one is a paragraph's last
_SAME_SIZE = 0.06  # part by which sizes of one font may differ by rounding
_HEADING_SIZE = 1.12  # of the size most text is set in
_HEADING_CHARACTERS = 150
_BULLET = re.compile(r"(?:[•▪–◦‣●■□◆►✓✔·∙\uf0b7]|-(?=\s)|\*(?=\s)|\(?\d{1,2}[.)](?=\s))\s*(?=\S)")
_NUMBER = re.compile(r"(?<!\d)\d{1,5}(?!\d)", re.A)
_ENDS_SENTENCE = re.compile(r"[.!?:;…。！？؟]['\"”’)\]]*$")


@dataclass(slots=True)
class Line:
    """`height` is the distance from the page's foot, `size` the font's; both in points."""

    text: str = ""
    height: float = 0.0
    size: float = 0.0
    page: int = 0
    is_full: bool = False  # reaches about as far as the page's longest line
    is_row: bool = False  # of a table
    cells: list[tuple[float, str]] = field(default_factory=list)  # its pieces: left edge, text

    def add(
        self, text: str, height: float, size: float, left: float, letter: float = LETTER_WIDTH
    ) -> None:
        """`letter` is the usual width of one, a part of the size."""
        if text.strip() and not self.text.strip():
            self.height, self.size = height, size
        self.text += text
        if self.cells and not self._is_apart(left, letter):
            left, before = self.cells.pop()
            self.cells.append((left, before + text))
        elif text.strip():
            self.cells.append((left, text))

    def _is_apart(self, left: float, letter: float) -> bool:
        """Whether a piece that begins there leaves more than a space behind the one before it."""
        start, text = self.cells[-1]
        return left > start + (len(text.strip()) * letter + _CELL_GAP) * self.size


def blocks_of(pages: list[list[Line]]) -> list[Block]:
    repeated = _repeated_edges(pages)
    paragraphs: list[list[Line]] = []
    for number, lines in enumerate(pages, start=1):
        edges = [line for line in _edges(lines) if repeated & _edge_keys(line, number)]
        kept = [line for line in lines if not any(line is edge for edge in edges)]
        for line in kept:
            line.page, line.text = number, one_line(line.text)
        paragraphs += _paragraphs([line for line in kept if line.text])
    paragraphs = _joined_over_pages(paragraphs)
    sizes = _Sizes(paragraphs)
    return [_block(lines, sizes) for lines in paragraphs]


def _edges(lines: list[Line]) -> list[Line]:
    ordered = sorted(lines, key=lambda line: line.height)
    return ordered[:_EDGE_LINES] + ordered[_EDGE_LINES:][-_EDGE_LINES:]


def _edge_keys(line: Line, page: int) -> set[str]:
    """The line as it is, and with each number as its distance from the page's: "Page 3 of 9" and
    "Page 4 of 9" share a key, "Rose 3" and "Rose 8" don't."""
    text = one_line(line.text)
    keys = {text}
    for number in _NUMBER.finditer(text):
        distance = int(number[0]) - page
        keys.add(f"{text[: number.start()]}#{distance}{text[number.end() :]}")
    return keys


def _repeated_edges(pages: list[list[Line]]) -> set[str]:
    """Headers and footers: what stands at the edge of a third of the pages (left and right differ)."""
    seen: Counter[str] = Counter()
    for number, lines in enumerate(pages, start=1):
        seen.update({key for line in _edges(lines) for key in _edge_keys(line, number)})
    enough = max(_MIN_REPEATS, len(pages) * 0.3)
    return {key for key, count in seen.items() if count >= enough}


def _paragraphs(lines: list[Line]) -> list[list[Line]]:
    if not lines:
        return []
    leading = _leading(lines)
    longest = max((len(line.text) for line in lines if not line.is_row), default=0)
    for line in lines:
        line.is_full = not line.is_row and len(line.text) >= _FULL_LINE * longest
    found = [[lines[0]]]
    for above, below in pairwise(lines):
        if _breaks(above, below, leading):
            found.append([])
        found[-1].append(below)
    return found


def _leading(lines: list[Line]) -> float:
    """The usual distance between two lines of one paragraph on this page."""
    gaps = [
        above.height - below.height
        for above, below in pairwise(lines)
        if not above.is_row
        and _is_same_size(above, below)
        and 0 < above.height - below.height < 3 * above.size
    ]
    return median(gaps) if gaps else 1.2 * lines[0].size


def _breaks(above: Line, below: Line, leading: float) -> bool:
    gap = above.height - below.height
    if above.is_row or below.is_row:
        return True
    if not _is_same_size(above, below) or _BULLET.match(below.text):
        return True
    if gap < -leading:  # a new column: the sentence may go on there
        return not _goes_on(above, below)
    if gap > _PARAGRAPH_GAP * leading:
        return True
    return not above.is_full and not below.text[:1].islower()


def _is_same_size(one: Line, other: Line) -> bool:
    return abs(one.size - other.size) <= _SAME_SIZE * max(one.size, other.size)


def _goes_on(above: Line, below: Line) -> bool:
    return below.text[:1].islower() and not _ENDS_SENTENCE.search(above.text)


def _joined_over_pages(paragraphs: list[list[Line]]) -> list[list[Line]]:
    found: list[list[Line]] = []
    for lines in paragraphs:
        last = found[-1][-1] if found else None
        if (
            last
            and last.is_full
            and last.page != lines[0].page
            and _goes_on(last, lines[0])
            and _is_same_size(last, lines[0])
        ):
            found[-1] += lines
        else:
            found.append(lines)
    return found


class _Sizes:
    """A PDF names no headings; set larger than the body, and brief, is what they look like."""

    def __init__(self, paragraphs: list[list[Line]]) -> None:
        used: Counter[float] = Counter()
        for line in (line for lines in paragraphs for line in lines):
            used[round(line.size, 1)] += len(line.text)
        self.body = used.most_common(1)[0][0] if used else 0.0
        larger = [size for size in used if size > self.body * _HEADING_SIZE]
        self._ranks = {size: rank for rank, size in enumerate(sorted(larger, reverse=True), 1)}

    def level(self, lines: list[Line]) -> int:
        text = " ".join(line.text for line in lines)
        if len(text) > _HEADING_CHARACTERS or not any(sign.isalpha() for sign in text):
            return 0
        return min(self._ranks.get(round(lines[0].size, 1), 0), 6)


def _block(lines: list[Line], sizes: _Sizes) -> Block:
    if lines[0].is_row:
        return Block("table_row", lines[0].text, page=lines[0].page)
    text = join_lines([line.text for line in lines])
    level = sizes.level(lines)
    if level:
        return Block("heading", text, level=level, page=lines[0].page)
    if bullet := _BULLET.match(text):
        return Block("list_item", text[bullet.end() :], page=lines[0].page)
    return Block("paragraph", text, page=lines[0].page)
