"""Texts that a catalogue should have, where `gettext` doesn't stand around them."""

import json
import re
from collections.abc import Iterator

_IN_SCRIPT = re.compile(r'(?<![\w$])_\(\s*("(?:[^"\\]|\\.)*")')


def N_(text: str) -> str:  # noqa: N802
    """One that is named before it is known in which language it will be said."""
    return text


def in_script(source: str) -> Iterator[str]:
    """Those of a script of the chat: `_("…")`, each one plain string."""
    for literal in _IN_SCRIPT.findall(source):
        yield json.loads(literal)
