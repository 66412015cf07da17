"""Where customers come in: the website's chat and the owner's preview of it, WhatsApp, Messenger, SMS, e-mail."""

import json
import secrets
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ARRAY,
    CheckConstraint,
    ForeignKeyConstraint,
    SmallInteger,
    Text,
    UniqueConstraint,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.crypto import EncryptedText
from app.core.db import Base, GlobalId, ScopedId, now, of_business
from app.extensions import db

OWN = (
    "website",
    "preview",
)  # every business has one of each; the others are connected to a provider

MAX_ID = 2**63 - 1  # of a bigint
DEFAULT_COLOUR = "#0f7a55"
DEFAULT_GREETING = "Hello! How can I help?"


class Channel(ScopedId, Base):
    """A door for customers. `public_key` stands in the snippet, and in a webhook's address, and begins with
    the business's id, so that the door can open the right scope without a table over all businesses.

    `external_id` is the provider's name of it: a phone number's id (WhatsApp), a page's (Messenger), a number
    or a messaging service's sid (SMS), an address (e-mail). `settings` are its plain facts, `credentials` its
    secrets. A "broken" one sends nothing and says so loudly; what is to be sent waits. "off": disconnected.
    """

    __tablename__ = "channels"
    __table_args__ = (
        of_business(),
        UniqueConstraint("business_id", "public_key"),
        UniqueConstraint("business_id", "kind", "external_id"),
        CheckConstraint("state IN ('active', 'broken', 'off')", name="state"),
    )

    kind: Mapped[str] = mapped_column(Text)  # website, preview, whatsapp, messenger, sms, email
    name: Mapped[str] = mapped_column(Text)
    public_key: Mapped[str] = mapped_column(Text)
    colour: Mapped[str] = mapped_column(Text, default=DEFAULT_COLOUR)
    greeting: Mapped[str] = mapped_column(Text, default=DEFAULT_GREETING)
    allowed_sites: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)  # empty: every site
    external_id: Mapped[str | None] = mapped_column(Text)
    state: Mapped[str] = mapped_column(Text, default="active", server_default="active")
    trouble: Mapped[str | None] = mapped_column(
        Text
    )  # why it is broken, and what to do, in plain words
    broken_at: Mapped[datetime | None]
    settings: Mapped[dict[str, Any]] = mapped_column(JSONB, default=dict, server_default="{}")
    credentials_json: Mapped[str | None] = mapped_column(EncryptedText, deferred=True)
    token_expires_at: Mapped[datetime | None]
    checked_at: Mapped[datetime | None]  # with the provider, daily
    health: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list, server_default="[]")
    heard_at: Mapped[datetime | None]  # the provider's last update
    automated_on: Mapped[int] = mapped_column(
        SmallInteger,
        default=text("(SELECT coalesce(max(automated_on), 0) FROM channels)"),
        server_default="0",
    )  # bits of automations' events: the same on all, so that a message needn't ask

    @classmethod
    def of_kind(cls, kind: str) -> "Channel":
        return db.session.scalars(select(cls).where(cls.kind == kind).order_by(cls.id)).one()

    @classmethod
    def by_key(cls, public_key: str) -> "Channel | None":
        return db.session.scalar(select(cls).where(cls.public_key == public_key))

    @classmethod
    def by_id(cls, channel_id: int) -> "Channel | None":
        if channel_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), channel_id))

    @classmethod
    def connected(cls) -> "list[Channel]":
        """All but the website's, in the order in which they were made; those that are off too."""
        found = select(cls).where(cls.kind.not_in(OWN)).order_by(cls.id)
        return list(db.session.scalars(found))

    @classmethod
    def broken(cls) -> "list[Channel]":
        return list(db.session.scalars(select(cls).where(cls.state == "broken").order_by(cls.id)))

    @classmethod
    def kinds_in_use(cls) -> list[str]:
        """Of those with a provider."""
        found = select(cls.kind).where(cls.kind.not_in(OWN)).distinct().order_by(cls.kind)
        return list(db.session.scalars(found))

    @property
    def is_preview(self) -> bool:
        return self.kind == "preview"

    @property
    def is_own(self) -> bool:
        """Ours, without a provider: nothing is delivered through one."""
        return self.kind in OWN

    @property
    def credentials(self) -> dict[str, str]:
        return json.loads(self.credentials_json) if self.credentials_json else {}

    @credentials.setter
    def credentials(self, secrets_: dict[str, str]) -> None:
        self.credentials_json = json.dumps(secrets_) if secrets_ else None


class ChannelRoute(GlobalId, Base):
    """Whose a provider's number or page is, where one webhook serves all businesses. It also keeps two
    businesses from connecting the same one. Global: it is read before a scope is known."""

    __tablename__ = "channel_routes"
    __table_args__ = (
        UniqueConstraint("kind", "external_id"),
        ForeignKeyConstraint(
            ["business_id", "channel_id"],
            ["channels.business_id", "channels.id"],
            ondelete="CASCADE",
        ),
    )

    kind: Mapped[str] = mapped_column(Text)
    external_id: Mapped[str] = mapped_column(Text)
    business_id: Mapped[int]
    channel_id: Mapped[int]
    check_at: Mapped[datetime] = mapped_column(
        default=now, server_default=text("now()")
    )  # with the provider, next


def new_public_key(business_id: int) -> str:
    return f"{business_id}-{secrets.token_hex(8)}"


def business_of_key(public_key: str) -> int | None:
    """The business that a key claims; its scope then shows whether the key is real."""
    number, _, rest = public_key.partition("-")
    is_plausible = number.isascii() and number.isdigit() and len(number) < 16 and rest
    return int(number) if is_plausible else None
