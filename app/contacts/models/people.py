"""Who the customers are. A visitor is a browser that has written to us; a contact is a person."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy import (
    CheckConstraint,
    Date,
    ForeignKeyConstraint,
    Index,
    Text,
    UniqueConstraint,
    Uuid,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column, relationship, validates

from app.contacts.models.companies import Company
from app.core import tenancy
from app.core.db import Base, ScopedId, belongs_to, now, of_business, reference
from app.core.pagination import Cursor
from app.extensions import db
from app.lib import names, phones

KINDS = ("email", "phone")  # in the order in which a person is recognised
MAX_ID = 2**63 - 1  # of a bigint
NAMELESS = "\U0010fffd"  # after every name


class Contact(ScopedId, Base):
    """One person, whatever the channel. What only a visitor said has `said_by`; a member's own writing,
    or saving, takes the mark away."""

    __tablename__ = "contacts"
    __table_args__ = (
        of_business(),
        # Visitors hang on contacts and conversations on visitors: this one is added after all tables.
        ForeignKeyConstraint(
            ["business_id", "conversation_id"],
            ["conversations.business_id", "conversations.id"],
            ondelete="SET NULL (conversation_id)",
            use_alter=True,
        ),
        Index(None, "business_id", "conversation_id"),
        reference("company_id", "companies", ondelete="SET NULL"),
        Index("ix_contacts_company", "business_id", "company_id"),
        Index("ix_contacts_name", "business_id", "name_key", "id"),
        Index("ix_contacts_merged", "business_id", "merged_into_id"),
        Index(
            "ix_contacts_list",
            "business_id",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_where=text("archived_at IS NULL"),
        ),
        Index(
            "ix_contacts_archived",
            "business_id",
            text("last_activity_at DESC"),
            text("id DESC"),
            postgresql_where=text("archived_at IS NOT NULL"),
        ),
    )

    name: Mapped[str | None] = mapped_column(Text)
    name_key: Mapped[str] = mapped_column(
        Text(collation="C"), default=NAMELESS, server_default=NAMELESS
    )  # the name as it is compared and sorted, kept by the name itself
    name_said_by: Mapped[int | None]  # a visitor
    company_id: Mapped[int | None]
    language: Mapped[str | None] = mapped_column(Text)  # like "pt"
    time_zone: Mapped[str | None] = mapped_column(Text)  # IANA
    birthday: Mapped[date | None] = mapped_column(Date)
    custom: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}"
    )  # by ContactField.key
    note: Mapped[str] = mapped_column(Text, default="")  # by members, for members
    version: Mapped[int] = mapped_column(
        default=1, server_default="1"
    )  # of what members write: two at once notice each other
    conversation_id: Mapped[int | None]  # in which it was made
    last_activity_at: Mapped[datetime] = mapped_column(
        default=now, server_default=text("now()")
    )  # the order of the list
    archived_at: Mapped[datetime | None]  # taken out of the lists; what it holds stays
    merged_into_id: Mapped[int | None]  # then everything of it is there

    company: Mapped["Company | None"] = belongs_to("Company", "Contact.company_id")
    identities: Mapped[list["ContactIdentity"]] = relationship(
        primaryjoin="Contact.id == foreign(ContactIdentity.contact_id)",
        order_by="[ContactIdentity.kind, ContactIdentity.made_primary_at.desc().nulls_last(), ContactIdentity.id]",
        viewonly=True,
    )

    @validates("name")
    def _keep_key(self, _key: str, name: str | None) -> str | None:
        self.name_key = names.key(name) if name else NAMELESS
        return name

    @property
    def cursor(self) -> Cursor:
        """Its place in the list."""
        return Cursor(self.last_activity_at, self.id)

    @property
    def is_merged(self) -> bool:
        return self.merged_into_id is not None

    @property
    def display_name(self) -> str:
        known = [self.name, *(each.shown for each in self.identities if each.kind in KINDS)]
        return next((each for each in known if each), _("Contact %(number)s", number=self.id))

    def identity(self, kind: str) -> "ContactIdentity | None":
        return db.session.scalar(
            select(ContactIdentity)
            .where(ContactIdentity.contact_id == self.id, ContactIdentity.kind == kind)
            .order_by(ContactIdentity.made_primary_at.desc().nulls_last(), ContactIdentity.id)
            .limit(1)
        )

    @classmethod
    def by_id(cls, contact_id: int) -> "Contact | None":
        if contact_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), contact_id))

    @classmethod
    def by_identity(cls, kind: str, value: str) -> "Contact | None":
        return db.session.scalar(
            select(cls)
            .join(ContactIdentity, ContactIdentity.contact_id == cls.id)
            .where(ContactIdentity.kind == kind, ContactIdentity.value == value)
        )

    @classmethod
    def by_identities(cls, identities: Iterable[tuple[str, str]]) -> "Contact | None":
        """The first of them that is known."""
        found = (cls.by_identity(kind, value) for kind, value in identities)
        return next((contact for contact in found if contact), None)


class ContactIdentity(ScopedId, Base):
    """By what a person is recognised, in its one spelling (app/lib/emails.py, phones.py). The unique
    constraint is what makes two contacts of one address impossible. The first of a kind is its main one."""

    __tablename__ = "contact_identities"
    __table_args__ = (
        reference("contact_id", "contacts"),
        UniqueConstraint("business_id", "kind", "value"),
        CheckConstraint("kind IN ('email', 'phone', 'whatsapp', 'messenger')", name="kind"),
        CheckConstraint("source IN ('visitor', 'member', 'provider', 'import')", name="source"),
        Index(None, "business_id", "contact_id"),
    )

    contact_id: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    value: Mapped[str] = mapped_column(Text)
    said_by: Mapped[int | None]  # a visitor, and nobody has checked it
    source: Mapped[str] = mapped_column(
        Text, default="member", server_default="member"
    )  # how we came by it: SOURCES
    made_primary_at: Mapped[datetime | None]  # the newest of a kind is written to first

    @property
    def shown(self) -> str:
        return phones.shown(self.value) if self.kind == "phone" else self.value


class Visitor(ScopedId, Base):
    """`uuid` is the identity in the visitor's signed token; no row exists before the first message.

    `name`, `email` and `phone` are what it said of itself, whoever that is: nothing else may ever be
    told to it. `contact_link` says how sure the contact is: "own" was made from its words, "says" is a
    known one that it named, "confirmed" by a member. "refused": a member said that it is somebody else.
    """

    __tablename__ = "visitors"
    __table_args__ = (
        UniqueConstraint("business_id", "uuid"),
        reference("channel_id", "channels"),
        reference("contact_id", "contacts", ondelete="SET NULL"),
        CheckConstraint(
            "contact_link IN ('own', 'says', 'confirmed', 'refused')", name="contact_link"
        ),
        Index(None, "business_id", "contact_id"),
    )

    uuid: Mapped[UUID] = mapped_column(Uuid)
    channel_id: Mapped[int]
    name: Mapped[str | None] = mapped_column(Text)
    email: Mapped[str | None] = mapped_column(Text)
    phone: Mapped[str | None] = mapped_column(Text)
    page: Mapped[str | None] = mapped_column(Text)  # the site's page where the chat was opened
    language: Mapped[str | None] = mapped_column(
        Text
    )  # that its chat speaks; elsewhere that of its first clear words
    contact_id: Mapped[int | None]
    contact_link: Mapped[str | None] = mapped_column(Text)
    window_until: Mapped[
        datetime | None
    ]  # till then anything may be written, where the channel has a window
    lead_source: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB
    )  # the advertisement that led here
    attributes: Mapped[dict[str, Any]] = mapped_column(
        JSONB, default=dict, server_default="{}"
    )  # what the site's page says of it, unchecked
    chat_consent: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB
    )  # what it agreed to before its first message, with the evidence
    blocked_at: Mapped[
        datetime | None
    ]  # nothing from it is answered or shown as new, nothing goes to it
    blocked_by: Mapped[int | None]  # a user
    link_number: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # of the mailed links that open its chat: app/widget/links.py
    link_claim: Mapped[str | None] = mapped_column(Text)  # of the browser that went on by one

    contact: Mapped[Contact | None] = belongs_to("Contact", "Visitor.contact_id")

    @classmethod
    def by_uuid(cls, uuid: UUID) -> "Visitor | None":
        return db.session.scalar(select(cls).where(cls.uuid == uuid))

    @property
    def sure_contact(self) -> Contact | None:
        """None also for one that it only says to be."""
        return self.contact if self.contact_link in SURE_LINKS else None

    @property
    def display_name(self) -> str:
        contact = self.sure_contact
        return shown_name(
            self.id, contact.name if contact else None, self.name, self.email, self.phone
        )


SURE_LINKS = ("own", "confirmed")


def shown_name(
    visitor_id: int, contact: str | None, said: str | None, email: str | None, phone: str | None
) -> str:
    """A visitor's. Somebody who only says to be Anna isn't shown as Anna, but by what was said: `contact`
    is the name of one that is sure."""
    return (
        contact
        or said
        or email
        or (phone and phones.shown(phone))
        or _("Visitor %(number)s", number=visitor_id)
    )
