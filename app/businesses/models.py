"""The tenant, who works there, when it is open and how it is reached."""

from datetime import date
from functools import cache

from sqlalchemy import (
    CheckConstraint,
    Float,
    ForeignKey,
    Select,
    SmallInteger,
    Text,
    UniqueConstraint,
    bindparam,
    select,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, contains_eager, mapped_column, relationship

from app.accounts.models import User
from app.config import OUR_MODEL
from app.core import tenancy
from app.core.access import PERMISSIONS, Permission, Role
from app.core.db import Base, BusinessScoped, GlobalId, ScopedId, of_business
from app.extensions import db


class Business(GlobalId, Base):
    __tablename__ = "businesses"

    slug: Mapped[str] = mapped_column(Text, unique=True)  # in the URL, never changes
    name: Mapped[str] = mapped_column(Text)
    time_zone: Mapped[str] = mapped_column(Text, default="UTC", server_default="UTC")  # IANA
    answer_from: Mapped[float | None] = mapped_column(Float)  # confidence 0..1; None: ours
    embedding_model: Mapped[str] = mapped_column(Text, server_default=OUR_MODEL)  # that serves
    next_embedding_model: Mapped[str | None] = mapped_column(Text)  # on its way (knowledge)
    broken_channels: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # each page shows it (channels)

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
        CheckConstraint("undo_seconds IN (0, 5, 10)", name="undo_seconds"),
    )

    business_id: Mapped[int] = mapped_column(ForeignKey("businesses.id", ondelete="CASCADE"))
    user_id: Mapped[int] = mapped_column(ForeignKey("users.id", ondelete="CASCADE"), index=True)
    role: Mapped[str] = mapped_column(Text, default=Role.OWNER)
    undo_seconds: Mapped[int] = mapped_column(
        SmallInteger, default=5, server_default="5"
    )  # that a reply of theirs waits before it goes
    is_away: Mapped[bool] = mapped_column(
        default=False, server_default="false"
    )  # then rules give them nothing in turn

    business: Mapped[Business] = relationship(lazy="joined", innerjoin=True)
    user: Mapped[User] = relationship(lazy="joined", innerjoin=True)

    @classmethod
    def of(cls, user_id: int, slug: str) -> "Membership | None":
        """The user's place in the business with this slug; None when there is no such place."""
        return db.session.scalar(_place(), {"user": user_id, "slug": slug})

    @classmethod
    def enter(cls, user_id: int, slug: str) -> "Membership | None":
        """As of(); with the same statement the open transaction comes into the business's scope."""
        found = db.session.execute(_door(), {"user": user_id, "slug": slug}).first()
        return found[0] if found else None

    @classmethod
    def all_of(cls, user_id: int) -> list["Membership"]:
        return list(
            db.session.scalars(
                select(cls).join(cls.business).where(cls.user_id == user_id).order_by(Business.name)
            )
        )

    @classmethod
    def who_may(cls, permission: Permission) -> list[User]:
        """Of the business in scope, by name."""
        roles = [role for role in Role if permission in PERMISSIONS[role]]
        query = select(User).join(cls).join(cls.business)
        here = Business.id == tenancy.current_business_id()
        ordered = query.where(here, cls.role.in_(roles)).order_by(User.name, User.id)
        return list(db.session.scalars(ordered))

    @classmethod
    def owners(cls) -> list[User]:
        """Memberships are global: the business in scope is named here."""
        query = select(User).join(cls).join(cls.business)
        here = Business.id == tenancy.current_business_id()
        return list(db.session.scalars(query.where(here, cls.role == Role.OWNER).order_by(User.id)))


@cache
def _place() -> Select[Membership]:
    """Asked with each request."""
    query = select(Membership).join(Membership.business)
    here = (Membership.user_id == bindparam("user"), Business.slug == bindparam("slug"))
    return query.where(*here).options(contains_eager(Membership.business))


@cache
def _door() -> Select[Membership, str]:
    return _place().add_columns(tenancy.scope_of(Business.id))


class BusinessProfile(BusinessScoped, Base):
    """How customers find and reach the business. One row a business, from its first change on."""

    __tablename__ = "business_profiles"
    __table_args__ = (of_business(),)

    address: Mapped[str] = mapped_column(Text, default="")
    phone: Mapped[str] = mapped_column(Text, default="")
    email: Mapped[str] = mapped_column(Text, default="")
    directions: Mapped[str] = mapped_column(Text, default="")  # how to find us

    @classmethod
    def current(cls) -> "BusinessProfile":
        """Empty fields when nothing was said yet; such a row is not stored."""
        empty = {"address": "", "phone": "", "email": "", "directions": ""}
        stored = select(cls).execution_options(populate_existing=True)
        return db.session.scalar(stored) or cls(**empty)


class OpeningHours(ScopedId, Base):
    """One opening of a weekday, in minutes since its midnight; `closes` above 1,440 is the next day."""

    __tablename__ = "opening_hours"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "weekday", "opens"),
        CheckConstraint("weekday BETWEEN 0 AND 6", name="weekday"),
        CheckConstraint("opens BETWEEN 0 AND 1439", name="opens"),
        CheckConstraint("closes > opens AND closes <= opens + 1440", name="closes"),
    )

    weekday: Mapped[int] = mapped_column(SmallInteger)  # Monday is 0
    opens: Mapped[int] = mapped_column(SmallInteger)
    closes: Mapped[int] = mapped_column(SmallInteger)


class OpeningException(ScopedId, Base):
    """Days that are not as their weekday. Without ranges the business is closed on them."""

    __tablename__ = "opening_exceptions"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "first_day"),
        CheckConstraint("last_day >= first_day", name="last_day"),
    )

    first_day: Mapped[date]
    last_day: Mapped[date]
    name: Mapped[str] = mapped_column(Text, default="")
    ranges: Mapped[list[list[int]]] = mapped_column(JSONB, default=list)  # [opens, closes]
