"""Where customers come in: the website's chat, and the owner's preview of it."""

import secrets

from sqlalchemy import ARRAY, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business
from app.extensions import db

DEFAULT_COLOUR = "#0f7a55"
DEFAULT_GREETING = "Hello! How can I help?"


class Channel(ScopedId, Base):
    """A door for customers. `public_key` stands in the snippet and begins with the business's id, so
    that the door can open the right scope without a table over all businesses."""

    __tablename__ = "channels"
    __table_args__ = (of_business(), UniqueConstraint("business_id", "public_key"))

    kind: Mapped[str] = mapped_column(Text)  # website, preview
    name: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text, default=DEFAULT_COLOUR)
    greeting: Mapped[str] = mapped_column(Text, default=DEFAULT_GREETING)
    allowed_sites: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # empty: every site

    @classmethod
    def of_kind(cls, kind: str) -> "Channel":
        return db.session.scalars(select(cls).where(cls.kind == kind).order_by(cls.id)).one()

    @classmethod
    def by_key(cls, public_key: str) -> "Channel | None":
        return db.session.scalar(select(cls).where(cls.public_key == public_key))

    @property
    def is_preview(self) -> bool:
        return self.kind == "preview"


def new_public_key(business_id: int) -> str:
    return f"{business_id}-{secrets.token_hex(8)}"


def business_of_key(public_key: str) -> int | None:
    """The business that a key claims; its scope then shows whether the key is real."""
    number, _, rest = public_key.partition("-")
    is_plausible = number.isascii() and number.isdigit() and len(number) < 16 and rest
    return int(number) if is_plausible else None
