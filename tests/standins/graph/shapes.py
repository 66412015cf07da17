"""Shapes of JSON, and what Graph says of what doesn't fit: a missing key is 131008, a wrong value 131009, and a key
that it doesn't know 100."""

from collections.abc import Callable
from typing import Any

from tests.standins.graph.refusals import Refused

Shape = Callable[[Any, str], None]


def text(most: int = 4096, least: int = 1, *, of: str | None = None) -> Shape:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, str):
            raise Refused(100, f"Param {path} must be a string.")
        if of is not None and value != of:
            raise Refused(131009, f"Param {path} must be {of!r}.")
        if not least <= len(value) <= most or (least and not value.strip()):
            raise Refused(
                131009, f"Param {path} length invalid. Min length: {least}, Max length: {most}"
            )

    return check


def one_of(*values: str) -> Shape:
    def check(value: Any, path: str) -> None:
        if value not in values:
            raise Refused(100, f"Param {path} must be one of {{{', '.join(values)}}}.")

    return check


def number(value: Any, path: str) -> None:
    if isinstance(value, bool) or not isinstance(value, int | float):
        raise Refused(100, f"Param {path} must be a number.")


def truth(value: Any, path: str) -> None:
    if not isinstance(value, bool):
        raise Refused(100, f"Param {path} must be a boolean.")


def anything(_value: Any, _path: str) -> None:
    """Not looked at here."""


def link(value: Any, path: str) -> None:
    text(2000)(value, path)
    if not value.startswith(("http://", "https://")):
        raise Refused(131009, f"Param {path} is not a valid URL.")


def thing(required: dict[str, Shape], optional: dict[str, Shape] | None = None) -> Shape:
    optional = optional or {}

    def check(value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise Refused(100, f"Param {path} must be a JSON object.")
        for key in required:
            if value.get(key) is None:
                raise Refused(131008, f"The parameter {_at(path, key)} is required.")
        for key, inner in value.items():
            shape = required.get(key) or optional.get(key)
            if shape is None:
                raise Refused(100, f'Unexpected key "{key}" on param "{path or "body"}".')
            shape(inner, _at(path, key))

    return check


def several(shape: Shape, most: int, least: int = 1) -> Shape:
    def check(value: Any, path: str) -> None:
        if not isinstance(value, list):
            raise Refused(100, f"Param {path} must be a JSON array.")
        if not least <= len(value) <= most:
            raise Refused(
                131009, f"Invalid {path} count. Min allowed: {least}, Max allowed: {most}"
            )
        for index, each in enumerate(value):
            shape(each, f"{path}[{index}]")

    return check


def distinct(values: list[str], path: str) -> None:
    if len(set(values)) != len(values):
        raise Refused(131009, f"Duplicated values in {path}.")


def _at(path: str, key: str) -> str:
    return f"{path}['{key}']" if path else key
