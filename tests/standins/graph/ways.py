"""Graph's addresses, and how one is found."""

import re
from collections.abc import Callable
from typing import Any

from tests.standins.graph.asked import Asked, Raw
from tests.standins.graph.refusals import Refused

Answer = dict[str, Any] | Raw
Way = Callable[[Asked], Answer]
WAYS: list[tuple[str, re.Pattern[str], Way]] = []


def way(method: str, pattern: str) -> Callable[[Way], Way]:
    """`:name` in a pattern is one part of the path."""

    def keep(function: Way) -> Way:
        regex = re.sub(r":(\w+)", r"(?P<\1>[^/]+)", pattern)
        WAYS.append((method, re.compile(regex), function))
        return function

    return keep


def answer(asked: Asked) -> Answer:
    for method, pattern, function in WAYS:
        found = pattern.fullmatch(asked.path)
        if found and method == asked.method:
            asked.ids = found.groupdict()
            try:
                return function(asked)
            except Elsewhere:
                continue
    raise Refused(100, f"Unsupported {asked.method.lower()} request.", subcode=33)


class Elsewhere(Exception):
    """Another kind of thing has this address."""
