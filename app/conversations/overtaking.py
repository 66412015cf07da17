"""Somebody else answered while this was typed: its writer looks first, and may send it all the same."""

from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import select

from app.accounts.models import User
from app.conversations.models import Conversation, Message
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db


class Overtaken(Conflict):
    """The writer is asked once."""

    code = "overtaken"


def check(conversation: Conversation, by: User, seen: int | None) -> None:
    """`seen` is the position up to which the writer had read when they began. Raises Overtaken."""
    if seen is None:
        return
    other = _since(conversation, by, seen)
    if other is not None and other.user is not None:
        ago = _ago(now() - other.created_at)
        raise Overtaken(
            _(
                "%(name)s replied %(ago)s: look first.",
                name=other.user.first_name,
                ago=ago,
            )
        )


def _since(conversation: Conversation, by: User, seen: int) -> Message | None:
    newest = (
        select(Message)
        .where(
            Message.conversation_id == conversation.id,
            Message.position > seen,
            Message.kind == "outgoing",
            Message.user_id.is_not(None),
            Message.user_id != by.id,
        )
        .order_by(Message.position.desc())
        .limit(1)
    )
    return db.session.scalar(newest)


def _ago(passed: timedelta) -> str:
    seconds = int(passed.total_seconds())
    if seconds < 10:
        return _("just now")
    if seconds < 60:
        return _("%(count)s seconds ago", count=seconds // 10 * 10)
    minutes = seconds // 60
    if minutes < 60:
        return _("a minute ago") if minutes == 1 else _("%(count)s minutes ago", count=minutes)
    return _("while you were writing")
