"""What an opened chat says of the business's hours and what it asks of its visitor."""

from dataclasses import dataclass

from flask_babel import gettext as _

from app.businesses import hours as opening
from app.businesses import hours_said
from app.channels.website import Asked, WebsiteSettings
from app.core.db import now
from app.frontdesk import expecting

REACH = ("email", "phone")
TYPES = {"email": "email", "phone": "tel"}
COMPLETES = {"name": "name", "email": "email", "phone": "tel"}


@dataclass(frozen=True, slots=True)
class Present:
    """One line of the header: how soon somebody of the team replies or, while nobody is there, when they open."""

    line: str = ""
    is_closed: bool = False


@dataclass(frozen=True, slots=True)
class Field:
    """`when_closed`: asked for only then."""

    kind: str
    label: str
    required: bool
    when_closed: bool = False

    @property
    def type(self) -> str:
        return TYPES.get(self.kind, "text")

    @property
    def autocomplete(self) -> str:
        return COMPLETES.get(self.kind, "off")


def present(settings: WebsiteSettings) -> Present:
    hours, at = opening.current(), now()
    is_closed = hours.are_known and not hours.is_open(at)
    if is_closed:
        return Present(hours_said.closed(hours, at) if settings.show_hours else "", is_closed=True)
    seconds = expecting.usual_reply() if settings.show_reply_time else None
    if seconds is not None:
        return Present(expecting.usually(seconds))
    says_hours = settings.show_hours and hours.are_known
    return Present(hours_said.at_moment(hours, at) if says_hours else "")


def asked(settings: WebsiteSettings, *, is_closed: bool) -> list[Field]:
    """While the business is closed a way to reach the visitor is among it."""
    fields = [Field(each.kind, _label(each), each.required) for each in settings.asked]
    if is_closed and not any(each.kind in REACH for each in fields):
        fields.append(Field("email", _("E-mail"), required=True, when_closed=True))
    return fields


def _label(asked: Asked) -> str:
    named = {"name": _("Name"), "email": _("E-mail"), "phone": _("Telephone")}
    return named.get(asked.kind, asked.label)
