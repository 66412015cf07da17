"""Words of a text in any script, as search compares them."""

import re
import sys
import unicodedata
from collections.abc import Iterator
from functools import cache

# Written without spaces between words (or, Korean, with endings glued on): pairs of characters serve as words.
_PAIRED = (
    "\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff"  # Thai, Lao, Burmese, Khmer
    "\u3040-\u30ff\u31f0-\u31ff\uff66-\uff9f"  # Japanese kana
    "\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff"  # Han
    "\uac00-\ud7a3"  # Korean
    "\U00020000-\U0002fa1f"
)
_THOUSANDS = re.compile(r"(?<=\d),(?=\d{3}(?!\d))")
_LATIN_MARKS = re.compile("[\u0300-\u036f]")


def words(text: str) -> list[str]:
    """Lower-case words in order; "1,000" is 1000, "9:30" and "12.50" stay whole."""
    text = _THOUSANDS.sub("", unicodedata.normalize("NFKC", text)).lower()
    found: list[str] = []
    for match in _pattern().finditer(text):
        run = match[0]
        if match.lastgroup == "paired":
            found.extend(_pairs(run))
        else:
            found.append(run)
    return found


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word begins and ends in the text as it is written, with the word as words() says it."""
    for match in _pattern().finditer(text):
        if match.lastgroup == "paired":
            for offset, pair in enumerate(_pairs(match[0])):
                yield match.start() + offset, match.start() + offset + len(pair), pair
        else:
            yield match.start(), match.end(), "".join(words(match[0]))


def fold(word: str) -> str:
    """Without accents, so that "cafe" finds "café". Vowel signs of other scripts stay."""
    if word.isascii():
        return word
    return unicodedata.normalize("NFC", _LATIN_MARKS.sub("", unicodedata.normalize("NFD", word)))


def _pairs(run: str) -> list[str]:
    if len(run) == 1:
        return [run]
    return [run[index : index + 2] for index in range(len(run) - 1)]


@cache
def _pattern() -> re.Pattern[str]:
    r"""`\w` alone would break Hindi and Thai at each vowel sign, which are marks and not letters."""
    marks = "".join(
        chr(code)
        for code in range(0x300, min(0x1FFFF, sys.maxunicode))
        if unicodedata.category(chr(code)).startswith("M")
    )
    return re.compile(
        rf"(?P<paired>[{_PAIRED}]+)"
        r"|\d+(?:[.,:]\d+)+"
        rf"|(?:(?![{_PAIRED}_])[\w{re.escape(marks)}])+"
    )
