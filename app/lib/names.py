"""Names of people, as they write them."""

from collections.abc import Iterable

from flask_babel import gettext as _

from app.lib.words import fold, words

MAX_CHARACTERS = 80


class NotName(ValueError):
    """Says what is wrong, in words for whoever typed it."""


def normal(typed: str) -> str:
    """One line, single spaces, their own spelling. Raises NotName."""
    name = " ".join("".join(c if c.isprintable() else " " for c in typed).split())
    if len(name) > MAX_CHARACTERS:
        raise NotName(_("A name may have %(most)s characters.", most=MAX_CHARACTERS))
    if not any(each.isalpha() for each in name) or "@" in name:
        raise NotName(_("This is no name."))
    return name


def key(name: str) -> str:
    """As names are compared and sorted: case and accents don't count."""
    return fold(" ".join(name.split()).casefold())


def is_said(name: str, texts: Iterable[str]) -> bool:
    """Whether each of its words stands in one of the texts."""
    said = {word for text in texts for word in words(text)}
    return set(words(name)) <= said
