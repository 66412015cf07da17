"""A text without the marks of Markdown, for where they would be seen as they are."""

import re

_LINK = re.compile(r"!?\[([^\[\]\n]+)\]\((\S+?)\)")
_BOLD = re.compile(r"(?<![\w*])\*\*(?=\S)([^*\n]+?)(?<=\S)\*\*(?![\w*])")
_LINED = re.compile(r"(?<![\w_])__(?=\S)([^_\n]+?)(?<=\S)__(?![\w_])")
_HEADING = re.compile(r"^#{1,6}[ \t]+(?=\S)", re.MULTILINE)
_BULLET = re.compile(r"^([ \t]*)[*+][ \t]+(?=\S)", re.MULTILINE)
_CODE = re.compile(r"`([^`\n]+)`")


def without_markdown(text: str) -> str:
    """A link becomes its words and its address; a list keeps a hyphen before each line."""
    text = _LINK.sub(_said, text)
    for marks in (_BOLD, _LINED, _CODE):
        text = marks.sub(r"\1", text)
    return _BULLET.sub(r"\1- ", _HEADING.sub("", text))


def _said(link: re.Match[str]) -> str:
    words, address = link[1].strip(), link[2]
    return address if words == address else f"{words} ({address})"
