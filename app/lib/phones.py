"""Telephone numbers as they are compared: E.164, by the numbering plans of the library `phonenumbers`."""

import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache, lru_cache
from importlib import resources
from pathlib import Path
from typing import Any
from zoneinfo import TZPATH

from flask_babel import gettext as _

MAX_CHARACTERS = 40
_TYPED = re.compile(r"[+＋]?[\d\s()\[\]/.·‐‑‒–—-]+")
_RUN = re.compile(r"[+＋]?[(\[]?\d[\d()\[\]/.·‐‑‒–—\t \u00a0\u202f-]*")
_GROUP = re.compile(r"[+＋]?[(\[]?\d+")
MAX_GROUPS = 10  # of digits, in one number
TAIL = 6  # digits that a run must hold before it is looked at closely
# Old names that browsers still report, and the table of zones no longer lists.
_OLD_ZONES = {
    "America/Buenos_Aires": "AR", "America/Indianapolis": "US", "America/Louisville": "US",
    "Asia/Calcutta": "IN", "Asia/Katmandu": "NP", "Asia/Rangoon": "MM", "Asia/Saigon": "VN",
    "Europe/Kiev": "UA",
}  # fmt: skip


class NotPhone(ValueError):
    """Says what is wrong, in words for whoever typed it."""


def normal(typed: str, home: str | None) -> str:
    """`+442079460018`. `home` is the country that a number without a country code is meant in.

    With a country code the length must fit, since new ranges are handed out every month. Without one it
    must be a number of the home country: a guess would call somebody else. Raises NotPhone.
    """
    typed = typed.strip()
    if len(typed) > MAX_CHARACTERS or not _TYPED.fullmatch(typed):
        raise NotPhone(_("This is no telephone number. One is +44 20 7946 0018."))
    digits = _digits(typed)
    if typed[0] in "+＋" or digits.startswith("00"):
        return _international(digits.removeprefix("00"))
    return _national(digits, home)


@lru_cache(maxsize=1024)  # a list shows the same ones again and again
def shown(phone: str, home: str | None = None) -> str:
    """For people: as one writes it at home, or `+44 20 7946 0018` elsewhere."""
    import phonenumbers as library

    number = library.parse(phone)
    is_at_home = home is not None and library.region_code_for_number(number) == home
    style = library.PhoneNumberFormat
    return str(library.format_number(number, style.NATIONAL if is_at_home else style.INTERNATIONAL))


def home_of(own_phone: str, time_zone: str) -> str | None:
    """A business's country: its own number says it, without one its time zone. None when neither does,
    or when its number isn't one of the zone's country."""
    zone_country = _OLD_ZONES.get(time_zone) or _countries().get(time_zone)
    if not own_phone.strip():
        return zone_country
    try:
        number = normal(own_phone, zone_country)
    except NotPhone:
        return None
    return _country_of(number) or zone_country


def is_said(phone: str, texts: Iterable[str], home: str | None) -> bool:
    """Whether one of the texts holds this number, whole; spaces and dots in it don't matter."""
    return any(phone in _found_in(text, home, phone[-TAIL:]) for text in texts)


def _found_in(text: str, home: str | None, tail: str) -> Iterator[str]:
    for run in _RUN.findall(text):
        if tail in _digits(run):
            yield from _numbers_of(run, home, tail)


def _numbers_of(run: str, home: str | None, tail: str) -> Iterator[str]:
    """`4711 020 7946 0018` holds an order's number too: every stretch of whole groups is tried."""
    groups = list(_GROUP.finditer(run))
    for last, end in enumerate(groups):
        for first in groups[max(0, last + 1 - MAX_GROUPS) : last + 1]:
            stretch = run[first.start() : end.end()]
            if not _digits(stretch).endswith(tail):
                continue
            try:
                yield normal(stretch, home)
            except NotPhone:
                continue


def _international(digits: str) -> str:
    import phonenumbers as library

    try:
        number = library.parse(f"+{digits}")
    except library.NumberParseException as problem:
        raise NotPhone(
            _("No country has this code. A whole number is +44 20 7946 0018.")
        ) from problem
    if library.is_possible_number_with_reason(number) != library.ValidationResult.IS_POSSIBLE:
        raise NotPhone(_("This number is too short or too long. Is a digit missing?"))
    return _e164(number)


def _national(digits: str, home: str | None) -> str:
    import phonenumbers as library

    problem = NotPhone(
        _("Which country is this number of? Write it with its country code, like +44 20 7946 0018.")
    )
    if home is None:
        raise problem
    try:
        number = library.parse(digits, home)
    except library.NumberParseException as error:
        raise problem from error
    if not library.is_valid_number(number):
        raise problem
    return _e164(number)


def _e164(number: Any) -> str:
    import phonenumbers as library

    return str(library.format_number(number, library.PhoneNumberFormat.E164))


def _country_of(phone: str) -> str | None:
    import phonenumbers as library

    country: str | None = library.region_code_for_number(library.parse(phone))
    return country if country != "001" else None  # satellite and the like


def _digits(typed: str) -> str:
    """In every script's digits, as 0 to 9."""
    return "".join(str(unicodedata.decimal(each)) for each in typed if each.isdecimal())


@cache
def _countries() -> dict[str, str]:
    """Of each time zone, by the table that comes with the zones; empty where a system has none."""
    lines = (line.split("\t") for line in _zone_table().splitlines() if line[:1] != "#")
    return {fields[2]: fields[0] for fields in lines if len(fields) > 2}


def _zone_table() -> str:
    for folder in map(Path, TZPATH):
        if (folder / "zone.tab").is_file():
            return (folder / "zone.tab").read_text()
    try:
        return (resources.files("tzdata.zoneinfo") / "zone.tab").read_text()
    except (ModuleNotFoundError, FileNotFoundError):
        return ""
