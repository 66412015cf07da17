"""From a file on disk to a ParsedDocument, in this process. Uploads go through `read_in_child`."""

import re
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path, PurePath

from app.knowledge.blocks import Block, ParsedDocument
from app.knowledge.parsing import limits
from app.knowledge.parsing.budget import counted
from app.knowledge.parsing.clean import lines_kept, one_line
from app.knowledge.parsing.detect import Kind, detect
from app.knowledge.parsing.errors import UnreadableFile
from app.lib.marking import kept

_TITLE_CHARACTERS = 200
_ANCHOR_CHARACTERS = 200


def parse_file(path: Path, name: str) -> ParsedDocument:
    """`name` is what the owner calls the file; `path` may be anything. Raises UnreadableFile.

    Nothing here limits memory or time: a hostile file belongs in `read_in_child`.
    """
    if path.stat().st_size > limits.MAX_FILE_BYTES:
        raise too_large_file()
    document = _read(path, detect(path, name))
    document.blocks = list(counted(_finished(document.blocks)))
    if not any(block.kind != "heading" for block in document.blocks):
        raise UnreadableFile("no_text")
    document.title = one_line(document.title)[:_TITLE_CHARACTERS] or _title_from(name)
    return document


def too_large_file() -> UnreadableFile:
    megabytes = limits.MAX_FILE_BYTES // (1024 * 1024)
    return UnreadableFile(
        "too_large",
        kept(
            "This file is larger than %(megabytes)s MB. Split it into smaller files and upload them.",
            megabytes=megabytes,
        ),
    )


def _read(path: Path, kind: Kind) -> ParsedDocument:
    """Each reader's library is imported only when a file of its kind comes."""
    if kind == "pdf":
        from app.knowledge.parsing.pdf import read_pdf as read
    elif kind == "docx":
        from app.knowledge.parsing.word import read_docx as read
    elif kind == "xlsx":
        from app.knowledge.parsing.workbook import read_xlsx as read
    elif kind == "pptx":
        from app.knowledge.parsing.slides import read_pptx as read
    else:
        return _read_text(path.read_bytes(), kind)
    return read(path)


def _read_text(data: bytes, kind: Kind) -> ParsedDocument:
    if kind == "html":
        from app.knowledge.parsing.webpage import read_html as read
    elif kind == "markdown":
        from app.knowledge.parsing.markdown import read_markdown as read
    elif kind == "csv":
        from app.knowledge.parsing.sheet import read_csv as read
    else:
        from app.knowledge.parsing.plain import read_text as read
    return read(data)


def _finished(blocks: list[Block]) -> Iterator[Block]:
    """Cleaned and cut to size."""
    for block in blocks:
        yield from _parts(block)


def _parts(block: Block) -> Iterator[Block]:
    text = lines_kept(block.text)
    question = one_line(block.question)[: limits.MAX_BLOCK_CHARACTERS]
    anchor = one_line(block.anchor)[:_ANCHOR_CHARACTERS]
    for part in _cut(text):
        yield replace(block, text=part, question=question, anchor=anchor)


def _cut(text: str) -> Iterator[str]:
    while len(text) > limits.MAX_BLOCK_CHARACTERS:
        space = text.rfind(" ", 1, limits.MAX_BLOCK_CHARACTERS)
        end = space if space > 0 else limits.MAX_BLOCK_CHARACTERS
        yield text[:end]
        text = text[end:].lstrip()
    if text:
        yield text


def _title_from(name: str) -> str:
    stem = re.sub(r"[_\s]+", " ", PurePath(name).stem)
    return one_line(stem)[:_TITLE_CHARACTERS] or "Untitled"
