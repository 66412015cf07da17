"""What each member hasn't read yet."""

from typing import Any

from sqlalchemy import Index, Text, func, literal, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.conversations.models.hand_offs import Callback
from app.conversations.models.mentions import Mention
from app.core.db import Base, BusinessScoped, reference
from app.extensions import db

COUNTED = 100  # then a count says 99+, and costs no more


class Unread(BusinessScoped, Base):
    """A conversation that a member hasn't read up to `position`. Rows come and go by a trigger on conversations
    (migrations/versions/20261121_views.py), whatever changes one; reading takes the member's own away. What
    the views ask for stands here again, so that counting reads an index and no conversation."""

    __tablename__ = "unread_conversations"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        Index(None, "business_id", "conversation_id"),
        Index(
            "ix_unread_conversations_counts",
            "business_id",
            "user_id",
            "status",
            "assignee_id",
            "is_waiting",
        ),
    )

    user_id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
    status: Mapped[str] = mapped_column(Text)
    assignee_id: Mapped[int | None]
    is_waiting: Mapped[bool] = mapped_column(server_default=text("false"))  # for a person

    @classmethod
    def count(cls, user_id: int) -> int:
        """Of what is open, up to COUNTED."""
        return db.session.scalar(select(_capped(cls.user_id == user_id, cls.status == "open"))) or 0


def _capped(*where: Any) -> Any:
    found = select(literal(1).label("one")).select_from(Unread).where(*where).limit(COUNTED)
    return select(func.count()).select_from(found.subquery()).scalar_subquery()


def counts(user_id: int) -> dict[str, int]:
    """Of each view, up to COUNTED; and the callbacks that are open. One statement."""
    mine = Unread.user_id == user_id
    open_ones = (mine, Unread.status == "open")
    nobodys = (Unread.assignee_id.is_(None), Unread.is_waiting.is_(True))
    unseen = select(func.count(Mention.conversation_id.distinct())).where(
        Mention.user_id == user_id, Mention.seen_at.is_(None)
    )
    row = db.session.execute(
        select(
            _capped(*open_ones, Unread.assignee_id == user_id).label("mine"),
            _capped(*open_ones, *nobodys).label("unassigned"),
            unseen.scalar_subquery().label("mentions"),
            _capped(mine, Unread.status == "snoozed").label("snoozed"),
            _capped(*open_ones).label("all"),
            Callback.open_ones().scalar_subquery().label("callbacks"),
        )
    ).one()
    return dict(row._mapping)
