"""What a list of conversations is narrowed to, as it stands in the address."""

from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from datetime import date
from typing import Any
from urllib.parse import urlencode

from flask_babel import lazy_gettext as _l

from app.channels.website_texts import LANGUAGES
from app.conversations.models import MAX_ID, PRIORITIES

VIEWS = {
    "mine": _l("Mine"),
    "unassigned": _l("Unassigned"),
    "mentions": _l("Mentions"),
    "snoozed": _l("Snoozed"),
    "all": _l("Open"),
    "resolved": _l("Resolved"),
}
STATUSES = {"open": _l("Open"), "snoozed": _l("Snoozed"), "resolved": _l("Resolved")}
STATUS_OF = {"snoozed": "snoozed", "resolved": "resolved", "mentions": ""}  # others: what is open
NARROWED_BY_STATUS = ("mine", "mentions")  # each other view is one status itself
WAITING = {"us": _l("Waiting for us"), "customer": _l("Waiting for the customer")}
SORTS = {
    "newest": _l("Newest first"),
    "oldest": _l("Oldest first"),
    "waiting": _l("Waiting longest first"),
}


@dataclass(frozen=True, slots=True)
class Filters:
    """Empty fields narrow nothing. `saved` is the saved view that the list began with; whoever changes something
    after that is still in it."""

    view: str = "all"
    channel: str = ""
    assignee: str = ""  # "me", "nobody" or a user's id
    tag: int = 0
    priority: str = ""
    status: str = ""
    unread: str = ""
    files: str = ""
    language: str = ""  # of the customer, like "es"
    waiting: str = ""
    since: str = ""  # ISO dates, in the business's zone, both included
    until: str = ""
    sort: str = "newest"
    saved: int = 0

    @property
    def params(self) -> dict[str, Any]:
        """For an address: what differs from a list that is narrowed to nothing, and always the view."""
        found = {name: getattr(self, name) for name in NAMES}
        return {n: of for n, of in found.items() if n == "view" or of != _UNSAID[n]}

    @property
    def query(self) -> str:
        """The same as the end of an address."""
        return urlencode(self.params)

    @property
    def kept(self) -> dict[str, Any]:
        """What a saved view keeps."""
        return {name: value for name, value in self.params.items() if name != "saved"}

    @property
    def is_narrowed(self) -> bool:
        return bool(set(self.params) - {"view", "sort", "saved"})

    @property
    def shown_status(self) -> str:
        """The one that the list shows; "" for any."""
        return self.status or STATUS_OF.get(self.view, "open")

    def but(self, **changed: Any) -> "Filters":
        return replace(self, **changed)

    def without(self, name: str) -> "Filters":
        return replace(self, **{name: getattr(PLAIN, name)})


PLAIN = Filters()
NAMES = tuple(field.name for field in fields(Filters))
_UNSAID = {name: getattr(PLAIN, name) for name in NAMES}
_CHOICES: dict[str, Any] = {
    "view": VIEWS,
    "priority": PRIORITIES[1:],
    "status": STATUSES,
    "unread": ("1",),
    "files": ("1",),
    "language": LANGUAGES,
    "waiting": WAITING,
    "sort": SORTS,
}


def read(typed: Mapping[str, Any]) -> Filters:
    """Of an address. What no list can be narrowed to is left out: the page shows what it is narrowed to."""
    found: dict[str, Any] = {name: _read(name, str(typed.get(name, ""))) for name in NAMES}
    known = {name: value for name, value in found.items() if value}
    if known.get("view", PLAIN.view) not in NARROWED_BY_STATUS:
        known.pop("status", None)
    return Filters(**known)


def _read(name: str, typed: str) -> Any:
    if name in _CHOICES:
        return typed if typed in _CHOICES[name] else ""
    if name == "channel":  # a kind; which there are, the channels know
        return typed if typed.isidentifier() and len(typed) < 30 else ""
    if name in ("tag", "saved"):
        return _number(typed)
    if name in ("since", "until"):
        return _day(typed)
    return typed if typed in ("me", "nobody") else str(_number(typed) or "")


def _number(typed: str) -> int:
    is_number = typed.isascii() and typed.isdigit() and len(typed) < 20
    return int(typed) if is_number and int(typed) <= MAX_ID else 0


def _day(typed: str) -> str:
    try:
        return date.fromisoformat(typed).isoformat() if len(typed) == 10 else ""
    except ValueError:
        return ""
