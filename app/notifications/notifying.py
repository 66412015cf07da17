"""The one place that tells members of something. `notify()` asks for it in the transaction in which it happens, with
one statement; a job finds who wants it and by which ways.

A message that comes while an older one of its conversation is unread adds to the same row, so that a burst is one
line, one e-mail and one notification of a browser.
"""

import json
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import delete, func, select, text, update

from app.conversations import presence
from app.conversations.models import Conversation, ConversationRead
from app.conversations.services import shortened
from app.core import realtime, tenancy
from app.core.db import now
from app.core.jobs import enqueue
from app.extensions import db
from app.notifications import choosing
from app.notifications.choosing import Told
from app.notifications.events import EVENTS, MAIL, PAGE, PUSH
from app.notifications.models import Notification, PushSubscription

KEPT = timedelta(days=60)
UNSEEN = {"synchronize_session": False}
GATHER = timedelta(minutes=2)  # what comes within is one e-mail
MESSAGE = "message"  # “message_mine” or “message_unassigned”, by who has it when the job looks

# A repeated one adds nothing, nor one that a newer has overtaken: that position is known, read or not.
WRITE = text("""
INSERT INTO notifications (user_id, event, about, conversation_id, who, text, by_id, since, position, count,
                           happened_at, is_shown, wants_mail, wants_push)
SELECT r.user_id, :event, :about, :conversation, :who, :text, :by, 0, :position, 1, :now, r.page, r.mail, r.push
  FROM jsonb_to_recordset(CAST(:rows AS jsonb)) AS r(user_id bigint, page bool, mail bool, push bool)
 WHERE NOT EXISTS (SELECT FROM notifications n WHERE n.user_id = r.user_id AND n.event = :event AND n.about = :about
                      AND n.position >= :position)
 ORDER BY r.user_id
ON CONFLICT (business_id, user_id, event, about) WHERE read_at IS NULL DO UPDATE
   SET who = excluded.who, text = excluded.text, by_id = excluded.by_id, position = excluded.position,
       count = notifications.count + 1, happened_at = excluded.happened_at, is_shown = excluded.is_shown,
       wants_mail = excluded.wants_mail, wants_push = excluded.wants_push
 WHERE notifications.position < excluded.position
RETURNING user_id
""")
READ = text("""
UPDATE notifications SET read_at = :now
 WHERE user_id = :user AND conversation_id = :conversation AND position <= :position AND read_at IS NULL
RETURNING id""")


@dataclass(frozen=True, slots=True)
class Happened:
    """`kind` and `thing_id` say of what: a conversation, a channel; `who` is its name. `to`: user ids, None for all."""

    event: str
    kind: str
    thing_id: int
    who: str
    text: str
    position: int
    by: int | None
    to: list[int] | None

    @property
    def about(self) -> str:
        return f"{self.kind} {self.thing_id}"

    @property
    def conversation_id(self) -> int | None:
        return self.thing_id if self.kind == "conversation" else None


def notify(
    event: str,
    conversation: Conversation | None,
    *,
    position: int,
    text: str = "",
    by: int | None = None,
    to: Iterable[int] | None = None,
    about: tuple[str, int, str] | None = None,
) -> None:
    """In the transaction in which it happened. `position` tells it from the one before of the same thing, and grows:
    in a conversation a message's. `by`: who did it, and isn't told. `to`: user ids; without them the one who has the
    conversation, or else everybody who wants it. `about` instead of a conversation: kind, id and name."""
    kind, thing_id, who = (
        ("conversation", conversation.id, "") if conversation else about or ("", 0, "")
    )
    told = Happened(
        event,
        kind,
        thing_id,
        who,
        shortened(text),
        position,
        by,
        list(to) if to is not None else None,
    )
    whom = "".join(
        f"-{each}" for each in told.to or ()
    )  # a note may name several, one after the other
    key = f"tell-{event}-{kind}-{thing_id}-{position}{whom}"
    enqueue("notifications.tell", asdict(told), key=key)


def tell(told: Happened) -> None:
    """The job. Safe to repeat."""
    if told.kind == "conversation":
        conversation = _conversation(told.thing_id)
        if conversation is None or conversation.merged_into_id is not None:
            return
        told = replace(_of_now(told, conversation), who=conversation.title)
    if told.event:
        members = [each for each in choosing.told(told.to) if each.user.id != told.by]
        _tell(told, members)


def read(conversation: Conversation, user_id: int, position: int) -> None:
    """The member has seen the conversation up to there."""
    values = {"user": user_id, "conversation": conversation.id, "position": position, "now": now()}
    if db.session.execute(READ, values).first() is not None:
        ring([user_id])


def read_all(user_id: int) -> None:
    unread = update(Notification).where(
        Notification.user_id == user_id, Notification.read_at.is_(None)
    )
    db.session.execute(unread.values(read_at=now()), execution_options=UNSEEN)
    ring([user_id])


def read_one(notification_id: int, user_id: int) -> bool:
    """False when it isn't theirs."""
    own = update(Notification).where(
        Notification.id == notification_id, Notification.user_id == user_id
    )
    changed = own.values(read_at=func.coalesce(Notification.read_at, now()))
    found = db.session.scalar(changed.returning(Notification.id), execution_options=UNSEEN)
    ring([user_id])
    return found is not None


def ring(user_ids: Sequence[int]) -> None:
    """The members' pages count anew."""
    if user_ids:
        realtime.publish(f"business:{tenancy.current_business_id()}", name="bell", to=user_ids)


def _of_now(told: Happened, conversation: Conversation) -> Happened:
    """Which event it is by now, and whose. Without one it is over."""
    is_waiting = conversation.status != "resolved" and conversation.is_handed_off
    assignee, event = conversation.assignee_id, told.event
    if event in (MESSAGE, "hand_off", "hand_off_late") and not is_waiting:
        event = ""
    elif event == MESSAGE:
        event = "message_mine" if assignee else "message_unassigned"
    to = [assignee] if told.to is None and assignee else told.to
    return replace(told, event=event, to=to)


def _tell(told: Happened, members: list[Told]) -> None:
    event = EVENTS[told.event]
    have_read = _have_read(told) if members else set()
    wanted = {
        each.user.id: (each, ways)
        for each in members
        if each.user.id not in have_read and (ways := each.ways(event))
    }
    if not wanted:
        return
    written = _write(told, {user_id: ways for user_id, (_, ways) in wanted.items()})
    _forget_old(written)
    looking = presence.who_looks(told.conversation_id) if told.conversation_id else set()
    ring([each for each in written if PAGE in wanted[each][1]])
    for user_id in written:
        member, ways = wanted[user_id]
        if MAIL in ways and user_id not in looking:
            _ask_mail(told, member)
    pushed = [each for each in written if PUSH in wanted[each][1] and each not in looking]
    for subscription in PushSubscription.of_users(pushed) if pushed else ():
        _ask_push(told, subscription, wanted[subscription.user_id][0])


def _have_read(told: Happened) -> set[int]:
    if told.conversation_id is None:
        return set()
    seen = select(ConversationRead.user_id).where(
        ConversationRead.conversation_id == told.conversation_id,
        ConversationRead.position >= told.position,
    )
    return set(db.session.scalars(seen))


def _write(told: Happened, ways: dict[int, tuple[str, ...]]) -> list[int]:
    """Whom it is news for."""
    rows = [
        {"user_id": user_id, "page": PAGE in each, "mail": MAIL in each, "push": PUSH in each}
        for user_id, each in ways.items()
    ]
    values = {
        "event": told.event, "about": told.about, "who": told.who, "text": told.text, "by": told.by,
        "conversation": told.conversation_id, "position": told.position, "now": now(), "rows": json.dumps(rows),
    }  # fmt: skip
    return list(db.session.scalars(WRITE, values))


def _when(told: Happened, member: Told) -> datetime:
    """Now, or when their quiet hours end."""
    quiet = None if EVENTS[told.event].is_urgent else choosing.quiet_now(member)
    return quiet or now()


def _ask_mail(told: Happened, member: Told) -> None:
    """What comes while one is being sent is told by the next."""
    at = max(_when(told, member), now() + GATHER)
    key = f"tell-mail-{member.user.id}-{told.about}"
    enqueue("notifications.mail", member.user.id, told.about, at=at, key=key, again=True)


def _ask_push(told: Happened, subscription: PushSubscription, member: Told) -> None:
    key = f"tell-push-{subscription.id}-{told.about}"
    at = _when(told, member)
    enqueue("notifications.push", subscription.id, told.about, at=at, key=key, again=True)


def _forget_old(user_ids: list[int]) -> None:
    old = delete(Notification).where(
        Notification.user_id.in_(user_ids), Notification.happened_at < now() - KEPT
    )
    db.session.execute(old, execution_options=UNSEEN)


def _conversation(conversation_id: int) -> Conversation | None:
    return db.session.get(Conversation, (tenancy.current_business_id(), conversation_id))
