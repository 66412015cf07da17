"""Who has read how much of a conversation."""

from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped, reference


class ConversationRead(BusinessScoped, Base):
    """How far a member has read."""

    __tablename__ = "conversation_reads"
    __table_args__ = (reference("conversation_id", "conversations"),)

    conversation_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    position: Mapped[int]
