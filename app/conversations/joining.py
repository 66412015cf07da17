"""Two conversations with the same person made one.

The newer one stays, as it is where the person's next message arrives. All that hangs on the other moves to it; the
emptied one leads there from then on. The messages of both stand in one order, by time: they get new positions under
both row locks, none lower than before in the one that stays, so that nobody who reads it by cursor misses any.
"""

from collections.abc import Callable
from dataclasses import dataclass

from flask_babel import gettext as _
from sqlalchemy import Executable, delete, func, select, text, update

from app.accounts.models import User
from app.conversations import hand_offs, join_notes, services
from app.conversations.models import (
    Conversation,
    ConversationMerge,
    ConversationRead,
    ConversationTag,
    Draft,
    HandOff,
    Message,
    MessageFile,
)
from app.core.db import Base, now
from app.core.errors import Conflict
from app.extensions import db

Mover = Callable[[Conversation, Conversation], None]
_movers: list[Mover] = []
# Each has rows that can't all stand in one conversation, so it is moved with care.
WITH_CARE = {
    "messages", "conversation_reads", "conversation_tags", "hand_offs",
    "conversation_outcomes", "conversation_drafts", "unread_conversations",
}  # fmt: skip


NEW_POSITIONS = text(
    "UPDATE messages SET position = given.position FROM unnest(CAST(:ids AS bigint[]), "
    "CAST(:positions AS bigint[])) AS given (id, position) WHERE messages.id = given.id"
)


def moved_by(mover: Mover) -> Mover:
    """For a table of another domain that knows a conversation once: it is given the one that stays and the other,
    both locked, before the other's rows are moved."""
    _movers.append(mover)
    return mover


@dataclass(frozen=True, slots=True)
class Preview:
    """`stays` takes what `goes` has."""

    stays: Conversation
    goes: Conversation
    messages: int
    notes: int
    files: int


def why_not(one: Conversation, other: Conversation) -> str:
    """ "" when they can be made one: what is written in the one that stays must reach the person of the other."""
    if one.id == other.id or one.merged_into_id or other.merged_into_id:
        return _("This is the same conversation.")
    if one.channel_id != other.channel_id:
        return _("It’s on another channel: a reply would not reach them there.")
    if one.visitor_id != other.visitor_id:
        return _(
            "It was written from another browser or address: a reply would not reach them there."
        )
    return ""


def preview(one: Conversation, other: Conversation) -> Preview:
    """Raises Conflict."""
    reason = why_not(one, other)
    if reason:
        raise Conflict(reason)
    goes, stays = sorted((one, other), key=lambda each: each.id)
    of_it = Message.conversation_id == goes.id
    counts = select(
        func.count().filter(Message.kind.in_(("incoming", "outgoing"))),
        func.count().filter(Message.kind == "note"),
    ).where(of_it)
    messages, notes = db.session.execute(counts).one()
    files = (
        select(func.count())
        .select_from(MessageFile)
        .join(Message, Message.id == MessageFile.message_id)
    )
    return Preview(stays, goes, messages, notes, db.session.scalar(files.where(of_it)) or 0)


def join(
    one: Conversation, other: Conversation, by: User
) -> tuple[Conversation, ConversationMerge | None]:
    """The one that stays, and what parting.undo() takes back: None when it is one already. Raises Conflict."""
    goes, stays = sorted((one, other), key=lambda each: each.id)
    goes.lock()
    stays.lock()
    if goes.merged_into_id == stays.id:
        return stays, None
    reason = why_not(stays, goes)
    if reason:
        raise Conflict(reason)
    reversal = join_notes.before(stays, goes)
    for mover in _movers:
        mover(stays, goes)
    places = _move_messages(stays, goes)
    incoming = _place(places, stays, stays.incoming_position)
    own = {"incoming": incoming, "reads": _move_reads(stays, goes, places)}
    _move_hand_offs(stays, goes)
    _move_tags(stays, goes)
    _move_drafts(stays, goes)
    _move_the_rest(stays, goes)
    _take_state(stays, goes, places)
    _empty(goes, stays, by)
    db.session.flush()
    db.session.expire_all()
    done = join_notes.keep(stays, goes, by, reversal, own)
    details = {"from": goes.id, "merge_id": done.id}
    services.post(stays, "event", "member", "joined", by=by, details=details)
    services.announce(goes)
    return stays, done


Places = dict[tuple[int, int], int]  # by conversation and position: the new position


def _move_messages(stays: Conversation, goes: Conversation) -> Places:
    """By time, without changing the order within either."""
    both = (stays.id, goes.id)
    since = func.max(Message.created_at).over(
        partition_by=Message.conversation_id, order_by=Message.position
    )
    lines = select(Message.id, Message.conversation_id, Message.position, since.label("at"))
    found = db.session.execute(lines.where(Message.conversation_id.in_(both))).all()
    ordered = sorted(found, key=lambda line: (line.at, line.conversation_id, line.position))
    _keep_keys_apart(stays, goes)
    away = update(Message).where(Message.conversation_id.in_(both))
    _run(away.values(position=-Message.id, conversation_id=stays.id))
    ids, positions = [line.id for line in ordered], list(range(1, len(ordered) + 1))
    db.session.execute(NEW_POSITIONS, {"ids": ids, "positions": positions})
    db.session.expire_all()
    return {(line.conversation_id, line.position): at for at, line in enumerate(ordered, 1)}


def _keep_keys_apart(stays: Conversation, goes: Conversation) -> None:
    """Both may have begun with a tap on “Talk to a person”, which has one key."""
    theirs = select(Message.client_key).where(
        Message.conversation_id == stays.id, Message.client_key.is_not(None)
    )
    same = update(Message).where(Message.conversation_id == goes.id, Message.client_key.in_(theirs))
    _run(same.values(client_key=Message.client_key + f"~{goes.id}"))


def _place(places: Places, conversation: Conversation, position: int) -> int:
    """Where what stood up to there ends now."""
    upto = (new for (of, old), new in places.items() if of == conversation.id and old <= position)
    return max(upto, default=0)


def _move_reads(stays: Conversation, goes: Conversation, places: Places) -> list[list[int]]:
    """What is unread of an open one that goes is unread in the one that stays. Of each member: how far they have
    read what was there, and how far they have read all of it."""
    marks = []
    reads = select(ConversationRead).where(
        ConversationRead.conversation_id.in_((stays.id, goes.id))
    )
    found = {(each.conversation_id, each.user_id): each for each in db.session.scalars(reads)}
    for (conversation_id, user_id), read in found.items():
        if conversation_id == goes.id:
            db.session.delete(read)
            continue
        theirs = found.get((goes.id, user_id))
        seen = theirs.position if theirs else 0
        own = read.position = _place(places, stays, read.position)
        if goes.status != "resolved" and goes.incoming_position > seen:
            read.position = min(own, _place(places, goes, seen))
        marks.append([user_id, own, read.position])
    db.session.flush()
    return marks


def _move_hand_offs(stays: Conversation, goes: Conversation) -> None:
    """One may be open."""
    if HandOff.open_of(stays.id) is not None:
        hand_offs.end(goes, "resolved")
        db.session.flush()
    of_goes = update(HandOff).where(HandOff.conversation_id == goes.id)
    _run(of_goes.values(conversation_id=stays.id))


def _move_tags(stays: Conversation, goes: Conversation) -> None:
    have = select(ConversationTag.tag_id).where(ConversationTag.conversation_id == stays.id)
    of_goes = ConversationTag.conversation_id == goes.id
    new = update(ConversationTag).where(of_goes, ConversationTag.tag_id.not_in(have))
    _run(new.values(conversation_id=stays.id))
    _run(delete(ConversationTag).where(of_goes))


def _move_drafts(stays: Conversation, goes: Conversation) -> None:
    """Of a member who has begun to write in both, one stands below the other."""
    for draft in db.session.scalars(select(Draft).where(Draft.conversation_id == goes.id)):
        kept = Draft.one(stays.id, draft.user_id, draft.kind)
        if kept is None:
            draft.conversation_id = stays.id
            continue
        kept.body = "\n".join(part for part in (kept.body, draft.body) if part)
        kept.files, kept.version = [*kept.files, *draft.files], kept.version + 1
        db.session.delete(draft)
    db.session.flush()


def _move_the_rest(stays: Conversation, goes: Conversation) -> None:
    """Of every domain: whatever names a conversation."""
    for table in Base.metadata.sorted_tables:
        if "conversation_id" in table.c and table.name not in WITH_CARE:
            of_goes = update(table).where(table.c.conversation_id == goes.id)
            db.session.execute(of_goes.values(conversation_id=stays.id))
    led_here = update(Conversation).where(Conversation.merged_into_id == goes.id)
    _run(led_here.values(merged_into_id=stays.id))


def _take_state(stays: Conversation, goes: Conversation, places: Places) -> None:
    """Open if either was, a person’s if either was, and as urgent as the more urgent one."""
    unanswered = [each.position for each in stays.unanswered()]
    old = {new: position for (of, position), new in places.items() if of == stays.id}
    waiting = [each for each in unanswered if old.get(each, 0) > stays.answered_position]
    incoming = [_place(places, each, each.incoming_position) for each in (stays, goes)]
    stays.seen_position = _place(places, stays, stays.seen_position)
    stays.mailed_position = _place(places, stays, stays.mailed_position)
    stays.position = len(places)
    stays.incoming_position = max(incoming)
    stays.answered_position = min(waiting) - 1 if waiting else len(places)
    if goes.last_message_at > stays.last_message_at:
        stays.last_message_at, stays.last_text = goes.last_message_at, goes.last_text
    stays.has_scheduled = stays.has_scheduled or goes.has_scheduled
    if goes.status != "resolved":
        stays.waiting_since = stays.waiting_since or goes.waiting_since
    stays.priority = max(stays.priority, goes.priority)
    stays.handed_off_at = stays.handed_off_at or goes.handed_off_at
    stays.assignee_id = stays.assignee_id or goes.assignee_id
    if goes.status not in ("resolved", stays.status):
        stays.status, stays.snoozed_until, stays.snoozed_by = "open", None, None
        stays.resolved_at = stays.resolved_by = None


def _empty(goes: Conversation, stays: Conversation, by: User) -> None:
    goes.merged_into_id = stays.id
    goes.status, goes.resolved_at, goes.resolved_by = "resolved", now(), by.id
    goes.snoozed_until = goes.snoozed_by = goes.handed_off_at = goes.assignee_id = None
    goes.waiting_since, goes.has_scheduled = None, False
    goes.position = goes.incoming_position = goes.answered_position = goes.priority = 0
    goes.last_text = ""


def _run(statement: Executable) -> None:
    """Without looking at what the session holds: all of it is read anew afterwards."""
    db.session.execute(statement, execution_options={"synchronize_session": False})
