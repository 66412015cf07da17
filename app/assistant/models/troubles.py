"""When and why a language model failed the business, for its owner."""

from datetime import datetime

from sqlalchemy import CheckConstraint, Index, Text, select, text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, ScopedId, of_business
from app.extensions import db


class ProviderTrouble(ScopedId, Base):
    """One kind of trouble with one provider; open until the provider answers again. `count` is the answers
    that went without it."""

    __tablename__ = "provider_troubles"
    __table_args__ = (
        of_business(),
        CheckConstraint("provider IN ('claude', 'own')", name="provider"),
        Index(
            "uq_provider_troubles_open",
            "business_id",
            "provider",
            "kind",
            unique=True,
            postgresql_where=text("ended_at IS NULL"),
        ),
    )

    provider: Mapped[str] = mapped_column(Text)
    kind: Mapped[str] = mapped_column(Text)  # a Trouble of the border
    words: Mapped[str] = mapped_column(Text)  # as the owner reads it
    first_at: Mapped[datetime]
    last_at: Mapped[datetime]
    count: Mapped[int] = mapped_column(default=1)
    ended_at: Mapped[datetime | None]

    @classmethod
    def all_open(cls) -> "list[ProviderTrouble]":
        """The newest first."""
        query = (
            select(cls).where(cls.ended_at.is_(None)).order_by(cls.last_at.desc(), cls.id.desc())
        )
        return list(db.session.scalars(query))
