"""What the business says of itself, told to the assistant in the same transaction: hours and profile."""

from collections.abc import Mapping
from datetime import UTC, date, datetime, time
from zoneinfo import ZoneInfo

from app.businesses import hours, profile
from app.businesses.models import Business, BusinessProfile
from app.core import tenancy
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import records
from app.knowledge.blocks import Block
from app.lib import hours_words
from app.lib.hours import Ranges

HOURS = "hours"
PROFILE = "profile"


def change_week(week: Mapping[int, Ranges], time_zone: str) -> None:
    """Raises Invalid."""
    hours.change_zone(time_zone)
    hours.change_week(week)
    tell_hours()


def add_exception(first_day: date, last_day: date | None, name: str, ranges: Ranges) -> None:
    """Raises Invalid or Conflict."""
    hours.add_exception(first_day, last_day, name, ranges)
    tell_hours()


def remove_exception(exception_id: int) -> None:
    hours.remove_exception(exception_id)
    tell_hours()


def tell_hours() -> None:
    """As they are to be said today; and again on the day on which that changes by itself."""
    hours.forget_past()
    db.session.flush()
    known, today = hours.current(), hours.today()
    blocks = [
        Block("qa", each.answer, question=each.question)
        for each in hours_words.sayings(known, today)
    ]
    records.keep(HOURS, "Opening hours", blocks)
    next_day = hours_words.next_change(known, today)
    if next_day is not None and blocks:
        at = datetime.combine(next_day, time(), ZoneInfo(known.zone)).astimezone(UTC)
        key = f"hours {tenancy.current_business_id()} {next_day}"
        enqueue("frontdesk.tell_hours", queue="bulk", at=at, key=key)


def change_profile(address: str, phone: str, email: str, directions: str) -> None:
    """Raises Invalid."""
    told = profile.change(address, phone, email, directions)
    name = db.session.get_one(Business, tenancy.current_business_id()).name
    records.keep(PROFILE, f"About {name}", _about(told, name))


def _about(told: BusinessProfile, name: str) -> list[Block]:
    address = ", ".join(told.address.splitlines())
    found = [
        (address, "What is your address? Where are you?", f"The address of {name} is {address}."),
        (told.directions, f"How do I find you? How do I get to {name}?", told.directions),
        (
            told.phone,
            "What is your phone number? Can I call you?",
            f"You can call us on {told.phone}.",
        ),
        (told.email, "What is your e-mail address?", f"You can write to us at {told.email}."),
        (told.phone or told.email, "How can I contact you?", _contact(told)),
    ]
    return [Block("qa", answer, question=question) for known, question, answer in found if known]


def _contact(told: BusinessProfile) -> str:
    ways = [f"call us on {told.phone}"] if told.phone else []
    ways += [f"write to {told.email}"] if told.email else []
    return f"You can {' or '.join(ways)}."
