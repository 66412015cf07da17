"""A line of a file as a person, each value in its one spelling. Pure: runs in a thread."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from flask_babel import gettext as _

from app.contact_data.importing.settings import CONSENT, OWN, Settings
from app.contacts import fields as own_fields
from app.contacts import tagging
from app.contacts.companies import MAX_NAME as MAX_COMPANY
from app.contacts.models import ContactField
from app.contacts.records import LANGUAGES, OLDEST_BIRTHDAY
from app.contacts.services import MAX_NOTE
from app.core.errors import Invalid
from app.lib import emails, names, phones

MOST_ADDRESSES = 10  # of a kind
MOST_TAGS = 20
YES = {"yes", "y", "true", "1", "x", "in", "ja", "si", "sim", "oui", "subscribed", "ok"}
NO = {"no", "n", "false", "0", "out", "nein", "nao", "non", "unsubscribed"}
_DAY = re.compile(r"(\d{1,2})[./-](\d{1,2})[./-](\d{4})")
_LANGUAGE_NAMES = {names.key(name): code for code, name in LANGUAGES.items()}


@dataclass(slots=True)
class Person:
    """`problem`: why the line can't be imported, with the column's name."""

    name: str | None = None
    identities: list[tuple[str, str]] = field(default_factory=list)
    company: str = ""
    tags: list[str] = field(default_factory=list)
    note: str = ""
    language: str | None = None
    birthday: date | None = None
    custom: dict[str, Any] = field(default_factory=dict)
    consent: dict[str, str] = field(default_factory=dict)  # in or out, by the channel's kind
    problem: str = ""

    @property
    def keys(self) -> list[str]:
        return [f"{kind}:{value}" for kind, value in self.identities]


@dataclass(frozen=True, slots=True)
class Reader:
    """What all lines of a file are read by; `own` are its fields by key, `today` where the business is."""

    settings: Settings
    headers: Sequence[str]
    own: Mapping[str, ContactField]
    today: date

    def read_all(self, rows: Sequence[Sequence[str]]) -> list[Person]:
        return [self.read(row) for row in rows]

    def read(self, cells: Sequence[str]) -> Person:
        person, parts = Person(), {"given": "", "family": ""}
        for at, target in sorted(self.settings.columns.items()):
            value = _bare(cells[at]) if at < len(cells) else ""
            if not value or not target:
                continue
            try:
                if target in parts:
                    parts[target] = value
                else:
                    self._put(person, target, value)
            except (ValueError, Invalid) as problem:
                words = problem.message if isinstance(problem, Invalid) else str(problem)
                person.problem = f"{self._label(at)}: {words}"
                return person
        return self._finished(person, " ".join(filter(None, parts.values())))

    def _finished(self, person: Person, parted: str) -> Person:
        try:
            if parted and not person.name:
                person.name = names.normal(parted)
            if self.settings.tag:
                person.tags.append(tagging.clean(self.settings.tag))
        except (names.NotName, Invalid) as problem:
            person.problem = str(problem)
        if not (person.name or person.identities):
            person.problem = person.problem or _("There is no name and no address in this line.")
        person.tags = list({tagging.key(each): each for each in person.tags}.values())[:MOST_TAGS]
        return person

    def _label(self, at: int) -> str:
        header = self.headers[at] if at < len(self.headers) else ""
        return header or _("Column %(number)s", number=at + 1)

    def _put(self, person: Person, target: str, value: str) -> None:
        if target in ("email", "phone"):
            self._put_addresses(person, target, value)
        elif target == "tags":
            person.tags += [
                tagging.clean(each) for each in re.split("[,;|]", value) if each.strip()
            ]
        elif target in CONSENT:
            person.consent[CONSENT[target]] = "in" if _yes_no(value) else "out"
        elif target.startswith(OWN):
            self._put_own(person, target.removeprefix(OWN), value)
        else:
            setattr(person, target, self._plain(target, value))

    def _plain(self, target: str, value: str) -> Any:
        if target == "name":
            return names.normal(value)
        if target == "language":
            return _language(value)
        if target == "birthday":
            return self._birthday(value)
        most = {"company": MAX_COMPANY, "note": MAX_NOTE}[target]
        text = " ".join(value.split()) if target == "company" else value
        if len(text) > most:
            raise ValueError(_("This is too long: %(count)s characters fit.", count=most))
        return text

    def _put_addresses(self, person: Person, kind: str, value: str) -> None:
        parts = [each.strip() for each in re.split("[,;]" if kind == "email" else "[;,]", value)]
        for part in filter(None, parts):
            normal = emails.normal(part) if kind == "email" else phones.normal(part, self.settings.country or None)  # fmt: skip
            if (kind, normal) not in person.identities:
                person.identities.append((kind, normal))
        if len(person.identities) > 2 * MOST_ADDRESSES:
            raise ValueError(_("At most %(count)s addresses fit.", count=MOST_ADDRESSES))

    def _put_own(self, person: Person, key: str, value: str) -> None:
        own = self.own.get(key)
        if own is None:
            return
        if own.kind == "date":
            value = self._date(value).isoformat()
        elif own.kind == "yes_no":
            value = "yes" if _yes_no(value) else "no"
        person.custom |= own_fields.read([own], {key: value})

    def _birthday(self, value: str) -> date:
        day = self._date(value)
        if not OLDEST_BIRTHDAY <= day <= self.today:
            raise ValueError(_("A birthday lies in the past, from 1900 on."))
        return day

    def _date(self, value: str) -> date:
        try:
            if found := _DAY.fullmatch(value):
                first, second, year = map(int, found.groups())
                day, month = (first, second) if self.settings.dates == "day" else (second, first)
                return date(year, month, day)
            return date.fromisoformat(value[:10])
        except ValueError as problem:
            raise ValueError(_("This is no day. One is 2026-05-31.")) from problem


def _bare(cell: str) -> str:
    """Our own exports put ' before what a spreadsheet would compute."""
    cell = cell.strip()
    return cell[1:] if cell[:1] == "'" and cell[1:2] in "=+-@" and cell[1:2] else cell


def _yes_no(value: str) -> bool:
    word = names.key(value)
    if word not in YES | NO:
        raise ValueError(_("Write yes or no."))
    return word in YES


def _language(value: str) -> str:
    word = names.key(value)
    code = _LANGUAGE_NAMES.get(word) or re.split("[-_]", word)[0]
    if code not in LANGUAGES:
        raise ValueError(_("This language isn’t known. Write it in English, or its code, like pt."))
    return code
