"""The data that a visitor gave of themselves, by library code and in their own words. What a language model adds is
believed as far as it stands there too."""

from collections.abc import Mapping
from contextlib import suppress
from typing import Any

from app.assistant.analysis.talks import Talk
from app.businesses.models import Business
from app.businesses.profile import home_country
from app.core import tenancy
from app.extensions import db
from app.lib import dates, dates_said, emails, names, phones, said

Collected = dict[str, Any]  # name: str; emails, phones: [str]; dates: [{"words", "day"}]
MONTH_FIRST = ("US",)  # 5/6 is the 6th of May there


def collected(talk: Talk) -> Collected:
    country, texts = home_country(), talk.texts
    found = {
        "name": said.name_in(_with_what_was_asked(talk)),
        "emails": _each(email for text in texts for email in said.emails_in(text)),
        "phones": _each(phone for text in texts for phone in said.phones_in(text, country)),
        "dates": _dates(talk, country),
    }
    return {name: value for name, value in found.items() if value}


def with_told(known: Collected, told: Mapping[str, Any], talk: Talk) -> Collected:
    """Also what a language model has found: a name, an address or a number that the visitor wrote."""
    country, texts, more = home_country(), talk.texts, dict(known)
    with suppress(names.NotName):
        name = names.normal(_text(told, "name"))
        if "name" not in more and names.is_said(name, texts):
            more["name"] = name
    with suppress(emails.NotEmail):
        email = emails.normal(_text(told, "email"))
        if emails.is_said(email, texts):
            more["emails"] = _each([*more.get("emails", []), email])
    with suppress(phones.NotPhone):
        phone = phones.normal(_text(told, "phone"), country)
        if phones.is_said(phone, texts, country):
            more["phones"] = _each([*more.get("phones", []), phone])
    return more


def _text(told: Mapping[str, Any], field: str) -> str:
    value = told.get(field)
    return value if isinstance(value, str) else ""


def _each(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def _with_what_was_asked(talk: Talk) -> list[tuple[str, str]]:
    """Each of the visitor's messages with what was said to them right before."""
    pairs, asked = [], ""
    for line in talk.lines:
        if line.is_from_visitor:
            pairs.append((asked, line.body))
        elif line.kind == "outgoing":
            asked = line.body
    return pairs


def _dates(talk: Talk, country: str | None) -> list[dict[str, str]]:
    """“Tomorrow” is meant from the day on which it was written, where the business is."""
    found: dict[str, dict[str, str]] = {}
    zone = _zone()
    for line in talk.from_visitor:
        today = dates.local_date(line.at, zone)
        for each in dates_said.find(line.body, today, month_first=country in MONTH_FIRST):
            day = each.day.isoformat()
            found.setdefault(day, {"words": each.words, "day": day})
    return list(found.values())


def _zone() -> str:
    return db.session.get_one(Business, tenancy.current_business_id()).time_zone
