"""What happened with a person, written down where it happens, in the same transaction."""

from datetime import datetime
from typing import Any

from sqlalchemy.dialects.postgresql import insert

from app.contacts.models import Activity, Visitor
from app.core.db import now
from app.extensions import db

MAX_SUMMARY = 200  # characters


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
    sure = visitor.sure_contact if visitor and contact_id is None else None
    db.session.execute(
        insert(Activity)
        .values(
            contact_id=sure.id if sure else contact_id,
            visitor_id=visitor.id if visitor else None,
            kind=kind,
            occurred_at=occurred_at or now(),
            actor_kind=actor,
            actor_id=user_id,
            about=about,
            summary=" ".join(summary.split())[:MAX_SUMMARY],
            payload=payload or {},
            source_key=source_key,
        )
        .on_conflict_do_nothing(index_elements=["business_id", "source_key"])
    )
