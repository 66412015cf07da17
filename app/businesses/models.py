"""The tenant and who works there."""

from sqlalchemy import CheckConstraint, Float, ForeignKey, Text, UniqueConstraint, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.config import OUR_MODEL
from app.core.access import Role
from app.core.db import Base, GlobalId
from app.extensions import db


class Business(GlobalId, Base):
    __tablename__ = "businesses"

    slug: Mapped[str] = mapped_column(Text, unique=True)  # in the URL, never changes
    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text, default="UTC", server_default="UTC")  # IANA
    answer_from: Mapped[float | None] = mapped_column(Float)  # confidence 0..1; None: ours
    embedding_model: Mapped[str] = mapped_column(Text, server_default=OUR_MODEL)  # that serves
    next_embedding_model: Mapped[str | None] = mapped_column(Text)  # on its way (knowledge)

    @classmethod
    def by_slug(cls, slug: str) -> "Business | None":
        return db.session.scalar(select(cls).where(cls.slug == slug))


class Membership(GlobalId, Base):
    """A user's place in a business: the member."""

    __tablename__ = "memberships"
    __table_args__ = (
        UniqueConstraint("business_id", "user_id"),
        CheckConstraint(
            "role IN ('owner', 'manager', 'agent', 'accountant', 'viewer')", name="role"
        ),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(Text, default=Role.OWNER)

    business: Mapped[Business] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def of(cls, user_id: int, slug: str) -> "Membership | None":
        """The user's place in the business with this slug; None when there is no such place."""
        return db.session.scalar(
            select(cls).join(cls.business).where(cls.user_id == user_id, Business.slug == slug)
        )

    @classmethod
    def all_of(cls, user_id: int) -> list["Membership"]:
        return list(
            db.session.scalars(
                select(cls).join(cls.business).where(cls.user_id == user_id).order_by(Business.name)
            )
        )
