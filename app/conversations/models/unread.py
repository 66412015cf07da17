"""What each member hasn't read yet."""

from sqlalchemy import Index, Text, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped, reference


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
