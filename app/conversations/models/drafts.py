"""What members have begun to write."""

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, BusinessScoped, now, reference
from app.extensions import db


class Draft(BusinessScoped, Base):
    """A member's half-written reply or note. `version` tells a device whether it knows the newest; `other_body`
    is what another device had when this one took its place."""

    __tablename__ = "conversation_drafts"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        CheckConstraint("kind IN ('reply', 'note')", name="kind"),
        Index(None, "business_id", "user_id", "conversation_id"),
    )

    conversation_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int] = mapped_column(primary_key=True)
    kind: Mapped[str] = mapped_column(Text, primary_key=True)
    body: Mapped[str] = mapped_column(Text)
    reply_to_id: Mapped[int | None]  # the message that it quotes
    beside: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}"
    )  # the composer's other fields: buttons, a link
    files: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]"
    )  # conversations/kept_files.py
    version: Mapped[int]
    other_body: Mapped[str] = mapped_column(Text, default="", server_default="")
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)

    @classmethod
    def of(cls, conversation_id: int, user_id: int) -> "dict[str, Draft]":
        """By kind."""
        mine = (cls.conversation_id == conversation_id, cls.user_id == user_id)
        return {each.kind: each for each in db.session.scalars(select(cls).where(*mine))}

    @classmethod
    def one(
        cls, conversation_id: int, user_id: int, kind: str, *, locked: bool = False
    ) -> "Draft | None":
        key = (tenancy.current_business_id(), conversation_id, user_id, kind)
        return db.session.get(cls, key, with_for_update=locked or None, populate_existing=locked)

    @classmethod
    def with_files(cls, conversation_ids: Iterable[int]) -> "list[Draft]":
        """Everybody's."""
        theirs = (cls.conversation_id.in_(conversation_ids), cls.files != [])
        return list(db.session.scalars(select(cls).where(*theirs)))
