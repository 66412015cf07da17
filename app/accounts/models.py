"""People who log in."""

from flask_login import UserMixin
from sqlalchemy import Text, select
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, GlobalId
from app.extensions import db


class User(GlobalId, UserMixin, Base):
    __tablename__ = "users"

    name: Mapped[str] = mapped_column(Text)
    email: Mapped[str] = mapped_column(Text, unique=True)  # normalised: see normal_email()
    password_hash: Mapped[str] = mapped_column(Text)
    language: Mapped[str | None] = mapped_column(Text)  # of the dashboard; None: the browser's

    @classmethod
    def by_email(cls, email: str) -> "User | None":
        return db.session.scalar(select(cls).where(cls.email == normal_email(email)))

    @property
    def first_name(self) -> str:
        return self.name.split()[0] if self.name.split() else self.name


def normal_email(email: str) -> str:
    return email.strip().casefold()
