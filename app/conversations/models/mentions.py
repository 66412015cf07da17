"""Who was named in a note."""

from datetime import datetime

from sqlalchemy import Index, Text, func, select, text, update
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.conversations.models.threads import Message
from app.core.db import Base, BusinessScoped, Created, belongs_to, now, reference
from app.extensions import db


class Mention(Created, BusinessScoped, Base):
    """A member who was named in a note. `name` is how the note says it: pages show whom it means today."""

    __tablename__ = "conversation_mentions"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        reference("message_id", "messages"),
        Index(None, "business_id", "conversation_id", "user_id"),
        Index(None, "business_id", "user_id", "conversation_id"),
        Index(
            "ix_conversation_mentions_unseen",
            "business_id",
            "user_id",
            "conversation_id",
            postgresql_where=text("seen_at IS NULL"),
        ),
    )

    message_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    conversation_id: Mapped[int]
    name: Mapped[str] = mapped_column(Text)
    seen_at: Mapped[datetime | None]

    user: Mapped[User | None] = belongs_to("User", "Mention.user_id")

    @classmethod
    def unseen_count(cls, user_id: int) -> int:
        """Conversations in which this member was named and hasn't looked since."""
        unseen = (cls.user_id == user_id, cls.seen_at.is_(None))
        count = select(func.count(cls.conversation_id.distinct())).where(*unseen)
        return db.session.scalar(count) or 0

    @classmethod
    def see(cls, conversation_id: int, user_id: int, position: int) -> bool:
        """The member has read up to this position. True when something was new."""
        read = select(Message.id).where(
            Message.conversation_id == conversation_id, Message.position <= position
        )
        seen = (
            update(cls)
            .where(
                cls.conversation_id == conversation_id,
                cls.user_id == user_id,
                cls.seen_at.is_(None),
                cls.message_id.in_(read),
            )
            .values(seen_at=now())
            .returning(cls.message_id)
        )
        return bool(db.session.scalars(seen).all())
