"""The timeline of a person: one row for each thing that happened, never changed, and all that a contact's page reads."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, reference


class Activity(ScopedId, Base):
    """Of a contact, or of a visitor who is nobody's yet: it gets the contact when they are joined.

    `kind` is "area.what" ("conversation.started", "note.written"); the templates say it in words by that and
    `payload`. `about` names the row behind it ("conversation:42"). `source_key` makes writing idempotent.
    """

    __tablename__ = "activities"
    __table_args__ = (
        reference("contact_id", "contacts"),
        reference("visitor_id", "visitors"),
        CheckConstraint("contact_id IS NOT NULL OR visitor_id IS NOT NULL", name="whose"),
        CheckConstraint(
            "actor_kind IN ('member', 'visitor', 'assistant', 'system')", name="actor_kind"
        ),
        UniqueConstraint("business_id", "source_key"),
        Index(
            "ix_activities_timeline",
            "business_id",
            "contact_id",
            text("occurred_at DESC"),
            text("id DESC"),
        ),
        Index("ix_activities_visitor", "business_id", "visitor_id"),
    )

    contact_id: Mapped[int | None]
    visitor_id: Mapped[int | None]
    kind: Mapped[str] = mapped_column(Text)
    occurred_at: Mapped[datetime]
    actor_kind: Mapped[str] = mapped_column(Text)
    actor_id: Mapped[int | None]  # a user
    about: Mapped[str | None] = mapped_column(Text)
    summary: Mapped[str] = mapped_column(Text, default="", server_default="")  # one line
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    source_key: Mapped[str | None] = mapped_column(Text)
