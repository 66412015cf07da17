"""What a provider’s JSON holds, or nothing: it may lack anything, and anything may be of another type."""

import math
from typing import Any


def dig(value: Any, *path: str) -> Any:
    """The value under these keys, or None."""
    for key in path:
        value = value.get(key) if isinstance(value, dict) else None
    return value


def as_text(value: Any, *path: str) -> str:
    """A number is as good as its digits: providers change their minds about ids."""
    value = dig(value, *path)
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value if isinstance(value, str) else ""


def as_dict(value: Any, *path: str) -> dict[str, Any]:
    value = dig(value, *path)
    return value if isinstance(value, dict) else {}


def dicts(value: Any, *path: str) -> list[dict[str, Any]]:
    """The objects in a list."""
    value = dig(value, *path)
    return [each for each in value if isinstance(each, dict)] if isinstance(value, list) else []


def as_number(value: Any, *path: str) -> float | None:
    """A finite one, also where it is written as text."""
    value = dig(value, *path)
    if isinstance(value, bool) or not isinstance(value, int | float | str):
        return None
    try:
        number = float(value)
    except (ValueError, OverflowError):
        return None
    return number if math.isfinite(number) else None
