"""What kept replies fill in by themselves: “Hello {{ contact.first_name | there }}”.

After the bar stands what is said when a value isn't known. Without that, a gap like “[first name]” stays for the
member to fill, and nothing goes out while one is there.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.businesses import hours, hours_said
from app.businesses.models import Business, BusinessProfile
from app.contacts.models import Visitor
from app.core import tenancy
from app.core.errors import Invalid
from app.core.translating import in_all, spoken
from app.extensions import db
from app.lib import phones
from app.lib.marking import N_

# What it is called, how its gap is marked.
KNOWN = {
    "contact.first_name": (_l("Their first name"), N_("first name")),
    "contact.name": (_l("Their name"), N_("name")),
    "contact.email": (_l("Their e-mail address"), N_("e-mail address")),
    "contact.phone": (_l("Their phone number"), N_("phone number")),
    "member.first_name": (_l("Your first name"), N_("your first name")),
    "member.name": (_l("Your name"), N_("your name")),
    "business.name": (_l("The business’s name"), N_("business name")),
    "business.phone": (_l("The business’s phone number"), N_("business phone")),
    "business.email": (_l("The business’s e-mail address"), N_("business e-mail")),
    "business.address": (_l("The business’s address"), N_("address")),
    "business.hours_today": (_l("Today’s opening hours"), N_("opening hours")),
}
_VARIABLE = re.compile(r"\{\{\s*([^{}|]*?)\s*(?:\|\s*([^{}]*?)\s*)?\}\}")


@dataclass(frozen=True, slots=True)
class Filled:
    """`notes` say what isn't known and what stands there instead."""

    text: str
    notes: list[str] = field(default_factory=list)


def refuse_unknown(body: str) -> None:
    """Raises Invalid for what nobody could fill in."""
    unknown = [name for name, _fallback in _VARIABLE.findall(body) if name not in KNOWN]
    if unknown:
        raise Invalid(
            _(
                "There is no “%(name)s”. Choose from the list, like {{ contact.name }}.",
                name=unknown[0] or "{{ }}",
            )
        )
    if "{{" in _VARIABLE.sub("", body) or "}}" in _VARIABLE.sub("", body):
        raise Invalid(_("A variable isn’t closed. Write it like {{ contact.first_name | there }}."))


def refuse_gaps(body: str) -> None:
    """Raises Invalid while something is left to be filled in by hand."""
    left = next((gap for gap in _gaps() if gap in body), None)
    if left:
        raise Invalid(_("Fill in %(gap)s first.", gap=left))


@cache
def _gaps() -> frozenset[str]:
    """In each language, since a colleague may have left one."""
    return frozenset(f"[{said}]" for _label, gap in KNOWN.values() for said in in_all(gap))


def fill(body: str, values: Mapping[str, str]) -> Filled:
    notes: list[str] = []

    def said(found: re.Match[str]) -> str:
        name, fallback = found[1], found[2]
        if values.get(name):
            return values[name]
        label, gap = KNOWN.get(name, (name, name))
        if fallback:
            notes.append(
                _(
                    "%(what)s isn’t known: it says “%(fallback)s” instead.",
                    what=label,
                    fallback=fallback,
                )
            )
            return fallback
        gap = f"[{spoken(gap)}]"
        notes.append(_("%(what)s isn’t known: fill in %(gap)s.", what=label, gap=gap))
        return gap

    return Filled(_VARIABLE.sub(said, body), list(dict.fromkeys(notes)))


def without_fallback(body: str) -> list[str]:
    """Variables that would leave a gap where their value isn't known."""
    return [name for name, fallback in _VARIABLE.findall(body) if not fallback]


def values(visitor: Visitor, member: User | None) -> dict[str, str]:
    """What is known. What somebody only says of another isn't."""
    contact = visitor.sure_contact
    name = (contact.name if contact else visitor.name) or ""
    return {
        "contact.first_name": name.split()[0] if name.split() else "",
        "contact.name": name,
        **_reached_at(visitor),
        "member.first_name": member.first_name if member else "",
        "member.name": member.name if member else "",
        **_of_business(),
    }


def _reached_at(visitor: Visitor) -> dict[str, str]:
    contact = visitor.sure_contact
    known = {each.kind: each.shown for each in contact.identities} if contact else {}
    phone = phones.shown(visitor.phone) if visitor.phone else ""
    return {
        "contact.email": known.get("email") or visitor.email or "",
        "contact.phone": known.get("phone") or phone,
    }


def _of_business() -> dict[str, str]:
    profile = BusinessProfile.current()
    return {
        "business.name": db.session.get_one(Business, tenancy.current_business_id()).name,
        "business.phone": profile.phone,
        "business.email": profile.email,
        "business.address": " ".join(profile.address.split()),
        "business.hours_today": _hours_today(),
    }


def _hours_today() -> str:
    """“from 9:00 to 17:30” or “closed”, in the language that is spoken; nothing when no hours are known."""
    known = hours.current()
    if not known.are_known:
        return ""
    return hours_said.of_day(known.on(hours.today()))
