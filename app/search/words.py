"""Words as the index holds them: without accents, and the same whether a text is indexed or asked for."""

import re
import unicodedata
from collections.abc import Iterator

from app.lib import words as lib

MAX_WORD = 40  # characters; of a longer one (an address of a page) its beginning
MAX_WORDS = 1_000  # different ones of one text
PHONE_DIGITS = 7  # a row of so many digits is a number to call
TAIL = 4  # digits by which such a number is looked up

_MARKS = re.compile(
    "[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c7\u0640\u064b-\u065f\u0670]"
)  # accents; the vowel points of Hebrew and Arabic, which are seldom typed
_ALIKE = str.maketrans(
    {"ß": "ss", "æ": "ae", "œ": "oe", "ø": "o", "ł": "l", "đ": "d", "ð": "d", "þ": "th", "ı": "i",
     "ى": "ي", "ة": "ه"}
)  # fmt: skip
_PHONE_LIKE = re.compile(r"[+\d\s()/.·‐‑‒–—-]+")


def fold(word: str) -> str:
    return _bare(word)[:MAX_WORD]


def folded(text: str) -> str:
    """A whole text as its words are compared: one that doesn't hold a word's letters doesn't have the word."""
    return text.lower() if text.isascii() else _bare(unicodedata.normalize("NFKC", text).lower())


def _bare(text: str) -> str:
    if text.isascii():
        return text
    bare = _MARKS.sub("", unicodedata.normalize("NFD", text))
    return unicodedata.normalize("NFC", bare).translate(_ALIKE)


def in_order(text: str) -> list[str]:
    return [each for word in lib.words(text) if (each := fold(word))]


def of_message(text: str) -> set[str]:
    return set(in_order(text)[:MAX_WORDS])


def of_person(text: str) -> set[str]:
    """A telephone number is there by its last digits alone: few words, and whoever knows only them finds it."""
    return {tail(word) if is_phone(word) else word for word in in_order(text)[:MAX_WORDS]}


def is_phone(word: str) -> bool:
    return len(word) >= PHONE_DIGITS and word.isdecimal()


def tail(digits: str) -> str:
    return f"#{digits[-TAIL:]}"


def typed_number(text: str) -> str | None:
    """The digits of what looks like a telephone number, or the end of one, without zeros in front."""
    if not _PHONE_LIKE.fullmatch(text):
        return None
    digits = "".join(str(unicodedata.decimal(each)) for each in text if each.isdecimal())
    digits = digits.lstrip("0")
    return digits if len(digits) >= TAIL else None


def spans(text: str) -> Iterator[tuple[int, int, str]]:
    """Where each word stands in the text as it is written."""
    for begin, end, word in lib.spans(text):
        yield begin, end, fold(word)
