"""Replies that wait: some seconds, so that their writer can take them back, or till the time that was chosen."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, select, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.accounts.models import User
from app.conversations.models.threads import Conversation
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint
OPEN = ("waiting", "failed")


class ScheduledMessage(ScopedId, Base):
    """One that was sent is a message and no row here any more; "undone" and "dropped" stay, so that the same
    request made twice sends nothing."""

    __tablename__ = "scheduled_messages"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "conversation_id", "client_key"),
        CheckConstraint("state IN ('waiting', 'failed', 'undone', 'dropped')", name="state"),
        Index(
            "ix_scheduled_messages_open",
            "business_id",
            "conversation_id",
            "due_at",
            postgresql_where=text("state IN ('waiting', 'failed')"),
        ),
    )

    conversation_id: Mapped[int]
    user_id: Mapped[int]  # who wrote it
    client_key: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    contents: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]"
    )  # app/channels/content.py, a message each; empty: body is all
    reply_to_id: Mapped[int | None]
    due_at: Mapped[datetime]
    is_later: Mapped[bool] = mapped_column(default=False)  # a time was chosen for it
    drops_on_reply: Mapped[bool] = mapped_column(default=False)  # when the customer writes first
    state: Mapped[str] = mapped_column(Text, default="waiting")
    error: Mapped[str] = mapped_column(Text, default="", server_default="")  # why it failed

    conversation: Mapped[Conversation] = belongs_to(
        "Conversation", "ScheduledMessage.conversation_id"
    )
    user: Mapped[User | None] = belongs_to("User", "ScheduledMessage.user_id")

    @property
    def is_failed(self) -> bool:
        return self.state == "failed"

    @property
    def file_names(self) -> list[str]:
        return [
            each.get("name") or _("A file") for each in self.contents if each["type"] == "media"
        ]

    @property
    def file_ids(self) -> list[int]:
        return [each["file_id"] for each in self.contents if each.get("file_id")]

    @classmethod
    def by_id(cls, row_id: int) -> "ScheduledMessage | None":
        if row_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), row_id))

    @classmethod
    def by_key(cls, conversation_id: int, client_key: str) -> "ScheduledMessage | None":
        same = (cls.conversation_id == conversation_id, cls.client_key == client_key)
        return db.session.scalar(select(cls).where(*same))

    @classmethod
    def with_contents(cls, conversation_ids: Iterable[int]) -> "list[ScheduledMessage]":
        """In any state."""
        theirs = (cls.conversation_id.in_(conversation_ids), cls.contents != [])
        return list(db.session.scalars(select(cls).where(*theirs)))

    @classmethod
    def open_of(cls, conversation_id: int) -> "list[ScheduledMessage]":
        """Soonest first, read anew."""
        query = select(cls).where(cls.conversation_id == conversation_id, cls.state.in_(OPEN))
        ordered = query.order_by(cls.due_at, cls.id).execution_options(populate_existing=True)
        return list(db.session.scalars(ordered))
