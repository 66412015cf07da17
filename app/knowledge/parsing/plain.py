"""Plain text: paragraphs between blank lines, and the headings and lists people type."""

import re

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing.clean import join_lines, printable
from app.knowledge.parsing.encoding import decode

_UNDERLINE = re.compile(r"\s*(={3,}|-{3,}|~{3,})\s*$")
_ITEM = re.compile(r"\s*(?:[-*+•‣◦▪●–]|\d{1,3}[.)])\s+(?=\S)")
_HEADING_CHARACTERS = 80
_SHORT_LINE_CHARACTERS = 60  # lines all shorter than this were broken on purpose, not wrapped


def read_text(data: bytes) -> ParsedDocument:
    blocks: list[Block] = []
    for group in re.split(r"\n[^\S\n]*(?:\n[^\S\n]*)+", printable(decode(data)).strip("\n")):
        blocks += _group(group.split("\n"))
    first = blocks[0] if blocks else None
    return ParsedDocument(first.text if first and first.kind == "heading" else "", blocks)


def _group(lines: list[str]) -> list[Block]:
    lines = [line for line in lines if line.strip()]
    if len(lines) > 1 and _is_underlined(lines[0], lines[1]):
        level = 1 if "=" in lines[1] else 2
        return [Block("heading", lines[0], level=level), *_group(lines[2:])]
    lines = [line for line in lines if not _UNDERLINE.match(line)]
    if len(lines) == 1 and _is_capitals(lines[0]):
        return [Block("heading", lines[0], level=2)]
    return _paragraph_and_items(lines)


def _is_underlined(title: str, line: str) -> bool:
    return bool(_UNDERLINE.match(line)) and len(title.strip()) <= _HEADING_CHARACTERS


def _is_capitals(line: str) -> bool:
    letters = [character for character in line if character.isalpha()]
    brief = len(line.strip()) <= _HEADING_CHARACTERS and not line.rstrip().endswith((".", "!", ","))
    return brief and len(letters) >= 3 and line.isupper()


def _paragraph_and_items(lines: list[str]) -> list[Block]:
    """A wrapped list item goes on until the next item begins."""
    parts: list[list[str]] = [[]]
    for line in lines:
        if _ITEM.match(line):
            parts.append([])
        parts[-1].append(line)
    blocks = [Block("paragraph", _joined(parts[0]))] if parts[0] else []
    items = [join_lines([_ITEM.sub("", part[0], count=1), *part[1:]]) for part in parts[1:]]
    return blocks + [Block("list_item", item) for item in items]


def _joined(lines: list[str]) -> str:
    if all(len(line) < _SHORT_LINE_CHARACTERS for line in lines):
        return "\n".join(lines)
    return join_lines(lines)
