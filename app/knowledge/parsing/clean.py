"""Text as the database and the reader can bear it."""

import re
import unicodedata

# Control characters (Postgres text can't hold NUL), lone surrogates, soft hyphens, zero-width and
# direction-override characters, and the invisible "tag" letters that can hide instructions.
_UNWANTED = re.compile(
    "[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\xad\u200b\u2060\u202a-\u202e\u2066-\u2069\ufeff"
    "\ufff9-\ufffc\ufffe\uffff\ud800-\udfff\U000e0000-\U000e007f]"
)
_LIGATURES = str.maketrans(
    {"ﬀ": "ff", "ﬁ": "fi", "ﬂ": "fl", "ﬃ": "ffi", "ﬄ": "ffl", "ﬅ": "st", "ﬆ": "st"}
)
_LINE_ENDS = re.compile(r"\r\n?|\x0b|\x0c|\x85|\u2028|\u2029")
_SPACES = re.compile(r"[^\S\n]+")
_BLANK_LINES = re.compile(r" ?\n[\s]*")


def printable(text: str) -> str:
    """Without characters that can't be stored or seen; line ends become newlines."""
    text = _UNWANTED.sub("", _LINE_ENDS.sub("\n", text)).translate(_LIGATURES)
    return unicodedata.normalize("NFC", text)


def one_line(text: str) -> str:
    return " ".join(printable(text).split())


def lines_kept(text: str) -> str:
    """Surplus spaces go; a line break the author set stays, single."""
    return _BLANK_LINES.sub("\n", _SPACES.sub(" ", printable(text))).strip()


_HYPHENATED = re.compile(r"(?<=[^\W\d_])[-\u2010]$")


def join_lines(lines: list[str]) -> str:
    """Wrapped lines as one; a word cut by a hyphen at the line's end is put together again."""
    joined = ""
    for line in (line.strip() for line in lines):
        if _HYPHENATED.search(joined[-2:]) and line[:1].islower():
            joined = joined[:-1] + line
        else:
            joined = f"{joined} {line}" if joined else line
    return joined
