"""What the assistant may ask of the business itself."""

from datetime import date
from zoneinfo import ZoneInfo

from pydantic import Field

from app.businesses import hours as opening
from app.core.db import now
from app.core.tools import Asked, Call, Grant, ToolResult, tool
from app.lib import hours_words
from app.lib.hours import Hours
from app.lib.marking import kept

UNKNOWN = "The opening hours are not known here. Say so; don’t guess them."


class AskedHours(Asked):
    day: date | None = Field(
        default=None,
        description="A day that was asked for, YYYY-MM-DD; null: now and the usual week",
    )


@tool("business_hours", kept("Look up the opening hours"), grant=Grant.HOURS_READ)
def business_hours(_call: Call, asked: AskedHours) -> ToolResult:
    """Whether the business is open now, when it opens next, its usual week and what is different soon; or
    the opening of one day, holidays included. Use it for every question of when the business is open, and
    before you say when somebody will be there."""
    hours = opening.current()
    if not hours.are_known:
        return ToolResult(UNKNOWN)
    today = opening.today()
    said = hours_words.on(hours, asked.day) if asked.day else hours_words.week(hours, today)
    return ToolResult(f"{_now(hours)}\n{said}")


def _now(hours: Hours) -> str:
    at = now()
    local = at.astimezone(ZoneInfo(hours.zone))
    day = hours_words.day_in_words(local.date())
    return f"It is {day}, {local:%H:%M} ({hours.zone}). {hours_words.at_moment(hours, at)}"
