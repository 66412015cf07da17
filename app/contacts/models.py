"""Who the customers are. A visitor is a browser that has written to us and has not said its name."""

from uuid import UUID

from sqlalchemy import Text, UniqueConstraint, Uuid, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, reference
from app.extensions import db


class Visitor(ScopedId, Base):
    """`uuid` is the identity in the visitor's signed token; no row exists before the first message."""

    __tablename__ = "visitors"
    __table_args__ = (
        UniqueConstraint("business_id", "uuid"),
        reference("channel_id", "channels"),
    )

    uuid: Mapped[UUID] = mapped_column(Uuid)
    channel_id: Mapped[int]
    name: Mapped[str | None] = mapped_column(Text)
    page: Mapped[str | None] = mapped_column(Text)  # the site's page where the chat was opened

    @classmethod
    def by_uuid(cls, uuid: UUID) -> "Visitor | None":
        return db.session.scalar(select(cls).where(cls.uuid == uuid))

    @property
    def display_name(self) -> str:
        return self.name or f"Visitor {self.id}"
