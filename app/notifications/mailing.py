"""One e-mail for all that happened in a conversation and wasn't read meanwhile."""

from dataclasses import dataclass
from typing import Any

from sqlalchemy import func, select

from app.conversations.models import ConversationRead, Mention, Message
from app.core import mail
from app.core.jobs import commit_step, enqueue_next
from app.core.translating import speaking
from app.extensions import db
from app.notifications import addresses, choosing, due, places
from app.notifications.choosing import Told
from app.notifications.events import MAIL
from app.notifications.models import Notification

MOST_MESSAGES = 10  # that one e-mail tells; the rest is one click away
MOST_CHARACTERS = 2000  # of each
TOLD_KINDS = {"message_mine": "incoming", "message_unassigned": "incoming", "mention": "note"}


@dataclass(frozen=True, slots=True)
class Letter:
    """What is written to whom. `key`: the same for each try."""

    to: str
    key: str
    reply_to: str
    context: dict[str, Any]


def send(user_id: int, about: str) -> None:
    """The job. Safe to repeat; nothing when the member has read it, or is looking at it."""
    member = choosing.of(user_id)
    rows = due.rows(member, about, MAIL) if member else []
    if member is None or not rows:
        return
    quiet = due.quiet_until(member, rows)
    if quiet is not None:
        key = f"tell-mail-{user_id}-{about}"
        enqueue_next("notifications.mail", user_id, about, at=quiet, key=key)
        return
    with speaking(member.user.language):
        letter = _written(member, rows)
        told = {each.id: each.position for each in rows}
        commit_step()
        mail.deliver(
            "notification", letter.to, letter.key, reply_to=letter.reply_to, **letter.context
        )
    _note(told)


def _written(member: Told, rows: list[Notification]) -> Letter:
    newest, business = rows[-1], places.business()
    reply = addresses.for_reply(member, rows)
    context = {
        "headline": places.headline(newest),
        "business": business.name,
        "lines": _lines(rows),
        "link": places.link(business.slug, newest.about),
        "settings": places.settings(business.slug),
        "is_reply": reply.kind == "reply",
        "is_note": reply.kind == "note",
        "who": newest.who,
        "cut": addresses.cutting_line() if reply.address else "",
    }
    key = " ".join(
        ["notification", str(member.user.id), *(f"{each.id}:{each.position}" for each in rows)]
    )
    return Letter(member.user.email, key, reply.address, context)


def _lines(rows: list[Notification]) -> list[dict[str, Any]]:
    """Each event, and the whole words of what was written."""
    lines = []
    for row in rows:
        said = _messages(row) or [row.text]
        lines.append({"headline": places.headline(row), "texts": [each for each in said if each]})
    return lines


def _messages(row: Notification) -> list[str]:
    """What no e-mail has told and the member hasn't read; of notes, those that name them."""
    kind = TOLD_KINDS.get(row.event)
    if kind is None or row.conversation_id is None:
        return []
    seen = select(ConversationRead.position).where(
        ConversationRead.conversation_id == row.conversation_id,
        ConversationRead.user_id == row.user_id,
    )
    bodies = select(Message.body).where(
        Message.conversation_id == row.conversation_id,
        Message.kind == kind,
        Message.position > func.coalesce(seen.scalar_subquery(), 0),
        Message.position.between(row.since, row.position),
    )
    if kind == "note":
        named = select(Mention.message_id).where(Mention.user_id == row.user_id)
        bodies = bodies.where(Message.id.in_(named))
    newest = bodies.order_by(Message.position.desc()).limit(MOST_MESSAGES)
    return [each[:MOST_CHARACTERS] for each in db.session.scalars(newest)][::-1]


def _note(told: dict[int, int]) -> None:
    """What came while it was being sent is told by the next."""
    rows = select(Notification).where(Notification.id.in_(told)).with_for_update()
    for row in db.session.scalars(rows.execution_options(populate_existing=True)):
        row.wants_mail = row.position > told[row.id]
        row.since = told[row.id] + 1
