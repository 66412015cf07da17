"""What was kept in English (`lib.marking.kept`), said in another language: known by its words, also around values."""

import re
from functools import cache, lru_cache
from gettext import NullTranslations

FEWEST_LETTERS = 9  # around the values: with less, anything would fit
_PLACE = re.compile(r"%\((\w+)\)s")


@lru_cache(maxsize=500)
def said(catalogue: NullTranslations, text: str) -> str:
    """Each line for itself: sentences that were kept together stand one a line."""
    found = catalogue.gettext(text)
    if found != text:
        return found
    return "\n".join(_line(catalogue, line) for line in text.split("\n"))


def _line(catalogue: NullTranslations, text: str) -> str:
    found = catalogue.gettext(text)
    if found != text:
        return found
    for longest, key in _with_values(catalogue):
        if longest in text and (match := _pattern(key).fullmatch(text)):
            values = match.groupdict()
            return catalogue.gettext(key) % {
                name: _line(catalogue, value) if " " in value else value
                for name, value in values.items()
            }
    return text


@cache
def _with_values(catalogue: NullTranslations) -> list[tuple[str, str]]:
    """Those that say most first, each with the longest piece between its values."""
    keys = getattr(catalogue, "_catalog", {})
    found = []
    for key in keys:
        pieces = _PLACE.split(key)[::2] if isinstance(key, str) else []
        letters = sum(each.isalpha() for piece in pieces for each in piece)
        if len(pieces) > 1 and letters >= FEWEST_LETTERS:
            found.append((-letters, _plain(max(pieces, key=len)), key))
    return [(longest, key) for _letters, longest, key in sorted(found)]


@cache
def _pattern(key: str) -> re.Pattern[str]:
    seen: set[str] = set()
    made = ""
    for at, piece in enumerate(_PLACE.split(key)):
        if at % 2 == 0:
            made += re.escape(_plain(piece))
        else:
            made += f"(?P={piece})" if piece in seen else f"(?P<{piece}>.+?)"
            seen.add(piece)
    return re.compile(made)


def _plain(piece: str) -> str:
    return piece.replace("%%", "%")
