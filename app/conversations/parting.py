"""Two conversations that were made one, parted again: each message, tag, hand-off, draft and mark goes back to where
it was.

In the one that stays messages keep their places, so that nobody who reads it by cursor misses any: there are gaps
then. What was written since stays there, and so does what a member has changed since.
"""

from collections.abc import Callable
from datetime import datetime
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import ColumnElement, delete, func, insert, or_, select, text, tuple_, update

from app.accounts.models import User
from app.contacts.models import Tag
from app.conversations import assigning, due, join_notes, services, snoozing
from app.conversations.join_notes import Reversal
from app.conversations.models import (
    Conversation,
    ConversationMerge,
    ConversationRead,
    ConversationTag,
    Draft,
    HandOff,
    Message,
    Unread,
)
from app.conversations.models.merges import UNDO_WITHIN
from app.core import jobs
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db

Parter = Callable[[Conversation, Conversation], None]
_parters: list[Parter] = []
MOMENTS = ("snoozed_until", "resolved_at", "handed_off_at", "waiting_since")
BACK = text(
    "UPDATE messages SET conversation_id = :gone, position = given.position FROM unnest(CAST(:ids AS bigint[]), "
    "CAST(:positions AS bigint[])) AS given (id, position) "
    "WHERE messages.id = given.id AND messages.conversation_id = :kept"
)


def parted_by(parter: Parter) -> Parter:
    """For a table of another domain: it is given the one that stayed and the one that is back, both locked, after
    the rows have gone back."""
    _parters.append(parter)
    return parter


def undo(done: ConversationMerge, by: User) -> Conversation:
    """The one that is back. Raises Conflict."""
    key = done.business_id
    goes = db.session.get_one(Conversation, (key, done.gone_id)).lock()
    stays = db.session.get_one(Conversation, (key, done.kept_id)).lock()
    db.session.refresh(done, with_for_update=True)
    refuse(done, stays, goes)
    reversal = done.reversal
    placed = _placed(stays, reversal)
    was_answered = _is_answered_since(stays, reversal)
    _return_messages(stays, goes, reversal, placed)
    _return_rows(stays, goes, reversal)
    _return_reads(stays, goes, reversal, placed)
    _return_tags(stays, goes, reversal)
    _return_drafts(stays, goes, reversal)
    _restore_gone(stays, goes, reversal, was_answered=was_answered)
    _restore_kept(stays, reversal)
    done.undone_at, done.undone_by = now(), by.id
    db.session.flush()
    _settle(stays, goes, done, by)
    return goes


def may_undo(joined: Message) -> bool:
    """Of the line that tells of it; undo() says why not, if not even so."""
    details = joined.content or {}
    is_open = bool(details.get("merge_id")) and not details.get("undone")
    return is_open and now() - joined.created_at < UNDO_WITHIN


def refuse(done: ConversationMerge, stays: Conversation, goes: Conversation) -> None:
    """Says why it can't be undone any more."""
    if done.undone_at is not None:
        raise Conflict(_("This merge was undone already."))
    if now() - done.created_at > UNDO_WITHIN:
        raise Conflict(
            _("A merge can be undone for %(days)s days; this one is older.", days=UNDO_WITHIN.days)
        )
    if stays.merged_into_id is not None or goes.merged_into_id != stays.id:
        raise Conflict(
            _("Since then it was merged into another conversation. Undo that merge first.")
        )


def _placed(stays: Conversation, reversal: Reversal) -> list[tuple[int, int]]:
    """(where it stands now, where it stood) of each message that goes back."""
    old = dict(reversal["messages"])
    query = select(Message.id, Message.position).where(
        Message.conversation_id == stays.id, Message.id.in_(old)
    )
    return [(row.position, old[row.id]) for row in db.session.execute(query)]


def _is_answered_since(stays: Conversation, reversal: Reversal) -> bool:
    since = Message.position > reversal["after"]["position"], Message.kind == "outgoing"
    answers = select(Message.id).where(Message.conversation_id == stays.id, *since)
    return bool(db.session.scalar(select(answers.exists())))


def _return_messages(
    stays: Conversation, goes: Conversation, reversal: Reversal, placed: list[tuple[int, int]]
) -> None:
    if reversal["messages"] and not placed:
        raise Conflict(_("What was merged was deleted since, so it can’t be undone."))
    ids, positions = (list(each) for each in zip(*reversal["messages"], strict=True)) if placed else ([], [])  # fmt: skip
    given = {"gone": goes.id, "kept": stays.id, "ids": ids, "positions": positions}
    db.session.execute(BACK, given)
    apart = f"~{goes.id}"  # what keeps keys of both apart (joining.py)
    theirs = Message.conversation_id == goes.id, Message.client_key.endswith(apart, autoescape=True)
    bare = func.left(Message.client_key, -len(apart))
    _run(update(Message).where(*theirs).values(client_key=bare))


def _return_rows(stays: Conversation, goes: Conversation, reversal: Reversal) -> None:
    """With what came to these messages since, as a delivery."""
    ids = [message_id for message_id, _position in reversal["messages"]]
    for table in join_notes.tables():
        keys = [tuple(each) for each in reversal["moved"].get(table.name, [])]
        is_theirs: ColumnElement[bool] = tuple_(*join_notes.keys_of(table)).in_(keys)
        if "message_id" in table.c and table.c.message_id.foreign_keys:
            is_theirs = or_(is_theirs, table.c.message_id.in_(ids))
        still = update(table).where(table.c.conversation_id == stays.id, is_theirs)
        _run(still.values(conversation_id=goes.id))
    led = Conversation.id.in_(reversal["led_here"]), Conversation.merged_into_id == stays.id
    _run(update(Conversation).where(*led).values(merged_into_id=goes.id))


def _return_reads(
    stays: Conversation, goes: Conversation, reversal: Reversal, placed: list[tuple[int, int]]
) -> None:
    """Who has read them in the other has read them."""
    query = select(ConversationRead).where(ConversationRead.conversation_id == stays.id)
    there = {each.user_id: each for each in db.session.scalars(query)}
    before = dict(reversal["reads"])
    for user_id in sorted({*there, *before}):
        upto = there[user_id].position if user_id in there else 0
        seen = max((old for new, old in placed if new <= upto), default=0)
        position = max(seen, before.get(user_id, 0))
        row = {"conversation_id": goes.id, "user_id": user_id, "position": position}
        if position:
            db.session.execute(insert(ConversationRead).values(**row))
    for user_id, own, left in reversal["own"]["reads"]:
        if user_id in there and there[user_id].position == left:
            there[user_id].position = own
    db.session.flush()


def _return_tags(stays: Conversation, goes: Conversation, reversal: Reversal) -> None:
    """One that was deleted meanwhile stays away."""
    for tag_id in db.session.scalars(select(Tag.id).where(Tag.id.in_(reversal["tags"]))):
        row = {"conversation_id": goes.id, "tag_id": tag_id}
        db.session.execute(insert(ConversationTag).values(**row))
    new = ConversationTag.tag_id.in_(reversal["new_tags"])
    _run(delete(ConversationTag).where(ConversationTag.conversation_id == stays.id, new))


def _return_drafts(stays: Conversation, goes: Conversation, reversal: Reversal) -> None:
    """Where nobody has written on."""
    versions = {(user_id, kind): version for user_id, kind, version in reversal["versions"]}
    for user_id, kind, words, files, reply_to_id in reversal["drafts"]:
        draft = Draft.one(stays.id, user_id, kind)
        if draft is None or draft.version != versions.get((user_id, kind)):
            continue
        if words < 0:
            draft.conversation_id = goes.id
            continue
        body, kept = draft.body, draft.files
        rest = body[words:].removeprefix("\n") if words else body
        db.session.add(Draft(
            conversation_id=goes.id, user_id=user_id, kind=kind, body=rest, files=kept[files:],
            reply_to_id=reply_to_id, version=1,
        ))  # fmt: skip
        draft.body, draft.files, draft.version = body[:words], kept[:files], draft.version + 1
    db.session.flush()


def _restore_gone(
    stays: Conversation, goes: Conversation, reversal: Reversal, *, was_answered: bool
) -> None:
    """As it was, unless both were resolved or answered since."""
    goes.merged_into_id = None
    _set(goes, reversal["goes"])
    there, after = join_notes.columns(stays), reversal["after"]
    is_resolved = there["status"] == "resolved" != after["status"]
    if is_resolved:
        _set(goes, there)
    elif goes.state == "waiting" and _differ(there, after, "handed_off_at", "assignee_id"):
        goes.handed_off_at, goes.assignee_id = stays.handed_off_at, stays.assignee_id
    elif goes.state == "waiting" and reversal["ended"] is not None:
        _wait_again(reversal["ended"])
    if goes.assignee_id not in {each.id for each in assigning.candidates()}:
        goes.assignee_id = None
    if was_answered or is_resolved:
        goes.answered_position, goes.waiting_since = goes.position, None
    _say_last(goes)


def _wait_again(hand_off_id: int) -> None:
    """The visitor waits again, and its clock looks at once what is due by now."""
    hand_off = HandOff.by_id(hand_off_id)
    hand_off.ended_at = hand_off.outcome = hand_off.answered_by = None
    jobs.enqueue("frontdesk.hand_off_clock", hand_off.id, key=f"hand-off-{hand_off.id}-parted")


def _restore_kept(stays: Conversation, reversal: Reversal) -> None:
    """What is still as the join left it."""
    there, before, after = join_notes.columns(stays), reversal["before"], reversal["after"]
    for names in join_notes.STATES:
        if not _differ(there, after, *names):
            _set(stays, {name: before[name] for name in names})
    if stays.incoming_position == after["incoming_position"]:
        stays.incoming_position = reversal["own"]["incoming"]
    _say_last(stays)


def _differ(one: Reversal, other: Reversal, *names: str) -> bool:
    return any(one[name] != other[name] for name in names)


def _set(conversation: Conversation, columns: Reversal) -> None:
    for name, value in columns.items():
        is_moment = name in MOMENTS and value
        setattr(conversation, name, datetime.fromisoformat(value) if is_moment else value)


def _say_last(conversation: Conversation) -> None:
    said = Message.kind.in_(("incoming", "outgoing"))
    query = select(Message.body, Message.created_at).where(
        Message.conversation_id == conversation.id, said
    )
    last = db.session.execute(query.order_by(Message.position.desc()).limit(1)).first()
    if last is not None:
        conversation.last_text = services.shortened(last.body)
        conversation.last_message_at = last.created_at


def _settle(stays: Conversation, goes: Conversation, done: ConversationMerge, by: User) -> None:
    """What follows from where all stands now; both say what happened."""
    read_all = select(ConversationRead.user_id).where(
        ConversationRead.conversation_id == stays.id,
        ConversationRead.position >= stays.incoming_position,
    )
    _run(delete(Unread).where(Unread.conversation_id == stays.id, Unread.user_id.in_(read_all)))
    line = Message.content["merge_id"].as_integer() == done.id
    joined = update(Message).where(
        Message.conversation_id == stays.id, Message.body == "joined", line
    )
    _run(joined.values(content=Message.content.concat({"undone": True})))
    for parter in _parters:
        parter(stays, goes)
    db.session.flush()
    db.session.expire_all()
    for each in (goes, stays):
        due.changed(each)
        snoozing.set_alarm(each)
        services.post(each, "event", "member", "parted", by=by)
    if goes.state == "assistant" and goes.unanswered():
        jobs.enqueue("frontdesk.respond", goes.id, key=f"respond-{goes.id}")


def _run(statement: Any) -> None:
    """Without looking at what the session holds: all of it is read anew afterwards."""
    db.session.execute(statement, execution_options={"synchronize_session": False})
