"""The business's own fields of a contact: making them, and reading what was typed into them."""

import re
from collections.abc import Callable, Iterable, Mapping
from datetime import date
from typing import Any
from urllib.parse import urlsplit

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import func, select

from app.contacts.models import FIELD_KINDS, ContactField
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.extensions import db
from app.lib import names

KIND_LABELS = {
    "text": _l("Text"),
    "number": _l("Number"),
    "date": _l("Date"),
    "yes_no": _l("Yes or no"),
    "choice": _l("Choice of a list"),
    "link": _l("Link"),
}
MOST = 50  # fields that are not archived
MAX_LABEL = 60  # characters
MAX_CHOICES = 50
MAX_TEXT = 500
MAX_LINK = 2000


def create(label: str, kind: str, choices: Iterable[str] = ()) -> ContactField:
    """Raises Invalid or Conflict; the code is the field's name."""
    if kind not in FIELD_KINDS:
        raise Invalid(_("Choose what it holds."), code="kind")
    label = _label(label)
    _refuse_same(label)
    if len(ContactField.all()) >= MOST:
        raise Conflict(
            _("%(most)s fields are the most. Archive one that you no longer need.", most=MOST)
        )
    last = db.session.scalar(select(func.max(ContactField.position))) or 0
    field = ContactField(
        key=_free_key(label), label=label, kind=kind, choices=_choices(kind, choices),
        position=last + 1,
    )  # fmt: skip
    db.session.add(field)
    db.session.flush()
    return field


def change(field: ContactField, label: str, choices: Iterable[str] = ()) -> None:
    """What it holds stays: values of another kind would be none any more."""
    label = _label(label)
    _refuse_same(label, field)
    field.label, field.choices = label, _choices(field.kind, choices)


def archive(field: ContactField) -> None:
    field.archived_at = field.archived_at or now()


def restore(field: ContactField) -> None:
    if field.archived_at is not None:
        _refuse_same(field.label, field)
        field.archived_at = None


def move(field: ContactField, step: int) -> None:
    """Up (-1) or down (1) by one place; at the end nothing happens."""
    fields = ContactField.all()
    place = next((i for i, each in enumerate(fields) if each.id == field.id), None)
    if place is None or not 0 <= place + step < len(fields):
        return
    fields.insert(place + step, fields.pop(place))
    for position, each in enumerate(fields):
        each.position = position


def read(fields: Iterable[ContactField], typed: Mapping[str, str]) -> dict[str, Any]:
    """Values by key, None for an empty one. Raises Invalid; its code is the key."""
    return {field.key: _read(field, typed.get(field.key, "").strip()) for field in fields}


def shown(field: ContactField, value: Any) -> str:
    """For people; dates as the form has them."""
    if value is None:
        return ""
    if field.kind == "yes_no":
        return _("Yes") if value else _("No")
    if field.kind == "number":
        return f"{value:,}"
    return str(value)


def typed(field: ContactField, value: Any) -> str:
    """As it stands in the form."""
    if value is None:
        return ""
    if field.kind == "yes_no":
        return "yes" if value else "no"
    return str(value)


def _read(field: ContactField, text: str) -> Any:
    if not text:
        return None
    text = "".join(c for c in text if c.isprintable())
    if len(text) > (MAX_LINK if field.kind == "link" else MAX_TEXT):
        raise Invalid(
            _("This is too long: %(most)s characters fit.", most=MAX_TEXT), code=field.key
        )
    readers: dict[str, Callable[[str], Any]] = {
        "number": _number, "date": _date, "yes_no": _yes_no, "link": _link,
        "choice": lambda said: _choice(field, said), "text": str,
    }  # fmt: skip
    try:
        return readers[field.kind](text)
    except ValueError as problem:
        raise Invalid(str(problem), code=field.key) from problem


def _number(text: str) -> int | float:
    plain = text.replace(" ", "").replace("\u00a0", "")
    if re.fullmatch(r"[+-]?\d{1,3}(,\d{3})+(\.\d+)?", plain):
        plain = plain.replace(",", "")
    plain = plain.replace(",", ".")
    if not re.fullmatch(r"[+-]?\d{1,15}(\.\d{1,6})?", plain):
        raise ValueError("This is no number. One is 12 or 3.5.")
    found = float(plain)
    return int(found) if found.is_integer() else found


def _date(text: str) -> str:
    try:
        return date.fromisoformat(text).isoformat()
    except ValueError as problem:
        raise ValueError("Choose a day, like 2026-05-31.") from problem


def _yes_no(text: str) -> bool:
    if text.casefold() not in ("yes", "no"):
        raise ValueError("Choose yes or no.")
    return text.casefold() == "yes"


def _choice(field: ContactField, text: str) -> str:
    for each in field.choices:
        if names.key(each) == names.key(text):
            return each
    raise ValueError("Choose one of the list.")


def _link(text: str) -> str:
    text = text if "://" in text else f"https://{text}"
    try:
        parts = urlsplit(text)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme not in ("http", "https") or "." not in (parts.hostname or "") or " " in text:
        raise ValueError("This is no link. One is https://www.example.com/page.")
    return text


def _label(label: str) -> str:
    label = " ".join(label.split())
    if not label:
        raise Invalid(_("Write what the field is called."), code="label")
    if len(label) > MAX_LABEL:
        raise Invalid(_("This is too long: %(most)s characters fit.", most=MAX_LABEL), code="label")
    return label


def _refuse_same(label: str, besides: ContactField | None = None) -> None:
    same = names.key(label)
    for each in ContactField.all():
        if names.key(each.label) == same and each is not besides:
            raise Invalid(
                _("There is a field “%(label)s” already.", label=each.label), code="label"
            )


def _free_key(label: str) -> str:
    """Of letters and digits of ASCII where there are any: it stands in exports and in the programs of others."""
    plain = re.sub(r"[^a-z0-9]+", "_", names.key(label)).strip("_")[:40] or "field"
    taken = set(db.session.scalars(select(ContactField.key).where(ContactField.key.startswith(plain, autoescape=True))))  # fmt: skip
    numbered = (f"{plain}_{number}" for number in range(2, len(taken) + 3))
    return plain if plain not in taken else next(key for key in numbered if key not in taken)


def _choices(kind: str, typed: Iterable[str]) -> list[str]:
    if kind != "choice":
        return []
    found = {names.key(each): " ".join(each.split()) for each in typed if each.strip()}
    if len(found) < 2:
        raise Invalid(_("Write at least two choices, one a line."), code="choices")
    if len(found) > MAX_CHOICES or any(len(each) > MAX_LABEL for each in found.values()):
        raise Invalid(
            _("%(most)s choices of %(most2)s characters fit.", most=MAX_CHOICES, most2=MAX_LABEL),
            code="choices",
        )
    return list(found.values())
