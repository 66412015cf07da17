"""Replies that are kept to be sent again and again."""

from datetime import datetime

from sqlalchemy import Index, Text, UniqueConstraint, or_, select
from sqlalchemy.orm import Mapped, mapped_column, relationship

from app.accounts.models import User
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, now, of_business, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint
TEAM = 0  # owner of what all members use


class CannedReply(ScopedId, Base):
    """`body` has variables (conversations/variables.py). A member's own is seen by that member alone."""

    __tablename__ = "canned_replies"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "owner_id", "shortcut"),
    )

    owner_id: Mapped[int] = mapped_column(default=TEAM, server_default="0")  # a user
    shortcut: Mapped[str] = mapped_column(Text)
    title: Mapped[str] = mapped_column(Text)
    body: Mapped[str] = mapped_column(Text)
    used_count: Mapped[int] = mapped_column(default=0, server_default="0")
    last_used_at: Mapped[datetime | None]
    updated_at: Mapped[datetime] = mapped_column(default=now, onupdate=now)
    updated_by: Mapped[int | None]  # a user
    made_by: Mapped[int | None]  # a user, who may change it also as the team's

    files: Mapped[list["CannedFile"]] = relationship(
        primaryjoin="CannedReply.id == foreign(CannedFile.reply_id)",
        order_by="CannedFile.id",
        viewonly=True,
        lazy="selectin",
    )
    writer: Mapped[User | None] = belongs_to("User", "CannedReply.updated_by")

    @property
    def is_shared(self) -> bool:
        return self.owner_id == TEAM

    @classmethod
    def seen_by(cls, user_id: int) -> "list[CannedReply]":
        """The team's and this member's own, most used first."""
        seen = select(cls).where(cls.owner_id.in_((TEAM, user_id)))
        ordered = seen.order_by(cls.used_count.desc(), cls.title, cls.id)
        return list(db.session.scalars(ordered))

    @classmethod
    def searched(cls, user_id: int, words: str) -> "list[CannedReply]":
        found = cls.seen_by(user_id)
        wanted = words.casefold().removeprefix("/").split()
        texts = ((each, f"{each.shortcut} {each.title} {each.body}".casefold()) for each in found)
        return [each for each, said in texts if all(word in said for word in wanted)]

    @classmethod
    def by_id(cls, row_id: int, user_id: int) -> "CannedReply | None":
        """None too for another member's own."""
        if row_id > MAX_ID:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), row_id))
        return found if found and found.owner_id in (TEAM, user_id) else None

    @classmethod
    def with_shortcut(cls, shortcut: str, user_id: int) -> "CannedReply | None":
        """That this member would get by it."""
        named = (cls.shortcut == shortcut, cls.owner_id.in_((TEAM, user_id)))
        return db.session.scalar(select(cls).where(*named).limit(1))


class CannedFile(ScopedId, Base):
    """Copied for each message that it goes out with."""

    __tablename__ = "canned_files"
    __table_args__ = (
        reference("reply_id", "canned_replies"),
        reference("file_id", "files"),
        Index(None, "business_id", "reply_id"),
    )

    reply_id: Mapped[int]
    file_id: Mapped[int]
    mime: Mapped[str] = mapped_column(Text)
    name: Mapped[str] = mapped_column(Text)
    byte_count: Mapped[int]

    @classmethod
    def by_id(cls, row_id: int, user_id: int) -> "CannedFile | None":
        seen = select(cls).join(CannedReply, CannedReply.id == cls.reply_id)
        may_see = or_(CannedReply.owner_id == TEAM, CannedReply.owner_id == user_id)
        return (
            db.session.scalar(seen.where(cls.id == row_id, may_see)) if row_id <= MAX_ID else None
        )
