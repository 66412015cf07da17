"""Files of messages: pictures, voice notes, documents."""

from sqlalchemy import CheckConstraint, Index, Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.db import Base, ScopedId, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint


class MessageFile(ScopedId, Base):
    """One file of a message. A provider's is "waiting" until it was fetched; one that can't be had says why."""

    __tablename__ = "message_files"
    __table_args__ = (
        reference("message_id", "messages"),
        reference("file_id", "files", ondelete="SET NULL"),
        CheckConstraint("state IN ('waiting', 'stored', 'failed')", name="state"),
        Index(None, "business_id", "message_id"),
    )

    message_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)  # image, video, audio, document, sticker
    mime: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    byte_count: Mapped[int | None]
    sha256: Mapped[str | None] = mapped_column(Text)  # as the provider says, hex
    provider_ref: Mapped[str | None] = mapped_column(Text)  # where the provider has it
    state: Mapped[str] = mapped_column(Text, default="waiting")
    error: Mapped[str | None] = mapped_column(Text)
    file_id: Mapped[int | None]

    @classmethod
    def by_id(cls, row_id: int, *, locked: bool = False) -> "MessageFile | None":
        if row_id > MAX_ID:
            return None
        key = (tenancy.current_business_id(), row_id)
        return db.session.get(cls, key, with_for_update=locked or None, populate_existing=locked)

    @classmethod
    def of_messages(cls, message_ids: list[int]) -> "dict[int, list[MessageFile]]":
        found: dict[int, list[MessageFile]] = {}
        query = select(cls).where(cls.message_id.in_(message_ids)).order_by(cls.id)
        for each in db.session.scalars(query):
            found.setdefault(each.message_id, []).append(each)
        return found
