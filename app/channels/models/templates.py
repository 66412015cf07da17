"""Messages that a provider has approved beforehand, for writing to people who haven't written lately."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Text, UniqueConstraint
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business

CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")


class MessageTemplate(ScopedId, Base):
    """One language of one template of a provider's account, which several numbers may share. `components` are
    in the provider's form. `fallbacks` are what a variable says when nothing is known: {"first_name": "there"}."""

    __tablename__ = "message_templates"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "account_id", "name", "language"),
        CheckConstraint(
            "status IN ('DRAFT', 'PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED', "
            "'FLAGGED', 'ARCHIVED', 'DELETED')",
            name="status",
        ),
    )

    account_id: Mapped[str] = mapped_column(Text)  # the WhatsApp business account's id
    external_id: Mapped[str | None] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    language: Mapped[str] = mapped_column(Text)  # the provider's code: en_GB
    category: Mapped[str] = mapped_column(Text)
    asked_category: Mapped[str | None] = mapped_column(
        Text
    )  # what we asked for, when the provider changed it
    parameter_format: Mapped[str] = mapped_column(Text, default="named", server_default="named")
    components: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    fallbacks: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict, server_default="{}")
    status: Mapped[str] = mapped_column(Text, default="DRAFT")
    reason: Mapped[str | None] = mapped_column(Text)  # of a rejection or pause, in plain words
    quality: Mapped[str | None] = mapped_column(Text)  # GREEN, YELLOW, RED, UNKNOWN
    submitted_at: Mapped[datetime | None]
    changed_at: Mapped[datetime | None]  # by the provider
    created_by: Mapped[int | None]  # a user; None: made at the provider's
