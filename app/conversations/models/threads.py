"""Conversations and their messages."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    CheckConstraint,
    ColumnElement,
    Index,
    SmallInteger,
    Text,
    UniqueConstraint,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, contains_eager, joinedload, mapped_column, selectinload

from app.accounts.models import User
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations.in_order import in_order
from app.core import tenancy, unit_of_work
from app.core.db import Base, ScopedId, belongs_to, reference
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib.marking import N_

MAX_ID = 2**63 - 1  # of a bigint
MAX_WORDS_MESSAGES = 200  # that are looked through for what a visitor said
PRIORITIES = (N_("none"), N_("low"), N_("high"), N_("urgent"))  # by their number

IN_LISTS = "is_preview IS FALSE AND merged_into_id IS NULL"  # which conversations a list may hold
NEWEST = (text("last_message_at DESC"), text("id DESC"))


def _list_index(name: str, *columns: Any, where: str = "") -> Index:
    """The inbox's list pages by key, in each of its views and narrowings."""
    condition = f"{IN_LISTS} AND {where}" if where else IN_LISTS
    return Index(name, "business_id", *columns, postgresql_where=text(condition))


LIST_INDEXES = (
    _list_index("ix_conversations_inbox", "status", *NEWEST),
    _list_index("ix_conversations_channel", "channel_id", "status", *NEWEST),
    _list_index(
        "ix_conversations_assigned",
        "assignee_id",
        "status",
        *NEWEST,
        where="assignee_id IS NOT NULL",
    ),
    _list_index(
        "ix_conversations_unassigned",
        *NEWEST,
        where="status = 'open' AND assignee_id IS NULL AND handed_off_at IS NOT NULL",
    ),
    _list_index("ix_conversations_priority", "priority", "status", *NEWEST, where="priority > 0"),
    _list_index(
        "ix_conversations_waiting",
        "status",
        "waiting_since",
        "id",
        where="waiting_since IS NOT NULL",
    ),
)


class Conversation(ScopedId, Base):
    """One thread with one visitor. The assistant is silent while `handed_off_at` is set."""

    __tablename__ = "conversations"
    __table_args__ = (
        reference("channel_id", "channels"),
        reference("visitor_id", "visitors"),
        CheckConstraint("status IN ('open', 'snoozed', 'resolved')", name="status"),
        CheckConstraint("snoozed_until IS NULL OR status = 'snoozed'", name="snoozed_until"),
        CheckConstraint("priority BETWEEN 0 AND 3", name="priority"),
        *LIST_INDEXES,
        Index(None, "business_id", "visitor_id"),
    )

    channel_id: Mapped[int]
    visitor_id: Mapped[int]
    is_preview: Mapped[bool] = mapped_column(default=False)
    status: Mapped[str] = mapped_column(Text, default="open")
    position: Mapped[int] = mapped_column(default=0)  # of the newest message
    incoming_position: Mapped[int] = mapped_column(default=0)  # of the visitor's newest message
    answered_position: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # up to here the assistant has nothing left to answer
    last_message_at: Mapped[datetime]
    last_text: Mapped[str] = mapped_column(Text, default="")  # the list's one line
    handed_off_at: Mapped[datetime | None]
    assignee_id: Mapped[int | None]  # a user
    resolved_at: Mapped[datetime | None]
    resolved_by: Mapped[int | None]  # a user; None with resolved_at: the system
    snoozed_until: Mapped[datetime | None]  # None while snoozed: until the visitor writes
    snoozed_by: Mapped[int | None]  # a user
    priority: Mapped[int] = mapped_column(SmallInteger, default=0, server_default="0")  # PRIORITIES
    merged_into_id: Mapped[int | None]  # then its messages are there
    has_scheduled: Mapped[bool] = mapped_column(
        default=False, server_default="false"
    )  # replies that wait: conversations/scheduling.py
    waiting_since: Mapped[datetime | None]  # for us; None: the next word is the visitor's
    seen_position: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # up to here the visitor has read in the website's chat
    seen_at: Mapped[datetime | None]  # when it read that
    mailed_position: Mapped[int] = mapped_column(
        default=0, server_default="0"
    )  # up to here the visitor was told by e-mail that there is a reply

    visitor: Mapped[Visitor] = belongs_to("Visitor", "Conversation.visitor_id")
    channel: Mapped[Channel] = belongs_to("Channel", "Conversation.channel_id")
    assignee: Mapped[User | None] = belongs_to("User", "Conversation.assignee_id")
    resolver: Mapped[User | None] = belongs_to("User", "Conversation.resolved_by")

    @property
    def is_handed_off(self) -> bool:
        return self.handed_off_at is not None

    @property
    def state(self) -> str:
        """What the visitor is told: assistant, waiting (for a person), person, resolved."""
        if self.status == "resolved":
            return "resolved"
        if not self.is_handed_off:
            return "assistant"
        return "person" if self.assignee_id else "waiting"

    @property
    def title(self) -> str:
        return self.visitor.display_name

    def lock(self) -> "Conversation":
        """Until the transaction ends nobody else adds to it; the row is read anew, and who has it. Its channel
        never changes, its visitor when two turn out to be one."""
        if not unit_of_work.holds(self):
            columns = [column.key for column in type(self).__mapper__.column_attrs]
            visitor_id = self.visitor_id
            db.session.refresh(self, columns, with_for_update=True)
            if self.visitor_id != visitor_id:
                db.session.expire(self, ["visitor"])
        db.session.expire(self, ["assignee", "resolver"])
        return unit_of_work.held(self)

    def messages_after(self, position: int = 0, limit: int = 500) -> list["Message"]:
        newest = (
            select(Message)
            .where(Message.conversation_id == self.id, Message.position > position)
            .order_by(Message.position)
            .limit(limit)
            .options(selectinload(Message.user))
        )
        return list(db.session.scalars(newest))

    def newest_messages(self, limit: int = 60, before: int | None = None) -> list["Message"]:
        query = (
            select(Message)
            .where(Message.conversation_id == self.id)
            .options(selectinload(Message.user))
        )
        if before is not None:
            query = query.where(Message.position < before)
        found = db.session.scalars(query.order_by(Message.position.desc()).limit(limit))
        return list(found)[::-1]

    def position_of(self, message_id: int) -> int | None:
        here = (Message.conversation_id == self.id, Message.id == message_id)
        return db.session.scalar(select(Message.position).where(*here))

    def visitor_words(self) -> list[str]:
        """Everything that the visitor wrote here, newest first."""
        return list(
            db.session.scalars(
                select(Message.body)
                .where(Message.conversation_id == self.id, Message.kind == "incoming")
                .order_by(Message.position.desc())
                .limit(MAX_WORDS_MESSAGES)
                .execution_options(**PREPARED)
            )
        )

    def last_question_before(self, position: int) -> "Message | None":
        """What the visitor wrote last before that message."""
        return db.session.scalar(
            select(Message)
            .where(
                Message.conversation_id == self.id,
                Message.position < position,
                Message.kind == "incoming",
            )
            .order_by(Message.position.desc())
            .limit(1)
        )

    def unanswered(self) -> list["Message"]:
        """What the visitor wrote since the assistant last had nothing left to answer, in the order in which
        it was written; not what was taken back, or wants no answer."""
        query = select(Message).where(*self._is_unanswered()).order_by(Message.position)
        return in_order(list(db.session.scalars(query.execution_options(**PREPARED))))

    def unanswered_since(self) -> datetime | None:
        """When the first of it arrived."""
        return db.session.scalar(select(func.min(Message.created_at)).where(*self._is_unanswered()))

    def _is_unanswered(self) -> tuple[ColumnElement[bool], ...]:
        return (
            Message.conversation_id == self.id,
            Message.position > self.answered_position,
            Message.kind == "incoming",
            Message.revoked_at.is_(None),
            Message.is_settled.is_(False),
        )

    @classmethod
    def in_inbox(cls, conversation_id: int) -> "Conversation | None":
        """Another business's isn't there; the owner's own preview isn't in the inbox. One that was merged is the
        one that it was merged into."""
        if conversation_id > MAX_ID:
            return None
        found = db.session.get(cls, (tenancy.current_business_id(), conversation_id))
        if found and found.merged_into_id is not None:
            return cls.in_inbox(found.merged_into_id)
        return found if found and not found.is_preview else None

    @classmethod
    def of_the_same(cls, conversation: "Conversation", limit: int) -> list["Conversation"]:
        """The other conversations of its visitor, and of its contact; newest first."""
        visitor = conversation.visitor
        is_theirs = cls.visitor_id == visitor.id
        if visitor.contact_id is not None:
            is_theirs = is_theirs | (Visitor.contact_id == visitor.contact_id)
        return list(
            db.session.scalars(
                select(cls)
                .join(Visitor, Visitor.id == cls.visitor_id)
                .where(
                    is_theirs,
                    cls.id != conversation.id,
                    cls.is_preview.is_(False),
                    cls.merged_into_id.is_(None),
                )
                .order_by(cls.last_message_at.desc(), cls.id.desc())
                .limit(limit)
                .options(joinedload(cls.channel), contains_eager(cls.visitor))
            )
        )

    @classmethod
    def locked(cls, conversation_id: int) -> "Conversation":
        """As by lock(), with its channel and visitor, in one statement."""
        query = select(cls).where(cls.id == conversation_id).with_for_update(of=cls)
        query = query.options(joinedload(cls.channel), joinedload(cls.visitor))
        found = db.session.scalars(query.execution_options(populate_existing=True, **PREPARED))
        return unit_of_work.held(found.one())

    @classmethod
    def current_of(cls, visitor: Visitor, *, locked: bool = False) -> "Conversation | None":
        """The one in which something was said last. `locked` as by lock(), in the same statement."""
        theirs = (cls.visitor_id == visitor.id, cls.merged_into_id.is_(None))
        newest = (cls.last_message_at.desc(), cls.id.desc())
        query = select(cls).where(*theirs).order_by(*newest).limit(1)
        if not locked:
            return db.session.scalar(query)
        query = query.with_for_update().execution_options(populate_existing=True, **PREPARED)
        found = db.session.scalar(query)
        return found and unit_of_work.held(found)

    @classmethod
    def all_of(cls, visitor: Visitor, limit: int) -> "list[Conversation]":
        """Newest first."""
        theirs = (cls.visitor_id == visitor.id, cls.merged_into_id.is_(None))
        newest = (cls.last_message_at.desc(), cls.id.desc())
        return list(db.session.scalars(select(cls).where(*theirs).order_by(*newest).limit(limit)))

    @classmethod
    def is_any_of(cls, *, is_preview: bool) -> bool:
        found = select(cls.id).where(cls.is_preview.is_(is_preview))
        return bool(db.session.scalar(select(found.exists())))

    @classmethod
    def is_any_answered(cls, *, is_preview: bool) -> bool:
        """By the assistant."""
        found = (
            select(Message.id)
            .join(cls, cls.id == Message.conversation_id)
            .where(cls.is_preview.is_(is_preview), Message.author == "assistant")
        )
        return bool(db.session.scalar(select(found.exists())))


class Message(ScopedId, Base):
    """One line of a conversation. `position` counts from 1 inside it, given under its row lock, so that
    a cursor can't skip a message that commits late. `client_key` makes sending idempotent."""

    __tablename__ = "messages"
    __table_args__ = (
        reference("conversation_id", "conversations"),
        UniqueConstraint("business_id", "conversation_id", "position"),
        UniqueConstraint("business_id", "conversation_id", "client_key"),
        Index(None, "business_id", "external_id", postgresql_where=text("external_id IS NOT NULL")),
        CheckConstraint("kind IN ('incoming', 'outgoing', 'note', 'event')", name="kind"),
        CheckConstraint("author IN ('visitor', 'assistant', 'member', 'system')", name="author"),
    )

    conversation_id: Mapped[int]
    position: Mapped[int]
    kind: Mapped[str] = mapped_column(Text)
    author: Mapped[str] = mapped_column(Text)
    user_id: Mapped[int | None]  # the member who wrote or did it
    body: Mapped[str] = mapped_column(Text)  # of an event: its name, see EVENTS
    client_key: Mapped[str | None] = mapped_column(Text)
    citations: Mapped[list[dict[str, Any]]] = mapped_column(JSONB, default=list)
    is_unsure: Mapped[bool] = mapped_column(default=False)  # the assistant offers a person
    content: Mapped[dict[str, Any] | None] = mapped_column(
        JSONB
    )  # app/channels/content.py; None: body is all. Of an event: what its line tells beside its name
    external_id: Mapped[str | None] = mapped_column(
        Text
    )  # the provider's, of an incoming or echoed one
    is_settled: Mapped[bool] = mapped_column(
        default=False, server_default="false"
    )  # wants no answer: words of consent, automatic mail, what can't be read
    reply_to_id: Mapped[int | None]  # the message that it quotes
    sent_at: Mapped[datetime | None]  # by the provider's clock
    edited_at: Mapped[datetime | None]
    revoked_at: Mapped[datetime | None]  # its writer took it back: its body is empty
    reactions: Mapped[list[dict[str, Any]]] = mapped_column(
        JSONB, default=list, server_default="[]"
    )  # {"by": "visitor" or a user's id, "emoji"}

    conversation: Mapped[Conversation] = belongs_to("Conversation", "Message.conversation_id")
    user: Mapped[User | None] = belongs_to("User", "Message.user_id")

    @property
    def look(self) -> str:
        """Which bubble: visitor, assistant, member, note or event."""
        return self.kind if self.kind in ("note", "event") else self.author

    @property
    def is_media(self) -> bool:
        """It has a file, or had one."""
        return (self.content or {}).get("type") == "media"

    @property
    def says(self) -> str:
        """Its words, for who answers it; "" for a picture or a voice note without any."""
        return (self.content or {}).get("caption", "") if self.is_media else self.body

    @property
    def is_for_visitor(self) -> bool:
        return self.kind != "note" and not (self.kind == "event" and self.body in TEAM_EVENTS)

    @property
    def question_id(self) -> int | None:
        """The message that this one answers, of the assistant's (see services.answer)."""
        said, _, question_id = (self.client_key or "").partition("answer-")
        is_answer = self.author == "assistant" and not said and question_id.isdigit()
        return int(question_id) if is_answer else None


# What the team does among itself: no visitor is told.
TEAM_EVENTS = (
    "snoozed", "woken", "assigned", "unassigned", "tagged", "untagged", "prioritised", "joined", "parted",
    "undone", "rated",
)  # fmt: skip
EVENTS = (
    "person_asked", "handed_off", "taken_over", "given_back", "resolved", "reopened",
    "answer_stopped", "assistant_back", "answered_outside", "number_changed", "undelivered",
    "blocked", "unblocked", "block_untold", "erased", "scheduled_dropped", "scheduled_failed",
    "rating_asked", *TEAM_EVENTS,
)  # fmt: skip
