"""Rules that act by themselves, what they did, and sequences that members run by one click."""

from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import CheckConstraint, Index, SmallInteger, Text, UniqueConstraint, select
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.conversations.models import Conversation
from app.core import tenancy
from app.core.crypto import EncryptedText
from app.core.db import Base, BusinessScoped, ScopedId, belongs_to, now, of_business, reference
from app.core.pagination import Cursor
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint
TEAM = 0  # owner of a macro that all members use
KEPT = timedelta(days=30)  # of the log
OUTCOMES = ("done", "partly", "broken", "limited")

Parts = list[dict[str, Any]]


class AutomationRule(ScopedId, Base):
    """When `event`, if `conditions`, then `actions`: what these say is in conditions.py and actions.py. `version`
    counts the changes of what it does, so that an event may meet each version once."""

    __tablename__ = "automation_rules"
    __table_args__ = (
        of_business(),
        CheckConstraint("matching IN ('all', 'any')", name="matching"),
        Index(None, "business_id", "position"),
    )

    name: Mapped[str] = mapped_column(Text)
    event: Mapped[str] = mapped_column(Text)  # events.EVENTS
    event_value: Mapped[int] = mapped_column(default=0)  # minutes, or a tag's id; 0: any
    matching: Mapped[str] = mapped_column(Text, default="all")
    conditions: Mapped[Parts] = mapped_column(JSONB, default=list)
    actions: Mapped[Parts] = mapped_column(JSONB, default=list)
    is_enabled: Mapped[bool] = mapped_column(default=True)
    stops: Mapped[bool] = mapped_column(default=False)  # no later rule looks at the same event
    position: Mapped[int] = mapped_column(default=0)
    version: Mapped[int] = mapped_column(default=1)
    turn_of: Mapped[int | None]  # the member who got the last one in turn
    updated_at: Mapped[datetime] = mapped_column(default=now)
    updated_by: Mapped[int | None]  # a user
    deleted_at: Mapped[datetime | None]  # then it is out of every list, and can come back

    @classmethod
    def all(cls) -> "list[AutomationRule]":
        """In their order."""
        here = select(cls).where(cls.deleted_at.is_(None))
        return list(db.session.scalars(here.order_by(cls.position, cls.id)))

    @classmethod
    def deleted_since(cls, at: datetime) -> "list[AutomationRule]":
        """Newest first."""
        gone = select(cls).where(cls.deleted_at > at)
        return list(db.session.scalars(gone.order_by(cls.deleted_at.desc())))

    @classmethod
    def by_id(cls, rule_id: int) -> "AutomationRule | None":
        """A deleted one too."""
        if rule_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), rule_id))


class AutomationRun(ScopedId, Base):
    """A rule that met an event. `conditions` are in words with whether each held, `steps` with what came of each."""

    __tablename__ = "automation_runs"
    __table_args__ = (
        reference("rule_id", "automation_rules"),
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "rule_id", "rule_version", "event_key"),
        CheckConstraint("outcome IN ('done', 'partly', 'broken', 'limited')", name="outcome"),
        Index(None, "business_id", "created_at"),
        Index(None, "business_id", "conversation_id", "created_at"),
    )

    rule_id: Mapped[int]
    rule_version: Mapped[int]
    conversation_id: Mapped[int]
    event: Mapped[str] = mapped_column(Text)
    event_key: Mapped[str] = mapped_column(Text)  # events.Event.key
    outcome: Mapped[str] = mapped_column(Text, default="done")
    conditions: Mapped[Parts] = mapped_column(JSONB, default=list)
    steps: Mapped[Parts] = mapped_column(JSONB, default=list)

    rule: Mapped[AutomationRule] = belongs_to("AutomationRule", "AutomationRun.rule_id")
    conversation: Mapped[Conversation] = belongs_to("Conversation", "AutomationRun.conversation_id")

    @property
    def cursor(self) -> Cursor:
        return Cursor(self.created_at, self.id)


class AutomationCall(ScopedId, Base):
    """A webhook that a rule or a macro calls: tried again until it is answered, or given up."""

    __tablename__ = "automation_calls"
    __table_args__ = (
        of_business(),
        reference("run_id", "automation_runs", ondelete="SET NULL"),
        reference("conversation_id", "conversations"),
        CheckConstraint("state IN ('waiting', 'done', 'failed')", name="state"),
        Index(None, "business_id", "run_id"),
        Index(None, "business_id", "conversation_id"),
        Index(None, "business_id", "created_at"),
    )

    run_id: Mapped[int | None]  # None: a macro's
    conversation_id: Mapped[int]
    url: Mapped[str] = mapped_column(Text)
    payload: Mapped[dict[str, Any]] = mapped_column(JSONB)
    state: Mapped[str] = mapped_column(Text, default="waiting")
    attempts: Mapped[int] = mapped_column(SmallInteger, default=0)
    answer: Mapped[int | None]  # the status of HTTP
    error: Mapped[str] = mapped_column(Text, default="")
    tried_at: Mapped[datetime | None]


class AutomationSecret(BusinessScoped, Base):
    """What a business's webhooks are signed with; made with the first."""

    __tablename__ = "automation_secrets"
    __table_args__ = (of_business(),)

    secret: Mapped[str] = mapped_column(EncryptedText)


class Macro(ScopedId, Base):
    """Actions that a member does to a conversation by one click. A member's own is seen by that member alone."""

    __tablename__ = "macros"
    __table_args__ = (of_business(), Index(None, "business_id", "owner_id"))

    owner_id: Mapped[int] = mapped_column(default=TEAM)  # a user
    name: Mapped[str] = mapped_column(Text)
    actions: Mapped[Parts] = mapped_column(JSONB, default=list)
    turn_of: Mapped[int | None]  # as of a rule
    used_count: Mapped[int] = mapped_column(default=0)
    updated_at: Mapped[datetime] = mapped_column(default=now)
    updated_by: Mapped[int | None]  # a user

    @property
    def is_shared(self) -> bool:
        return self.owner_id == TEAM

    @classmethod
    def seen_by(cls, user_id: int) -> "list[Macro]":
        """The team's and this member's own, most used first."""
        seen = select(cls).where(cls.owner_id.in_((TEAM, user_id)))
        return list(db.session.scalars(seen.order_by(cls.used_count.desc(), cls.name, cls.id)))

    @classmethod
    def by_id(cls, macro_id: int, user_id: int) -> "Macro | None":
        """None too for another member's own."""
        if macro_id > MAX_ID:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), macro_id))
        return found if found and found.owner_id in (TEAM, user_id) else None


class MacroPress(ScopedId, Base):
    """A press of a macro's button: the same one again does nothing. `step_id` takes back what it did."""

    __tablename__ = "macro_presses"
    __table_args__ = (
        of_business(),
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "user_id", "key"),
        Index(None, "business_id", "conversation_id"),
        Index(None, "business_id", "created_at"),
    )

    conversation_id: Mapped[int]
    user_id: Mapped[int]
    key: Mapped[str] = mapped_column(Text)
    step_id: Mapped[int | None]  # of undo_steps
