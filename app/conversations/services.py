"""What happens in conversations. One function adds messages; it alone publishes.

Every change takes the conversation's row lock first: positions only grow, and an answer of the
assistant that comes after a hand-off is dropped.
"""

from collections.abc import Mapping
from typing import Any
from uuid import UUID

from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm.attributes import set_committed_value

from app.accounts.models import User
from app.channels.content import Content
from app.channels.models import Channel
from app.contacts.models import Visitor
from app.conversations import client_keys, ending, hand_offs, hearing, history, sending, waiting
from app.conversations.models import Conversation, Message
from app.core import realtime, tenancy, unit_of_work
from app.core.db import now
from app.core.errors import Invalid
from app.extensions import db

MAX_MESSAGE_CHARACTERS = 2000  # a question; longer ones are told to be cut
MAX_REPLY_CHARACTERS = 10_000
PREVIEW_CHARACTERS = 140


def receive(
    channel: Channel,
    visitor_uuid: UUID,
    body: str,
    client_key: str,
    page: str | None = None,
    **beside: Any,
) -> tuple[Message, bool]:
    """A visitor's message, stored once per client key; `beside` as take_in() has it. True when it is new.

    The first one makes the visitor and the conversation; one to a resolved conversation reopens it.
    """
    body = clean(body, MAX_MESSAGE_CHARACTERS)
    visitor = visitor_of(channel, visitor_uuid, page)
    return take_in(channel, visitor, body, client_key, **beside)


def take_in(
    channel: Channel,
    visitor: Visitor,
    body: str,
    client_key: str,
    *,
    kind: str = "incoming",
    author: str = "visitor",
    not_in: int | None = None,
    into: Conversation | None = None,
    **beside: Any,
) -> tuple[Message, bool]:
    """What was written outside, stored once per client key of the person; `beside` as post() has it. True when
    it is new. `not_in`: a conversation in which the visitor doesn't want to go on, unless a person has it; `into`: a
    locked one that it answers."""
    is_new = unit_of_work.is_bare(visitor)
    current = into or (None if is_new else Conversation.current_of(visitor, locked=True))
    conversation = current or _start(channel, visitor)
    repeated = None if is_new else client_keys.sent_by(visitor, client_key)
    if repeated:
        return repeated, False
    if conversation.id == not_in and not conversation.is_handed_off:
        conversation = _begin(channel, visitor)
    if visitor.blocked_at is None:
        _rouse(conversation, kind, author)
    return post(conversation, kind, author, body, client_key=client_key, **beside), True


def reply(
    conversation: Conversation,
    by: User,
    body: str,
    client_key: str,
    *,
    content: Content | None = None,
    reply_to: Message | None = None,
) -> Message:
    """A member writes to the visitor, and has the conversation from then on if nobody has it. `content` is what
    it holds beside or instead of words, on a channel that takes such a thing."""
    body = clean(content.plain() if content else body, MAX_REPLY_CHARACTERS)
    conversation.lock()
    repeated = client_keys.sent_in(conversation, client_key)
    if repeated:
        return repeated
    if conversation.assignee_id is None:
        take_over(conversation, by)
    else:
        hand_offs.end(conversation, "answered", by)
    hand_offs.note_answer(conversation)
    sending.mark_as_read(conversation)
    return post(
        conversation, "outgoing", "member", body,
        by=by, client_key=client_key, content=content, reply_to=reply_to,
    )  # fmt: skip


def add_note(conversation: Conversation, by: User, body: str, client_key: str) -> Message:
    """Seen by members alone."""
    body = clean(body, MAX_REPLY_CHARACTERS)
    conversation.lock()
    repeated = client_keys.sent_in(conversation, client_key)
    return repeated or post(conversation, "note", "member", body, by=by, client_key=client_key)


def answer(
    question: Message,
    body: str,
    citations: list[dict[str, Any]],
    *,
    is_unsure: bool,
    content: Content | None = None,
) -> Message | None:
    """The assistant's words, once per question. None when a person has the conversation by now, or when
    nothing is left to answer: the visitor has stopped it."""
    conversation = question.conversation.lock()
    client_key = f"answer-{question.id}"
    is_last = question.position == conversation.position  # an answer would stand behind it
    if repeated := None if is_last else client_keys.sent_in(conversation, client_key):
        return repeated
    if conversation.is_handed_off or conversation.status == "resolved":
        return None
    if question.position <= conversation.answered_position:
        return None
    conversation.answered_position = question.position
    return post(
        conversation, "outgoing", "assistant", body,
        client_key=client_key, citations=citations, is_unsure=is_unsure, content=content,
    )  # fmt: skip


def request_person(conversation: Conversation) -> None:
    """The visitor asks for a person: the assistant is silent from here. Safe to repeat."""
    conversation.lock()
    if conversation.status == "resolved":
        reopen_locked(conversation, author="system")
    if not conversation.is_handed_off:
        _call(conversation, "person_asked")


def hand_off(conversation: Conversation) -> None:
    """The assistant can't go on and calls a person. Safe to repeat."""
    conversation.lock()
    if not conversation.is_handed_off:
        _call(conversation, "handed_off")


def take_over(conversation: Conversation, by: User) -> None:
    """The member has it now, also when another had it, and the assistant is silent. Safe to repeat."""
    conversation.lock()
    if conversation.status == "resolved":
        reopen_locked(conversation, by)
    elif conversation.status == "snoozed":
        awaken(conversation, "member", by)
    if not conversation.is_handed_off or conversation.assignee_id != by.id:
        take(conversation, by)


def take(conversation: Conversation, by: User) -> None:
    """A locked one that the member doesn't have; it stays snoozed."""
    conversation.handed_off_at = conversation.handed_off_at or now()
    conversation.assignee_id = by.id
    hand_offs.end(conversation, "answered", by)
    sending.mark_as_read(conversation)
    post(conversation, "event", "member", "taken_over", by=by)


def give_back(conversation: Conversation, by: User) -> None:
    """The assistant answers again, from the next message on. Safe to repeat."""
    conversation.lock()
    if not conversation.is_handed_off:
        return
    conversation.handed_off_at = None
    conversation.assignee_id = None
    conversation.answered_position = conversation.position
    hand_offs.end(conversation, "given_back")
    post(conversation, "event", "member", "given_back", by=by)


def resolve(conversation: Conversation, by: User | None) -> None:
    """`by` None: a rule did."""
    conversation.lock()
    if conversation.status == "resolved":
        return
    had_by = conversation.assignee_id
    conversation.status = "resolved"
    conversation.snoozed_until = conversation.snoozed_by = None
    conversation.resolved_at, conversation.resolved_by = now(), by.id if by else None
    conversation.handed_off_at = None
    conversation.assignee_id = None
    conversation.answered_position = conversation.position
    hand_offs.end(conversation, "resolved")
    details = {"had_by": had_by} if had_by else None
    post(conversation, "event", actor(by), "resolved", by=by, details=details)
    ending.resolved(conversation)


def reopen(conversation: Conversation, by: User) -> None:
    conversation.lock()
    if conversation.status == "resolved":
        reopen_locked(conversation, by)


def reopen_locked(
    conversation: Conversation, by: User | None = None, author: str = "member"
) -> None:
    conversation.status = "open"
    conversation.resolved_at = conversation.resolved_by = None
    post(conversation, "event", author, "reopened", by=by)


def awaken(conversation: Conversation, author: str, by: User | None = None) -> None:
    """A locked one that is snoozed."""
    sleeper = {"snoozed_by": conversation.snoozed_by} if conversation.snoozed_by else None
    conversation.status = "open"
    conversation.snoozed_until = conversation.snoozed_by = None
    post(conversation, "event", author, "woken", by=by, details=sleeper)


def post(
    conversation: Conversation,
    kind: str,
    author: str,
    body: str,
    *,
    by: User | None = None,
    client_key: str | None = None,
    citations: list[dict[str, Any]] | None = None,
    is_unsure: bool = False,
    content: Content | None = None,
    reply_to: Message | None = None,
    category: str = "service",
    already_sent: bool = False,
    arrived: Mapping[str, Any] | None = None,
    details: dict[str, Any] | None = None,
) -> Message:
    """Add a message to a locked conversation and tell both sides. What goes out on a provider's channel is
    queued for it, unless it was `already_sent` elsewhere. `arrived`: the provider's id of what came from
    there, and when it was sent. `details`: of an event, what its line tells."""
    conversation.position += 1
    message = Message(
        conversation_id=conversation.id,
        position=conversation.position,
        kind=kind,
        author=author,
        body=body,
        user_id=by.id if by else None,
        client_key=client_key,
        citations=citations or [],
        is_unsure=is_unsure,
        content=content.as_json() if content else details,
        reply_to_id=reply_to.id if reply_to else None,
        **(arrived or {}),
    )
    if kind in ("incoming", "outgoing"):
        conversation.last_message_at = now()
        conversation.last_text = shortened(body)
    if kind == "incoming" and conversation.visitor.blocked_at is None:
        conversation.incoming_position = conversation.position
    waiting.note(conversation, kind, author, body)
    db.session.add(message)
    db.session.flush()
    unit_of_work.bare(message)
    if kind == "outgoing" and not already_sent:
        sending.send(conversation, message, content, category)
    if author in ("visitor", "member"):
        ending.watch(conversation)
    set_committed_value(message, "conversation", conversation)
    history.note(conversation, message)
    announce(conversation)
    hearing.posted(conversation, message)
    return message


def actor(by: User | None) -> str:
    """The author of an event; without a member a rule did it."""
    return "member" if by else "system"


def shortened(body: str) -> str:
    """One line of the list."""
    return " ".join(body.split())[:PREVIEW_CHARACTERS]


def note_undelivered(conversation: Conversation) -> None:
    """What was written didn't reach the visitor: unread until somebody has seen it."""
    conversation.lock()
    conversation.incoming_position = conversation.position + 1
    post(conversation, "event", "system", "undelivered")


def announce(conversation: Conversation) -> None:
    position = conversation.position
    realtime.publish(visitor_topic(conversation.visitor.uuid), position=position)
    members = f"business:{tenancy.current_business_id()}"
    if conversation.is_preview:
        realtime.publish(members, name="preview")
    else:
        realtime.publish(members, name=f"conversation-{conversation.id}", position=position)
        realtime.publish(members, name="inbox")


def visitor_topic(uuid: UUID) -> str:
    return f"visitor:{uuid}"


def clean(body: str, limit: int) -> str:
    """Without control characters and outer white space. Raises Invalid when nothing or too much is left."""
    body = "".join(c for c in body if c in "\n\t" or c.isprintable() or c in "\u200c\u200d").strip()
    if not body:
        raise Invalid(_("Write something first."), code="empty")
    if len(body) > limit:
        raise Invalid(
            _(
                "This message has %(has)s characters; %(most)s fit. Please shorten it.",
                has=f"{len(body):,}",
                most=f"{limit:,}",
            ),
            code="too_long",
        )
    return body


def visitor_of(channel: Channel, uuid: UUID, page: str | None) -> Visitor:
    """Two first messages at once make one visitor; who is known uses up no number."""
    visitor = Visitor.by_uuid(uuid)
    if visitor is None:
        db.session.execute(
            insert(Visitor)
            .values(uuid=uuid, channel_id=channel.id, page=page)
            .on_conflict_do_nothing(index_elements=["business_id", "uuid"])
        )
        visitor = Visitor.by_uuid(uuid)
        assert visitor is not None
    return visitor


def _start(channel: Channel, visitor: Visitor) -> Conversation:
    """The visitor's row is locked for its first conversation alone: who has one is locked by that, and
    a turn that holds it may then write to the visitor."""
    if not unit_of_work.holds(visitor):
        db.session.refresh(visitor, with_for_update=True)
        begun = Conversation.current_of(visitor)
        if begun is not None:
            return begun
    return _begin(channel, visitor)


def _begin(channel: Channel, visitor: Visitor) -> Conversation:
    conversation = Conversation(
        channel_id=channel.id,
        visitor_id=visitor.id,
        is_preview=channel.is_preview,
        last_message_at=now(),
    )
    unit_of_work.hung_on(visitor)
    db.session.add(conversation)
    db.session.flush()
    set_committed_value(conversation, "visitor", visitor)
    set_committed_value(conversation, "channel", channel)
    history.started(conversation, channel.kind)
    return unit_of_work.held(conversation)


def _call(conversation: Conversation, event: str) -> None:
    """For a person. Unread until somebody has seen it, as a visitor's message is."""
    if conversation.status == "snoozed":
        awaken(conversation, "visitor")
    conversation.handed_off_at = now()
    conversation.incoming_position = conversation.position + 1
    post(conversation, "event", "system", event)


def _rouse(conversation: Conversation, kind: str, author: str) -> None:
    """Something was written: a resolved one goes on; a snoozed one when it was the visitor."""
    if conversation.status == "resolved":
        reopen_locked(conversation, author="system" if kind == "incoming" else author)
    elif conversation.status == "snoozed" and kind == "incoming":
        awaken(conversation, "visitor")
