"""The calls of language models, one by one and in words."""

from collections.abc import Collection
from datetime import date, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, select

from app.assistant.models import ModelCall
from app.conversations.models import Conversation
from app.core.db import now
from app.extensions import db
from app.lib import dates

UNDER_WAY = timedelta(minutes=2)  # longer than a job that answers may take
PURPOSES = {
    "answer": _l("Answers"),
    "analysis": _l("Looking back at conversations"),
    "check": _l("Checks"),
    "bench": _l("Test bench"),
}
ENDINGS = {
    "done": _l("Answered"),
    "tools": _l("Asked for tools"),
    "length": _l("Reached its length"),
    "too_long": _l("The conversation was too long"),
    "refused": _l("Declined to answer"),
    "stopped": _l("Stopped by the visitor"),
    "other": _l("Ended"),
}


def how_it_ended(call: ModelCall) -> str:
    """In words; a call without an end is under way, or its worker was cut off."""
    if call.error:
        return call.error
    if call.stop_reason:
        return ENDINGS.get(call.stop_reason, call.stop_reason)
    return _("Cut off") if now() - call.created_at > UNDER_WAY else _("Under way")


def listed(
    zone: str, day: date | None = None, *, failed: bool = False, before: int = 0
) -> Select[Any]:
    """The newest first: of one day, or those that went wrong."""
    query = select(ModelCall).order_by(ModelCall.id.desc())
    if day:
        after = day + timedelta(days=1)
        query = query.where(
            ModelCall.created_at >= dates.midnight(day, zone),
            ModelCall.created_at < dates.midnight(after, zone),
        )
    if failed:
        query = query.where(ModelCall.error.is_not(None))
    return query.where(ModelCall.id < before) if before else query


def openable(calls: Collection[ModelCall]) -> set[int]:
    """The conversations of these calls that stand in the inbox; the owner's preview doesn't."""
    ids = {call.conversation_id for call in calls if call.conversation_id}
    query = select(Conversation.id).where(
        Conversation.id.in_(ids), Conversation.is_preview.is_(False)
    )
    return set(db.session.scalars(query)) if ids else set()
