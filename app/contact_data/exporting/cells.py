"""Cells that a spreadsheet shows and doesn't compute."""

import re
from collections.abc import Iterable

BOM = "\ufeff"  # by which Excel knows UTF-8
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_HARMLESS = re.compile(r"[+-]?\d+([.,]\d+)?|\+[\d ]+")  # numbers, and telephone numbers


def safe(cells: Iterable[str]) -> list[str]:
    return [each if not _is_computed(each) else f"'{each}" for each in cells]


def _is_computed(cell: str) -> bool:
    return cell.startswith(_COMPUTED) and not _HARMLESS.fullmatch(cell)
