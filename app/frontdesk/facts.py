"""What the assistant is told of the moment: the time, whether the business is open, and who is writing."""

from datetime import datetime
from zoneinfo import ZoneInfo

from app.businesses import hours
from app.businesses.models import Business
from app.channels.adapters import PLACES, adapter
from app.channels.models.channels import OWN
from app.contacts import services as contacts
from app.contacts.models import Visitor
from app.core.db import now
from app.lib import dates
from app.lib.hours import Hours

MAX_WORDS = 80  # characters of what a visitor says of themselves
PLAIN = "- Your answer is one message of plain text: no Markdown, no headings, and no link that isn't in the search results."
HOW = {  # by the kind of channel
    "sms": "- Your answer is sent as SMS and paid by its length: at most 300 characters, with straight quotes "
    "and hyphens and without emoji.",
    "email": f"{PLAIN} It is sent as an e-mail, to which subject and signature are added.",
}
HEADING = "Facts from the front desk (the customer doesn't see them):"


def of_moment(business: Business, visitor: Visitor | None, channel: str) -> str:
    """Changes from turn to turn, so it stands behind what can be cached."""
    at = now()
    local = at.astimezone(ZoneInfo(business.time_zone))
    lines = [f"- It is {local:%A %d %B %Y, %H:%M} where the business is."]
    lines += _opening(hours.current(), at, business.time_zone)
    lines += _channel(channel)
    lines += _said(visitor) if visitor is not None else []
    return "\n".join([HEADING, *lines])


def _said(visitor: Visitor) -> list[str]:
    """Its own words alone: who it only claims to be is nobody's business but the team's."""
    said = contacts.said_by(visitor)
    named = (("name", said.name), ("e-mail address", said.email), ("telephone number", said.phone))
    return [
        f"- The customer says that their {what} is “{_on_one_line(value)}”."
        for what, value in named
        if value
    ]


def _opening(opening: Hours, at: datetime, zone: str) -> list[str]:
    if not opening.are_known:
        return []
    if opening.is_open(at):
        closes = opening.closes_at(at)
        until = f" until {dates.exact(closes, zone)}" if closes else ""
        return [f"- The business is open now{until}."]
    opens = opening.next_opening(at)
    return [
        f"- The business is closed now{f', and opens {dates.exact(opens, zone)}' if opens else ''}."
    ]


def _channel(kind: str) -> list[str]:
    if kind in OWN:
        return ["- The customer writes in the chat on the website."]
    label = adapter(kind).label if kind in PLACES else kind
    return [f"- The customer writes by {label}.", HOW.get(kind, PLAIN)]


def _on_one_line(words: str) -> str:
    """A visitor's own words among the facts must not look like another fact."""
    return " ".join(words.replace("”", "").split())[:MAX_WORDS]
