"""In which conversations a passage was cited. The ids are the knowledge's; it is asked for none of them."""

from collections.abc import Sequence
from dataclasses import dataclass

from sqlalchemy import select
from sqlalchemy.orm import aliased, joinedload

from app.conversations.models import Conversation, Message
from app.extensions import db


@dataclass(frozen=True, slots=True)
class Citing:
    """An answer of the assistant, and what the visitor had asked."""

    answer: Message
    question: str


def of_messages(message_ids: Sequence[int]) -> list[Citing]:
    """Newest first."""
    asked = aliased(Message)
    question = (
        select(asked.body)
        .where(
            asked.conversation_id == Message.conversation_id,
            asked.position < Message.position,
            asked.kind == "incoming",
        )
        .order_by(asked.position.desc())
        .limit(1)
        .scalar_subquery()
    )
    query = (
        select(Message, question)
        .where(Message.id.in_(message_ids))
        .order_by(Message.id.desc())
        .options(joinedload(Message.conversation).joinedload(Conversation.visitor))
    )
    return [Citing(message, body or "") for message, body in db.session.execute(query)]
