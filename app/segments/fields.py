"""What a condition can be about, and how each can be compared."""

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.contacts.models import ContactField, Tag
from app.contacts.records import LANGUAGES
from app.core.errors import Invalid
from app.segments.rules import Condition, Rules

MAX_DAYS = 36_500
MAX_NUMBER = 10**15
_NUMBER = re.compile(r"[+-]?[0-9]{1,16}(\.[0-9]{1,16})?")  # as Postgres reads one, too
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
CHANNELS = {
    "website": _l("Website chat"),
    "whatsapp": "WhatsApp",
    "sms": "SMS",
    "email": _l("E-mail"),
    "messenger": _l("Messenger"),
}
ANY_CHANNEL = {"": _l("on any channel")}
OWN = "custom."  # before the key of a field of the business's own

KNOWN = {"known": _l("is known"), "unknown": _l("is not known")}
TEXT = {"begins": _l("begins with"), "is": _l("is")} | KNOWN
MOMENT = {
    "within": _l("in the last … days"),
    "not_within": _l("not in the last … days"),
    "after": _l("on or after"),
    "before": _l("before"),
}
OPS: dict[str, dict[str, Any]] = {
    "text": TEXT,
    "address": KNOWN | {"begins": _l("begins with")},
    "tag": {"has": _l("has"), "has_not": _l("has not")},
    "company": {"is": _l("is"), "is_not": _l("is not")} | KNOWN,
    "language": {"is": _l("is"), "is_not": _l("is not")} | KNOWN,
    "moment": MOMENT,
    "channel": {"used": _l("have written on"), "not_used": _l("have not written on")},
    "consent": {
        "in": _l("want offers and news"),
        "out": _l("want no offers and news"),
        "never": _l("are not to be contacted at all"),
        "none": _l("have said nothing about it"),
    },
    "count": {"at_least": _l("at least"), "at_most": _l("at most")},
    "own_text": TEXT,
    "own_link": KNOWN | {"begins": _l("begins with")},
    "own_number": {"is": _l("is"), "at_least": _l("at least"), "at_most": _l("at most")} | KNOWN,
    "own_date": {"after": _l("on or after"), "before": _l("before")} | KNOWN,
    "own_yes_no": {"yes": _l("is yes"), "no": _l("is no")} | KNOWN,
    "own_choice": {"is": _l("is"), "is_not": _l("is not")} | KNOWN,
}
NO_VALUE = {"known", "unknown", "yes", "no"}
DAYS = {"within", "not_within"}
NUMBERS = {"at_least", "at_most"}
DATES = {"after", "before"}


@dataclass(frozen=True, slots=True)
class Asked:
    """`choices` where the value is one of a list."""

    key: str
    label: Any
    kind: str
    choices: Mapping[str, Any] | None = None

    @property
    def ops(self) -> dict[str, Any]:
        return OPS[self.kind]


def all() -> dict[str, Asked]:
    """In the order of the page; the business's own come last."""
    tags = {str(tag.id): tag.name for tag in Tag.all()}
    built_in = [
        Asked("name", _("Name"), "text"),
        Asked("email", _("E-mail"), "address"),
        Asked("phone", _("Phone"), "address"),
        Asked("tag", _("Tag"), "tag", tags),
        Asked("company", _("Company"), "company"),
        Asked("language", _("Language"), "language", LANGUAGES),
        Asked("last_activity", _("Last activity"), "moment"),
        Asked("created", _("Became a contact"), "moment"),
        Asked("channel", _("Channel"), "channel", CHANNELS),
        Asked("consent", _("Consent"), "consent", ANY_CHANNEL | CHANNELS),
        Asked("conversations", _("Number of conversations"), "count"),
    ]
    own = [
        Asked(OWN + each.key, each.label, f"own_{each.kind}", {c: c for c in each.choices} or None)
        for each in ContactField.all()
    ]
    return {each.key: each for each in (*built_in, *own)}


def wants(asked: Asked, op: str) -> str:
    """What its value is typed into: none, choice, days, number, date, text."""
    if op in NO_VALUE:
        return "none"
    if asked.choices is not None:
        return "choice"
    if op in DAYS:
        return "days"
    if op in NUMBERS or asked.kind == "own_number":
        return "number"
    return "date" if op in DATES else "text"


def check(rules: Rules) -> Rules:
    """Raises Invalid; its code names the condition, like "0-2"."""
    if rules.is_empty:
        raise Invalid(_("Add at least one condition."), code="rules")
    known = all()
    for at, group in enumerate(rules.groups):
        for place, condition in enumerate(group.conditions):
            if problem := _problem(known.get(condition.field), condition):
                raise Invalid(problem, code=f"{at}-{place}")
    return rules


def _problem(asked: Asked | None, condition: Condition) -> str:
    if asked is None:
        return _("This field isn’t there any more. Choose another one.")
    if condition.op not in asked.ops:
        return _("Choose how to compare.")
    what, value = wants(asked, condition.op), condition.value.strip()
    if what == "choice":
        return "" if value in (asked.choices or ()) else _("Choose one of the list.")
    is_good, words = _VALUES[what]
    return "" if is_good(value) else str(words)


def is_readable(asked: Asked, condition: Condition) -> bool:
    """A number, a day or words, as the field wants them: one may have gone, and another of its name be of other
    values."""
    is_good, _words = _VALUES.get(wants(asked, condition.op), _VALUES["none"])
    return is_good(condition.value.strip())


def _is_between(value: str, least: int, most: int) -> bool:
    is_whole = value.isascii() and value.isdigit() and len(value) < 19
    return is_whole and least <= int(value) <= most


def _is_number(value: str) -> bool:
    return bool(_NUMBER.fullmatch(value)) and abs(float(value)) <= MAX_NUMBER


def _is_date(value: str) -> bool:
    try:
        return bool(_DAY.fullmatch(value) and date.fromisoformat(value))
    except ValueError:
        return False


_VALUES: dict[str, tuple[Callable[[str], bool], Any]] = {
    "none": (lambda _value: True, ""),
    "text": (bool, _l("Write what to compare with.")),
    "days": (lambda value: _is_between(value, 1, MAX_DAYS), _l("Write a number of days, like 30.")),
    "number": (_is_number, _l("Write a number, like 12.")),
    "date": (_is_date, _l("Choose a day, like 2026-05-31.")),
}
