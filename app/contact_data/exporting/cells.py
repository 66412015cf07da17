"""Cells that a spreadsheet shows and doesn't compute."""

import re
from collections.abc import Iterable

BOM = "\ufeff"  # by which Excel knows UTF-8
_COMPUTED = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
# Where Excel takes a semicolon for what stands between cells, as in most of Europe, these begin another one, too.
_INSIDE = re.compile(r"([;\r\n])(?=[=+@＝＋＠]|-\S)")
_HARMLESS = re.compile(r"[+-]?\d+([.,]\d+)?|\+[\d ]+")  # numbers, and telephone numbers


def safe(cells: Iterable[str]) -> list[str]:
    return [_safe(each) for each in cells]


def _safe(cell: str) -> str:
    shown = _INSIDE.sub(r"\1'", cell)
    return f"'{shown}" if _is_computed(cell) else shown


def _is_computed(cell: str) -> bool:
    return cell.startswith(_COMPUTED) and not _HARMLESS.fullmatch(cell)
