"""What the upkeep of the knowledge found."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    Index,
    Text,
    UniqueConstraint,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import (
    Base,
    BusinessScoped,
    ScopedId,
    of_business,
    reference,
)


class Finding(ScopedId, Base):
    """What the last upkeep saw: a passage, or two that don't go together. upkeep/ finds them.

    `key` is made of what the passages say, so what was dismissed stays so until one of them changes.
    """

    __tablename__ = "findings"
    __table_args__ = (
        reference("chunk_id", "chunks"),
        reference("other_chunk_id", "chunks"),
        reference("source_id", "sources"),
        UniqueConstraint("business_id", "key"),
        Index(None, "business_id", "source_id"),
        Index(None, "business_id", "chunk_id"),
        Index(None, "business_id", "other_chunk_id"),
        CheckConstraint("kind IN ('contradiction', 'duplicate', 'stale', 'uncited')", name="kind"),
    )

    kind: Mapped[str] = mapped_column(Text)
    key: Mapped[str] = mapped_column(Text)
    source_id: Mapped[int]  # of the passage, or the source that is meant as a whole
    chunk_id: Mapped[int | None]
    other_chunk_id: Mapped[int | None]
    detail: Mapped[dict[str, Any]] = mapped_column(JSONB)  # quotes, and what is said of them
    weight: Mapped[float]  # the surest first
    found_at: Mapped[datetime]
    dismissed_at: Mapped[datetime | None]
    dismissed_by: Mapped[int | None]  # a user


class Upkeep(BusinessScoped, Base):
    """The last look at the whole knowledge of a business."""

    __tablename__ = "upkeeps"
    __table_args__ = (of_business(),)

    ran_at: Mapped[datetime]
    seconds: Mapped[float]
    passages: Mapped[int]
    is_partial: Mapped[bool]  # more than were compared: the newest were
