"""When opening hours begin or end: one job for each business that has a rule for it. It comes at the next of these
moments, and every quarter of an hour, so that changed hours are noticed."""

from datetime import datetime, timedelta

from sqlalchemy import select

from app.automations import events, listening, running
from app.automations.events import Event
from app.automations.seen import business_hours
from app.conversations.models import Conversation
from app.core import jobs, tenancy
from app.core.db import now
from app.extensions import db
from app.lib.hours import Hours

QUARTER = timedelta(minutes=15)
MOST_MISSED = timedelta(hours=2)  # what is older isn't made up for
MOST = 500  # conversations that wait


def start() -> None:
    """Safe to repeat."""
    jobs.enqueue("automations.look_at_hours", now().isoformat(), queue="bulk", key=_key())


def look(since: str) -> None:
    """The job: what began or ended since it looked last. It ends with the last rule that wants it."""
    if not any(rule.event in events.BY_HOURS for rule in listening.enabled()):
        return
    at, known = now(), business_hours()
    after = max(datetime.fromisoformat(since), at - MOST_MISSED)
    for name, moment in changes(known, after, at):
        _tell(name, moment)
    jobs.enqueue_next(
        "automations.look_at_hours", at.isoformat(), queue="bulk", at=_next(known, at), key=_key()
    )


def go_on(_since: str, _reason: str) -> None:
    """Looking was given up. It looks again later, or no rule would ever hear of the hours again."""
    jobs.enqueue(
        "automations.look_at_hours", now().isoformat(), queue="bulk", at=now() + QUARTER, key=_key()
    )


def meet(conversation_id: int, name: str, moment: str) -> None:
    """The job: one of those who wait."""
    conversation = Conversation.in_inbox(conversation_id)
    if conversation is None or conversation.lock().waiting_since is None:
        return
    event = Event(name, f"{name}-{conversation.id}-{moment}", datetime.fromisoformat(moment))
    running.meet(conversation, event, listening.enabled())


def changes(known: Hours, after: datetime, until: datetime) -> list[tuple[str, datetime]]:
    """(opened or closed, when), of what lies between, in order."""
    found, at = list[tuple[str, datetime]](), after
    while known.are_known:
        closes, opens = known.closes_at(at), known.next_opening(at)
        name, moment = ("closed", closes) if closes else ("opened", opens)
        if moment is None or moment > until:
            break
        found.append((name, moment))
        at = moment
    return found


def _tell(name: str, moment: datetime) -> None:
    waits = select(Conversation.id).where(
        Conversation.status == "open",
        Conversation.is_preview.is_(False),
        Conversation.merged_into_id.is_(None),
        Conversation.waiting_since.is_not(None),
    )
    for conversation_id in db.session.scalars(waits.order_by(Conversation.waiting_since).limit(MOST)):  # fmt: skip
        key = f"automation-{name}-{conversation_id}-{moment.timestamp():.0f}"
        jobs.enqueue(
            "automations.meet_hours", conversation_id, name, moment.isoformat(), queue="bulk", key=key
        )  # fmt: skip


def _next(known: Hours, at: datetime) -> datetime:
    moments = [moment for _name, moment in changes(known, at, at + QUARTER)]
    return min([*moments, at + QUARTER])


def _key() -> str:
    return f"automation-hours-{tenancy.current_business_id()}"
