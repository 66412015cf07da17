"""What happened with a person, written down where it happens, in the same transaction: what a member did at
once, as the page that answers shows it, and what comes from outside in one go when the transaction commits.

When that was last is known of each contact too. It is written at the very end of the transaction and never
waits: a message must not stand behind somebody who edits the contact, nor the two behind each other.
"""

from collections import defaultdict
from datetime import datetime
from typing import Any

from sqlalchemy import event, select, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import Session

from app.contacts.models import Activity, Contact, Visitor
from app.core import tenancy, unit_of_work
from app.core.db import now
from app.extensions import db

MAX_SUMMARY = 200  # characters
Row = tuple[dict[str, Any], Visitor | None]
TOUCHED = "contacts_touched"


def record(
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
) -> None:
    """Of a contact, or of a visitor and thereby of its contact if it surely has one. The same `source_key`
    again changes nothing."""
    row = {
        "contact_id": contact_id,
        "visitor_id": visitor.id if visitor else None,
        "kind": kind,
        "occurred_at": occurred_at or now(),
        "actor_kind": actor,
        "actor_id": user_id,
        "about": about,
        "summary": " ".join(summary.split())[:MAX_SUMMARY],
        "payload": payload or {},
        "source_key": source_key,
    }
    if actor == "member":
        _write([(row, visitor)])
    else:
        unit_of_work.gathered(_Happened).rows[tenancy.current_business_id()].append((row, visitor))


class _Happened(unit_of_work.Gathered):
    """From outside, by business."""

    def __init__(self) -> None:
        self.rows: dict[int, list[Row]] = defaultdict(list)

    def before(self) -> None:
        for business_id, rows in self.rows.items():
            with tenancy.business_scope(business_id):
                db.session.flush()
                _write(rows)


def _write(rows: list[Row]) -> None:
    """Whose a visitor is, is known by now if it ever is."""
    for row, visitor in rows:
        if row["contact_id"] is None and visitor and is_sure(visitor):
            row["contact_id"] = visitor.contact_id
        if row["contact_id"] is not None:
            touch(row["contact_id"], row["occurred_at"])
    made = insert(Activity).values([row for row, _ in rows])
    db.session.execute(made.on_conflict_do_nothing(index_elements=["business_id", "source_key"]))


def is_sure(visitor: Visitor) -> bool:
    return visitor.contact_id is not None and visitor.contact_link in ("own", "confirmed")


def follow(visitor: Visitor) -> None:
    """Its contact is another one now, or less sure: what it did goes along."""
    contact_id = visitor.contact_id if is_sure(visitor) else None
    moved = update(Activity).where(
        Activity.visitor_id == visitor.id, Activity.contact_id.is_distinct_from(contact_id)
    )
    db.session.execute(moved.values(contact_id=contact_id))


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
    touched[contact_id] = max(at, touched.get(contact_id, at))


@event.listens_for(Session, "before_commit")
def _write_touched(session: Session) -> None:
    """A contact that somebody else holds in this moment is left out: it is being touched by them."""
    touched = session.info.pop(TOUCHED, {}).get(tenancy.scope_or_none(), {})
    for contact_id, at in sorted(touched.items()):
        session.flush()
        free = (
            select(Contact.id)
            .where(Contact.id == contact_id, Contact.last_activity_at < at)
            .with_for_update(skip_locked=True, key_share=True)
        )
        newer = update(Contact).where(Contact.id.in_(free.scalar_subquery()))
        session.execute(
            newer.values(last_activity_at=at).execution_options(synchronize_session=False)
        )


@event.listens_for(Session, "after_rollback")
def _forget_touched(session: Session) -> None:
    session.info.pop(TOUCHED, None)
