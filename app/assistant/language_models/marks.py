"""The numbers in square brackets by which a model of one's own cites, taken out of its text while it writes.

A part of the answer ends where marks stood. "We open at nine [1]." is "We open at nine", cited 1, and ".".
"""

import re
from collections.abc import Collection

from app.assistant.language_models.border import Part

_OPEN, _CLOSE = "[\\[【]", "[\\]】]"
_NUMBERS = r"\d{1,3}(?:\s?[,;]\s?\d{1,3}){0,9}"
_SOURCE = r"(?:†[^\]】\n]{0,40})?"  # some write 【1†source】
_MARK = re.compile(rf"[ \t\u00a0]{{0,3}}{_OPEN}\s?({_NUMBERS}){_SOURCE}\s?{_CLOSE}")
# What may still become a mark, or the space before one; longer than any mark it is text.
_HALF = re.compile(rf"\s*(?:{_OPEN}[\d\s,;]{{0,40}}(?:†[^\]】\n]{{0,40}})?)?\Z")

_TAGS = ("<think>", "<thinking>")
_THOUGHTS = re.compile(r"\s*<think(?:ing)?>.*?(?:</think(?:ing)?>|\Z)", re.DOTALL)


def parts_of(text: str, numbers: Collection[int], *, is_whole: bool) -> tuple[Part, ...]:
    """The answer so far, or the `is_whole` one. A mark of no passage in `numbers` is dropped."""
    text = _without_thoughts(text, is_whole=is_whole)
    text = text.strip() if is_whole else text[: _half_from(text)].lstrip()
    parts: list[Part] = []
    said, cited, at = "", list[int](), 0
    for mark in _MARK.finditer(text):
        between, at = text[at : mark.start()], mark.end()
        if between and said and cited:
            parts.append(Part(said, tuple(cited)))
            said, cited = "", []
        said += between
        found = [int(number) for number in re.findall(r"\d+", mark[1])]
        cited += [each for each in dict.fromkeys(found) if each in numbers and each not in cited]
    if said and cited:
        parts.append(Part(said, tuple(cited)))
        said, cited = "", []
    said += text[at:]
    return (*parts, Part(said, tuple(cited))) if said else tuple(parts)


def _half_from(text: str) -> int:
    half = _HALF.search(text)
    return half.start() if half else len(text)


def _without_thoughts(text: str, *, is_whole: bool) -> str:
    """Some local models think aloud before they answer."""
    begun = text.lstrip()
    if not is_whole and any(tag.startswith(begun) for tag in _TAGS):
        return ""
    return _THOUGHTS.sub("", text, count=1) if begun.startswith(_TAGS) else text
