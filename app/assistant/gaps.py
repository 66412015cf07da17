"""Gaps: what visitors ask and the assistant can't answer. Finding out that there is one, and closing it."""

from collections.abc import Collection
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import select
from sqlalchemy.orm import selectinload

from app.accounts.models import User
from app.assistant.models import Answer, Gap, GapQuestion
from app.conversations import services as conversations
from app.conversations.models import Conversation, Message
from app.core import realtime, tenancy
from app.core.db import now
from app.core.errors import Conflict
from app.core.jobs import enqueue
from app.extensions import db
from app.knowledge import services as knowledge
from app.knowledge.models import Source

RETURNS_AFTER = 3  # times a dismissed gap is asked again before it comes back
MOST_CONVERSATIONS = 50  # of one gap that an answer can be sent to


def look_into(answer: Answer) -> None:
    """Whenever a receipt is kept or rated: the worker lets its question join a gap, or leave its gap."""
    db.session.flush()
    if answer.is_lacking or GapQuestion.of_message(answer.message_id):
        enqueue("assistant.note_gap", answer.message_id)


@dataclass(frozen=True, slots=True)
class Answered:
    source: Source
    sent_count: int


def answer(
    gap: Gap, question: str, words: str, by: User, send_to: Collection[int] = ()
) -> Answered:
    """Keep the answer as knowledge, and send it to the chosen conversations of this gap. Safe to repeat.

    Raises Invalid, and Conflict when somebody has answered it otherwise meanwhile.
    """
    gap.lock()
    source = knowledge.add_question(question, words, by)
    if gap.status == "answered" and gap.source_id != source.id:
        raise Conflict(_("Someone has answered this meanwhile. Reload the page to see the answer."))
    chosen = [talk for talk in conversations_of(gap) if talk.id in send_to]
    for talk in sorted(chosen, key=lambda each: each.id):
        conversations.reply(talk, by, source.answer or "", f"gap-{gap.id}-{source.id}")
    _close(gap, source.id, by)
    return Answered(source, len(chosen))


def answered_in_reply(reply: Message, source_id: int, by: User) -> None:
    """A member's reply was kept as knowledge: what it replied to is a gap no more."""
    asked = db.session.scalar(
        select(GapQuestion)
        .join(Message, Message.id == GapQuestion.message_id)
        .where(
            GapQuestion.conversation_id == reply.conversation_id, Message.position < reply.position
        )
        .order_by(Message.position.desc())
        .limit(1)
    )
    _close_gap_of(asked, source_id, by)


def corrected(message_id: int, source_id: int | None, by: User) -> None:
    """The right answer was typed in place of this message of the assistant."""
    _close_gap_of(GapQuestion.of_message(message_id), source_id, by)


def dismiss(gap: Gap, by: User) -> None:
    """Nothing to answer, unless it is asked some more times. Safe to repeat."""
    if gap.lock().is_open:
        gap.status, gap.reopened_from = "dismissed", None
        gap.dismissed_by, gap.dismissed_at = by.id, now()
        gap.returns_at = gap.asked_count + RETURNS_AFTER
        announce()


def reopen(gap: Gap) -> None:
    """Take a dismissal or an answer back; the answer stays in the knowledge. Safe to repeat."""
    if not gap.lock().is_open:
        gap.status, gap.reopened_from = "open", None
        announce()


def conversations_of(gap: Gap) -> list[Conversation]:
    """Where it was asked, newest first."""
    asked = select(GapQuestion.conversation_id).where(GapQuestion.gap_id == gap.id)
    query = (
        select(Conversation)
        .where(Conversation.id.in_(asked))
        .order_by(Conversation.id.desc())
        .limit(MOST_CONVERSATIONS)
        .options(selectinload(Conversation.visitor))
    )
    return list(db.session.scalars(query))


def announce() -> None:
    db.session.flush()
    realtime.publish(f"business:{tenancy.current_business_id()}", name="gaps")


def _close_gap_of(asked: GapQuestion | None, source_id: int | None, by: User) -> None:
    gap = Gap.by_id(asked.gap_id) if asked else None
    if gap is not None and gap.lock().is_open:
        _close(gap, source_id, by)


def _close(gap: Gap, source_id: int | None, by: User) -> None:
    if gap.status == "answered":
        return
    gap.status, gap.reopened_from = "answered", None
    gap.source_id, gap.answered_by, gap.answered_at = source_id, by.id, now()
    announce()
