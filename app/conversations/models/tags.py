"""Which tags a conversation has."""

from sqlalchemy import Index
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped, Created, reference


class ConversationTag(Created, BusinessScoped, Base):
    __tablename__ = "conversation_tags"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        reference("tag_id", "tags"),
        Index(None, "business_id", "tag_id", "conversation_id"),
    )

    conversation_id: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]  # who put it there; None: the system
