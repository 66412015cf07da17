"""Amounts of money in dollars: as they are read, and as they are typed."""

import re

from flask_babel import gettext as _

from app.lib import numbers

MICROS = 1_000_000  # of a dollar
_TYPED = re.compile(r"\$?\s*(\d{1,7})(?:[.,](\d{1,2}))?\s*\$?")


def in_dollars(micros: float) -> str:
    """`$12.30`; below ten cents `$0.0031`, as one answer costs."""
    amount = micros / MICROS
    if not micros:
        return "$0"
    if amount >= 0.1:
        return f"${numbers.decimal(amount, 2)}"
    if amount < 0.00005:
        return _("under %(amount)s", amount=f"${numbers.decimal(0.0001, 4)}")
    return f"${numbers.decimal(amount, 4)}"


def typed(cents: int) -> str:
    """As it stands in a field: `20.00`"""
    return f"{cents // 100}.{cents % 100:02}"


def cents_of(text: str) -> int:
    """Of `20`, `$20.50` or `0,5`. Raises ValueError."""
    found = _TYPED.fullmatch(text.strip())
    if not found:
        raise ValueError("no amount of money")
    return int(found[1]) * 100 + int((found[2] or "").ljust(2, "0"))
