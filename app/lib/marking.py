"""Texts that a catalogue should have, where `gettext` doesn't stand around them."""

import json
import re
from collections.abc import Iterator

_IN_SCRIPT = re.compile(r'(?<![\w$])_\(\s*("(?:[^"\\]|\\.)*")')


def N_(text: str) -> str:  # noqa: N802
    """One that is named before it is known in which language it will be said."""
    return text


def kept(text: str, /, **values: object) -> str:
    """One that is kept, or told by a program that knows no language: English. The filter `spoken` says it, with its
    values, in the language of whoever reads it."""
    return text % values if values else text


def in_script(source: str) -> Iterator[str]:
    """Those of a script of the chat: `_("…")`, each one plain string."""
    for literal in _IN_SCRIPT.findall(source):
        yield json.loads(literal)
