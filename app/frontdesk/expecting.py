"""How long a visitor will wait for a person, said honestly: from what others really waited. The words are in the
language that is spoken."""

from contextlib import suppress
from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import ngettext
from redis import RedisError
from sqlalchemy import select

from app.businesses import hours as opening
from app.businesses import hours_said
from app.conversations.models import Conversation, HandOff
from app.core import tenancy
from app.core.db import now
from app.extensions import db, redis
from app.lib import waiting
from app.lib.hours import Hours

LOOKS_BACK = timedelta(days=30)
MEDIAN = 0.5
KEPT_SECONDS = 600
MOST_READ = 1000  # of the newest; a busier month is no other month


@dataclass(frozen=True, slots=True)
class Wait:
    """`seconds` from now, where a figure can be given. `opens_at` while the business is closed."""

    words: str
    seconds: int | None = None
    opens_at: datetime | None = None
    is_closed: bool = False


def wait() -> Wait:
    """For whoever asks for a person now."""
    hours, at = opening.current(), now()
    if hours.are_known and not hours.is_open(at):
        return _closed(hours, at)
    seconds = waiting.expected(*_experience(hours, at))
    if seconds is None:
        return Wait(_("Somebody will answer as soon as they are free."))
    return Wait(_within(seconds), seconds)


def _closed(hours: Hours, at: datetime) -> Wait:
    opens_at = hours.next_opening(at)
    seconds = round((opens_at - at).total_seconds()) if opens_at else None
    return Wait(hours_said.closed(hours, at), seconds, opens_at, is_closed=True)


def usual_reply() -> int | None:
    """The seconds within which every other visitor got a person's first reply, while the business was open; None
    where too few asked. Reckoned every ten minutes."""
    key = f"frontdesk:usual-reply:{tenancy.current_business_id()}"
    with suppress(RedisError):
        kept = redis.client.get(key)
        if kept is not None:
            return int(kept) or None
    seconds = waiting.expected(*_experience(opening.current(), now()), share=MEDIAN)
    with suppress(RedisError):
        redis.client.set(key, seconds or 0, ex=KEPT_SECONDS)
    return seconds


def usually(seconds: int) -> str:
    if seconds < waiting.HOUR:
        return ngettext(
            "The team usually replies within a minute.",
            "The team usually replies within %(count)s minutes.",
            seconds // waiting.MINUTE,
            count=seconds // waiting.MINUTE,
        )
    return ngettext(
        "The team usually replies within an hour.",
        "The team usually replies within %(count)s hours.",
        seconds // waiting.HOUR,
        count=seconds // waiting.HOUR,
    )


def _within(seconds: int) -> str:
    """Rounded as app/lib/waiting.py does."""
    if seconds < waiting.HOUR:
        return ngettext(
            "Most people get an answer within a minute.",
            "Most people get an answer within %(count)s minutes.",
            seconds // waiting.MINUTE,
            count=seconds // waiting.MINUTE,
        )
    return ngettext(
        "Most people get an answer within an hour.",
        "Most people get an answer within %(count)s hours.",
        seconds // waiting.HOUR,
        count=seconds // waiting.HOUR,
    )


def _experience(hours: Hours, at: datetime) -> tuple[list[float], int]:
    """What the last 30 days' visitors waited who asked while the business was open, and how many of them
    nobody answered."""
    ended = (
        select(HandOff.created_at, HandOff.answered_at, HandOff.outcome)
        .join(Conversation, Conversation.id == HandOff.conversation_id)
        .where(
            HandOff.created_at > at - LOOKS_BACK,
            HandOff.outcome.in_(("answered", "returned")),
            Conversation.is_preview.is_(False),
        )
        .order_by(HandOff.created_at.desc())
        .limit(MOST_READ)
    )
    asked = [row for row in db.session.execute(ended) if _was_open(hours, row.created_at)]
    waited = [
        (row.answered_at - row.created_at).total_seconds()
        for row in asked
        if row.outcome == "answered" and row.answered_at
    ]
    return waited, sum(row.outcome == "returned" for row in asked)


def _was_open(hours: Hours, at: datetime) -> bool:
    return not hours.are_known or hours.is_open(at)
