"""Words that members put on contacts and conversations. A business has one list of them for both."""

from sqlalchemy import CheckConstraint, Index, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped, Created, ScopedId, of_business, reference
from app.extensions import db

MAX_TAG = 40  # characters
COLOURS = ("neutral", "green", "amber", "red", "blue")  # the tones of a badge (docs/design.md)


class Tag(ScopedId, Base):
    """`name_key` is the name case-folded, so that "VIP" and "vip" are one."""

    __tablename__ = "tags"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "name_key"),
        CheckConstraint("colour IN ('neutral', 'green', 'amber', 'red', 'blue')", name="colour"),
    )

    name: Mapped[str] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text, default="neutral", server_default="neutral")

    @classmethod
    def all(cls) -> "list[Tag]":
        return list(db.session.scalars(select(cls).order_by(cls.name_key)))


class ContactTag(Created, BusinessScoped, Base):
    __tablename__ = "contact_tags"
    __table_args__ = (
        reference("contact_id", "contacts"),
        reference("tag_id", "tags"),
        Index(None, "business_id", "tag_id", "contact_id"),
    )

    contact_id: Mapped[int] = mapped_column(primary_key=True)
    tag_id: Mapped[int] = mapped_column(primary_key=True)
    user_id: Mapped[int | None]  # who put it there; None: the system
