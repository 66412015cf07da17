"""How a hand-off ends: somebody came, it was given back or resolved, or nobody came in time.

Everything here is called with the conversation's row locked.
"""

from sqlalchemy import select

from app.accounts.models import User
from app.conversations.models import Conversation, HandOff
from app.core.db import now
from app.extensions import db


def end(conversation: Conversation, outcome: str, by: User | None = None) -> HandOff | None:
    """The open one, if there is one. Safe to repeat."""
    hand_off = HandOff.open_of(conversation.id)
    if hand_off is not None:
        hand_off.ended_at, hand_off.outcome = now(), outcome
        hand_off.answered_by = by.id if by and outcome == "answered" else None
    return hand_off


def note_answer(conversation: Conversation) -> None:
    """The first reply after somebody came: until then the visitor has waited, whoever took over."""
    came = select(HandOff).where(
        HandOff.conversation_id == conversation.id,
        HandOff.outcome == "answered",
        HandOff.answered_at.is_(None),
    )
    for hand_off in db.session.scalars(came):
        hand_off.answered_at = now()
