"""Markdown: to HTML, then read as HTML."""

import re

from markdown_it import MarkdownIt

from app.knowledge.blocks import ParsedDocument
from app.knowledge.parsing.clean import printable
from app.knowledge.parsing.encoding import decode
from app.knowledge.parsing.webpage import read_tree_of

_FRONT_MATTER = re.compile(
    r"\A(?:---\n.*?\n(?:---|\.\.\.)|\+\+\+\n.*?\n\+\+\+)[^\S\n]*(?:\n|\Z)", re.S
)
_MAX_NESTING = 100


def read_markdown(data: bytes) -> ParsedDocument:
    text = _FRONT_MATTER.sub("", printable(decode(data)), count=1)
    parser = MarkdownIt("commonmark", {"maxNesting": _MAX_NESTING})
    return read_tree_of(parser.enable(["table", "strikethrough"]).render(text))
