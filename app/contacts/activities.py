"""What happened with a person, written down where it happens, in the same transaction.

When that was last is known of each contact too. It is written at the very end of the transaction and never
waits: a message must not stand behind somebody who edits the contact, nor the two behind each other.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from sqlalchemy import event, text, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.contacts.models import SURE_LINKS, Activity, Visitor
from app.core import tenancy, unit_of_work
from app.core.db import now
from app.core.preparing import PREPARED
from app.extensions import db

MAX_SUMMARY = 200  # characters
TOUCHED = "contacts_touched"
# With rows beside it and not within: those would be compiled anew each time.
WRITE = (
    insert(Activity)
    .on_conflict_do_nothing(index_elements=["business_id", "source_key"])
    .execution_options(**PREPARED)
)
TOUCH = text("""
UPDATE contacts SET last_activity_at = free.moment
  FROM (SELECT c.id, t.moment
          FROM unnest(CAST(:ids AS bigint[]), CAST(:moments AS timestamptz[])) AS t (id, moment)
          JOIN contacts AS c ON c.id = t.id
         WHERE c.last_activity_at < t.moment ORDER BY c.id FOR NO KEY UPDATE OF c SKIP LOCKED) AS free
 WHERE contacts.id = free.id""").execution_options(**PREPARED)


def record(kind: str, **said: Any) -> None:
    """Of a contact, or of a visitor and thereby of its contact if it surely has one. The same `source_key`
    again changes nothing. As line() has them."""
    write([line(kind, **said)])


def line(
    kind: str,
    *,
    contact_id: int | None = None,
    visitor: Visitor | None = None,
    actor: str = "system",
    user_id: int | None = None,
    about: str | None = None,
    summary: str = "",
    payload: dict[str, Any] | None = None,
    occurred_at: datetime | None = None,
    source_key: str | None = None,
) -> dict[str, Any]:
    """To be written at once, with others."""
    if contact_id is None and visitor and is_sure(visitor):
        contact_id = visitor.contact_id
    unit_of_work.hung_on(visitor)
    return {
        "contact_id": contact_id,
        "visitor_id": visitor.id if visitor else None,
        "kind": kind,
        "occurred_at": occurred_at or now(),
        "actor_kind": actor,
        "actor_id": user_id,
        "about": about,
        "summary": _shortened(summary),
        "payload": payload or {},
        "source_key": source_key,
    }


def write(lines: Sequence[dict[str, Any]]) -> None:
    if not lines:
        return
    db.session.execute(WRITE, list(lines))
    for each in lines:
        if each["contact_id"] is not None:
            touch(each["contact_id"], each["occurred_at"])


def _shortened(summary: str) -> str:
    return " ".join(summary.split())[:MAX_SUMMARY]


def is_sure(visitor: Visitor) -> bool:
    return visitor.contact_id is not None and visitor.contact_link in SURE_LINKS


def follow(visitor: Visitor) -> None:
    """Its contact is another one now, or less sure: what it did goes along."""
    if unit_of_work.is_bare(visitor):
        return
    db.session.flush()
    contact_id = visitor.contact_id if is_sure(visitor) else None
    moved = update(Activity).where(
        Activity.visitor_id == visitor.id, Activity.contact_id.is_distinct_from(contact_id)
    )
    db.session.execute(
        moved.values(contact_id=contact_id).execution_options(synchronize_session=False, **PREPARED)
    )


def reword(source_key: str, summary: str) -> None:
    same = update(Activity).where(Activity.source_key == source_key)
    db.session.execute(same.values(summary=_shortened(summary)))


def forget_words(source_key: str) -> None:
    """That it happened stays; what it said goes."""
    same = update(Activity).where(Activity.source_key == source_key)
    db.session.execute(same.values(summary="", payload={}))


def touch_by(visitor: Visitor) -> None:
    """The visitor has done something that has no line of its own, like writing another message."""
    if is_sure(visitor) and visitor.contact_id is not None:
        touch(visitor.contact_id)


def touch(contact_id: int, at: datetime | None = None) -> None:
    businesses = db.session().info.setdefault(TOUCHED, {})
    touched, at = businesses.setdefault(tenancy.current_business_id(), {}), at or now()
    known = touched.get(contact_id, at)
    touched[contact_id] = known and max(at, known)


def made(contact_id: int) -> None:
    """In this transaction: that was its last activity, whatever belongs to it."""
    businesses = db.session().info.setdefault(TOUCHED, {})
    businesses.setdefault(tenancy.current_business_id(), {})[contact_id] = None


@event.listens_for(Session, "before_commit")
def _write_touched(session: Session) -> None:
    """A contact that somebody else holds in this moment is left out: it is being touched by them. Not at the end of
    a savepoint, which is a commit too: from then on others would wait for the contacts."""
    if session.in_nested_transaction():
        return
    touched = session.info.pop(TOUCHED, {}).get(tenancy.scope_or_none(), {})
    moments = {key: at for key, at in touched.items() if at is not None}
    if moments:
        session.flush()
        session.execute(TOUCH, {"ids": list(moments), "moments": list(moments.values())})


@event.listens_for(Session, "after_rollback")
def _forget_touched(session: Session) -> None:
    session.info.pop(TOUCHED, None)
