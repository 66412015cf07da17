"""What providers told, worked off: each update once, in the order in which things happened.

A lane of a channel has one open job (`updates-<channel>-<lane>`), and a person is always in the same lane. Each
update is marked done in the transaction of its effects. One that fails is tried again a few times; what came
later of the same person waits for it, others go on. What is about something that isn't there yet is looked at
again for a minute, and nobody waits for that.
"""

import logging
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby
from typing import Any

from sqlalchemy import ColumnElement, Update, and_, select, update
from sqlalchemy.exc import InterfaceError, OperationalError
from sqlalchemy.orm import aliased, undefer

from app.channels.adapters import adapter
from app.channels.border import Line, NotYetKnown
from app.channels.lines import line_of
from app.channels.models import Channel, ChannelUpdate
from app.core import jobs, tenancy, unit_of_work
from app.core.db import now
from app.core.jobs import LeaseLost
from app.core.preparing import PREPARED
from app.extensions import db
from app.frontdesk import news

logger = logging.getLogger(__name__)

BATCH = 50
AGAIN_AFTER = (2, 8, 30, 60)  # seconds; after the fifth try an update is given up
LOOK_AGAIN = timedelta(seconds=2)  # for what isn't there yet
PATIENCE = timedelta(seconds=60)
EARLY = timedelta(seconds=1)  # a job may begin that much before its time
MAX_REASON_CHARACTERS = 500
OURS = (OperationalError, InterfaceError, LeaseLost)  # no fault of the update: the job comes back


@dataclass(frozen=True, slots=True)
class Waiting:
    id: int
    person: str


def work_off(channel_id: int, lane: int) -> None:
    """The job: what waits in this lane."""
    channel = _channel(channel_id)
    if channel is None:
        return
    line, held, is_open = line_of(channel), set[str](), False
    found = _due(channel_id, lane)
    for together in _in_a_row(found):
        if is_open:
            jobs.commit_step()
        is_open = True  # the last one ends with the job itself
        if not _all_at_once(together, line):
            _one_by_one(together, line, held)
    if len(found) == BATCH:
        jobs.enqueue_next(
            "frontdesk.work_off", channel_id, lane, key=_key(channel_id, lane), again=True
        )


def _in_a_row(found: list[Waiting]) -> list[list[Waiting]]:
    """What is of the same person, and of nobody else in between."""
    rows = groupby(found, key=lambda each: each.person or each.id)
    return [list(row) for _person, row in rows]


def _all_at_once(waiting: list[Waiting], line: Line) -> bool:
    """Several of one person in one transaction. False when one of them can't be done: then none of them is, and each
    has its own."""
    if len(waiting) == 1:
        return False
    try:
        for each in waiting:
            _take(each, line)
    except OURS:
        raise
    except Exception:
        unit_of_work.rollback()
        return False
    return True


def _one_by_one(waiting: list[Waiting], line: Line, held: set[str]) -> None:
    for place, each in enumerate(waiting):
        if each.person in held:
            continue
        if place:
            jobs.commit_step()
        if not _step(each, line) and each.person:
            held.add(each.person)


def work_off_later(channel_id: int, lane: int) -> None:
    """The job at the time when something is to be tried again: the lane's own job does it."""
    jobs.enqueue("frontdesk.work_off", channel_id, lane, key=_key(channel_id, lane), again=True)


def failed(limit: int = 50) -> list[tuple[ChannelUpdate, str]]:
    """What was given up, newest first, each with its channel's name."""
    query = (
        select(ChannelUpdate, Channel.name)
        .join(Channel, Channel.id == ChannelUpdate.channel_id)
        .where(ChannelUpdate.failed_at.is_not(None))
        .order_by(ChannelUpdate.failed_at.desc())
        .limit(limit)
    )
    return [(row[0], row[1]) for row in db.session.execute(query)]


def retry(update_id: int) -> bool:
    """Another round of tries. False when it hasn't failed."""
    waits = update(ChannelUpdate).where(
        ChannelUpdate.id == update_id, ChannelUpdate.failed_at.is_not(None)
    )
    again = waits.values(failed_at=None, attempts=0, retry_at=None)
    place = db.session.execute(
        again.returning(ChannelUpdate.channel_id, ChannelUpdate.lane)
    ).one_or_none()
    if place is not None:
        work_off_later(*place)
    return place is not None


def _step(waiting: Waiting, line: Line) -> bool:
    """False when it failed."""
    try:
        _take(waiting, line)
    except OURS:
        raise
    except NotYetKnown as missing:
        unit_of_work.rollback()
        _put_off(waiting, str(missing))
    except Exception as error:
        unit_of_work.rollback()
        logger.warning(
            "update %s of channel %s failed", waiting.id, line.channel_id, exc_info=error
        )
        _note_failure(waiting, error)
        return False
    return True


def _take(waiting: Waiting, line: Line) -> None:
    """Whoever else has it at this moment is waited for, and then it is done."""
    payload = db.session.scalar(
        _one(waiting).values(done_at=now(), error=None).returning(ChannelUpdate.payload)
    )
    if payload is not None:
        channel = _channel(line.channel_id)
        assert channel is not None
        for each in adapter(line.kind).understand(payload, line):
            news.take(channel, each)


def _put_off(waiting: Waiting, why: str) -> None:
    row = _row(waiting)
    if now() - row.created_at < PATIENCE:
        _try_again(row, now() + LOOK_AGAIN, {})
    else:
        values = {"done_at": now(), "error": why[:MAX_REASON_CHARACTERS]}
        db.session.execute(_one(waiting).values(values))


def _note_failure(waiting: Waiting, error: Exception) -> None:
    row = _row(waiting)
    reason = f"{type(error).__name__}: {error}".replace("\x00", "")[:MAX_REASON_CHARACTERS]
    values = {"attempts": row.attempts + 1, "error": reason}
    if row.attempts < len(AGAIN_AFTER):
        _try_again(row, now() + timedelta(seconds=AGAIN_AFTER[row.attempts]), values)
    else:
        db.session.execute(_one(waiting).values(values | {"failed_at": now()}))


def _try_again(row: ChannelUpdate, at: datetime, values: dict[str, Any]) -> None:
    """The moment stands in the key, as another one may be asked for already."""
    key = f"{_key(row.channel_id, row.lane)}-{at.timestamp():.0f}"
    jobs.enqueue("frontdesk.work_off_later", row.channel_id, row.lane, at=at, key=key)
    db.session.execute(_one(row).values(values | {"retry_at": at}))


def _row(waiting: Waiting) -> ChannelUpdate:
    return db.session.get_one(ChannelUpdate, (tenancy.current_business_id(), waiting.id))


def _one(waiting: Waiting | ChannelUpdate) -> Update:
    one = update(ChannelUpdate).where(
        ChannelUpdate.id == waiting.id,
        ChannelUpdate.done_at.is_(None),
        ChannelUpdate.failed_at.is_(None),
    )
    return one.execution_options(**PREPARED)


def _due(channel_id: int, lane: int) -> list[Waiting]:
    """Without those of people of whom an earlier one failed just now."""
    holding, soon = aliased(ChannelUpdate), now() + EARLY
    holds = and_(
        _is_waiting(holding, channel_id, lane),
        holding.person == ChannelUpdate.person,
        holding.person != "",
        holding.attempts > 0,
        holding.retry_at > soon,
    )
    query = (
        select(ChannelUpdate.id, ChannelUpdate.person)
        .where(
            _is_waiting(ChannelUpdate, channel_id, lane),
            ChannelUpdate.retry_at.is_(None) | (ChannelUpdate.retry_at <= soon),
            ~select(holding.id).where(holds).exists(),
        )
        .order_by(ChannelUpdate.occurred_at, ChannelUpdate.id)
        .limit(BATCH)
    )
    return [Waiting(*row) for row in db.session.execute(query.execution_options(**PREPARED))]


def _is_waiting(table: Any, channel_id: int, lane: int) -> ColumnElement[bool]:
    return and_(
        table.channel_id == channel_id,
        table.lane == lane,
        table.done_at.is_(None),
        table.failed_at.is_(None),
    )


def _key(channel_id: int, lane: int) -> str:
    return f"updates-{channel_id}-{lane}"


def _channel(channel_id: int) -> Channel | None:
    """With its secrets, in one statement."""
    key = (tenancy.current_business_id(), channel_id)
    return db.session.get(
        Channel, key, options=[undefer(Channel.credentials_json)], execution_options=PREPARED
    )
