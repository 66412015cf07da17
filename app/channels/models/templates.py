"""Messages that a provider has approved beforehand, for writing to people who haven't written lately."""

from datetime import datetime
from typing import Any

from sqlalchemy import CheckConstraint, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business, reference
from app.extensions import db

MAX_ID = 2**63  # of a bigint
CATEGORIES = ("UTILITY", "MARKETING", "AUTHENTICATION")


class MessageTemplate(ScopedId, Base):
    """One language of one template of a provider's account, which several numbers may share. `components` are
    in the provider's form. `fallbacks` are what a variable says when nothing is known: {"first_name": "there"}.

    `proposed` is a change that the provider hasn't got yet: its components and its category. `asking` is what we are asking the
    provider for just now, once: a second wish is refused till the first has its answer.
    """

    __tablename__ = "message_templates"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "account_id", "name", "language"),
        CheckConstraint(
            "status IN ('DRAFT', 'PENDING', 'APPROVED', 'REJECTED', 'PAUSED', 'DISABLED', "
            "'FLAGGED', 'ARCHIVED', 'DELETED')",
            name="status",
        ),
        CheckConstraint("asking IN ('create', 'edit', 'delete', 'unpause')", name="asking"),
        reference("header_file_id", "files", ondelete="SET NULL"),
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
    told_at: Mapped[datetime | None]  # by the provider's clock: what was told before counts no more
    created_by: Mapped[int | None]  # a user; None: made at the provider's
    proposed: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))
    header_file_id: Mapped[int | None]  # the picture, video or document that goes out with it
    asking: Mapped[str | None] = mapped_column(Text)
    trouble: Mapped[str | None] = mapped_column(Text)  # why the last wish failed, in plain words

    @classmethod
    def by_id(cls, template_id: int) -> "MessageTemplate | None":
        found = select(cls).where(cls.id == template_id, cls.status != "DELETED")
        return db.session.scalar(found) if template_id < MAX_ID else None

    @classmethod
    def named(cls, account_id: str, name: str) -> "list[MessageTemplate]":
        """Its languages, those that are gone too."""
        found = select(cls).where(cls.account_id == account_id, cls.name == name)
        return list(db.session.scalars(found.order_by(cls.language)))

    def lock(self) -> "MessageTemplate":
        db.session.refresh(self, with_for_update=True)
        return self

    @property
    def name_in_language(self) -> str:
        return f"{self.name}/{self.language}"

    @property
    def is_draft(self) -> bool:
        """The provider has never had it."""
        return self.external_id is None


class TemplateAccount(ScopedId, Base):
    """When a provider's account was last asked for its templates. One that failed says why."""

    __tablename__ = "template_accounts"
    __table_args__ = (of_business(), UniqueConstraint("business_id", "account_id"))

    account_id: Mapped[str] = mapped_column(Text)
    synced_at: Mapped[datetime | None]
    trouble: Mapped[str | None] = mapped_column(Text)

    @classmethod
    def of(cls, account_id: str) -> "TemplateAccount | None":
        return db.session.scalar(select(cls).where(cls.account_id == account_id))
