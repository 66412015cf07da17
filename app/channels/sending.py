"""The road out: one visitor's open deliveries, in order, each sent exactly once.

A delivery is claimed ("sending", committed), then the provider is asked outside of any transaction, then what
came of it is written. Whatever dies in between leaves "sending" behind, which the next run, the only one of this
visitor, knows to be a dead one's: it may have been sent, so it is "unknown" until a callback brings its token
(`statuses`). Nothing unknown is sent again but by the rule of `doubt.may_go_again`.
"""

import random
import time
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import case, update
from sqlalchemy.dialects.postgresql import insert
from sqlalchemy.orm import undefer

from app.channels import (
    adapters,
    aftermath,
    courtesies,
    deliveries,
    doubt,
    outgoing,
    pacing,
    refusing,
)
from app.channels.border import Address, Line, Outgoing, Person, SendFailed, Sent
from app.channels.deliveries import Reason
from app.channels.lines import line_of
from app.channels.models import Channel, Delivery, VisitorAddress
from app.contacts.models import Visitor
from app.core import jobs, tenancy, unit_of_work
from app.core.db import now
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib.marking import kept

MAX_PER_RUN = 10  # then others have their turn
MAX_SECONDS = 40  # likewise; the job’s own limit would end it in the middle of sending
MAX_ATTEMPTS = 8
MAX_BACKOFF_SECONDS = 3600
A_DAY = timedelta(hours=24)
A_MOMENT = 0.5  # seconds; longer ones are spent in the outbox
EARLY = timedelta(seconds=0.05)  # a push may come that much too soon
COMES_AGAIN = ("retry", "wait", "reconnect")
PAIR_LIMITS = {"131056"}  # codes for too many messages to one person
OUR_FAULT = Reason(
    "retry", kept("Something on our side went wrong, and this wasn’t sent."), kept("Send it again.")
)


@dataclass(frozen=True, slots=True)
class Turn:
    """What became of one delivery: when to look at it again, and whether those behind it wait for it."""

    look_at: datetime | None = None
    holds: bool = False


DONE = Turn()


def deliver(visitor_id: int) -> None:
    """Send what is due to this visitor; ask for the next run where something waits for its time."""
    looks, left, until = [], MAX_PER_RUN, time.monotonic() + MAX_SECONDS
    for delivery, *_beside in _open_of(visitor_id):
        left -= delivery.status == "queued"
        if left < 0 or time.monotonic() > until:
            looks.append(now())
            break
        turn = _take_up(delivery)
        if turn.look_at is not None:
            looks.append(turn.look_at)
        if turn.holds:
            break
    if looks:
        deliveries.ask_next(visitor_id, min(looks))


def give_up(visitor_id: int, _reason: str) -> None:
    """The job itself failed for good, so what waits is waited for in vain."""
    _bury(visitor_id)
    deliveries.drop_open(visitor_id, OUR_FAULT)


def _open_of(visitor_id: int) -> list[tuple[Delivery, Channel, Visitor]]:
    """Channel and visitor are held here, so that the session needn't ask for them."""
    found = Delivery.open_of(visitor_id)
    if any(delivery.status == "sending" for delivery, *_ in found):
        _bury(visitor_id)
    return found


def _bury(visitor_id: int) -> None:
    """What a dead worker left in the middle of sending. It is called so once: the second time nothing is sure."""
    dead = update(Delivery).where(Delivery.visitor_id == visitor_id, Delivery.status == "sending")
    again = case((Delivery.trouble == "died", "unknown"), else_="died")
    buried = dead.values(status="unknown", trouble=again).returning(Delivery)
    for delivery in db.session.scalars(buried, execution_options={"populate_existing": True}):
        deliveries.signal(delivery)


def _take_up(delivery: Delivery) -> Turn:
    if delivery.status == "unknown":
        return _look_at_unknown(delivery)
    if delivery.status != "queued":  # a callback came meanwhile
        return DONE
    if delivery.available_at > now() + EARLY:
        return Turn(delivery.available_at, holds=delivery.trouble != "wait")
    channel = _channel_of(delivery)
    if channel.state == "broken":
        _wait(delivery, refusing.broken(channel))
        return Turn(holds=True)
    addresses = VisitorAddress.of_visitor(delivery.visitor_id)
    refusal = refusing.refusal(delivery, channel, addresses)
    if refusal is None:
        return _send_in_pace(delivery, channel, addresses)
    if _locked_as_known(delivery):
        deliveries.end(delivery, "dropped", refusal)
    return DONE


def _send_in_pace(delivery: Delivery, channel: Channel, addresses: list[VisitorAddress]) -> Turn:
    line = line_of(channel)
    pace = refusing.pace_of(line)
    place = f"{delivery.token}:{delivery.attempts}"
    wait = pacing.take(channel.id, delivery.visitor_id, place, pace)
    if wait.whose == "channel" and wait.seconds <= A_MOMENT:  # which is ours by now
        jobs.commit_step()
        time.sleep(wait.seconds)
        wait = pacing.NONE
    if not wait.seconds:
        return _send(outgoing.of(delivery, addresses), delivery, line)
    until = now() + timedelta(seconds=wait.seconds)
    if delivery.status == "queued":
        _wait(delivery, refusing.paced(channel, wait, pace), until)
    return Turn(until, holds=delivery.status == "queued")


def _wait(delivery: Delivery, reason: Reason, until: datetime | None = None) -> None:
    """It stays queued, and says why."""
    if _locked_as_known(delivery):
        delivery.available_at = until or delivery.available_at
        if delivery.error != reason.words:
            deliveries.explain(delivery, reason)


def _locked_as_known(delivery: Delivery) -> bool:
    """False when a callback came meanwhile."""
    known = delivery.status
    db.session.refresh(delivery, with_for_update=True)
    return delivery.status == known


def _channel_of(delivery: Delivery) -> Channel:
    """With its secrets, in one statement."""
    key = (tenancy.current_business_id(), delivery.channel_id)
    return db.session.get_one(
        Channel, key, options=[undefer(Channel.credentials_json)], execution_options=PREPARED
    )


# --- Sending


def _send(message: Outgoing, delivery: Delivery, line: Line) -> Turn:
    attempt, reads = _claim(delivery), delivery.reads
    if attempt is None:
        return DONE
    jobs.commit_step()
    try:
        sent = adapters.adapter(line.kind).send(line, message)
    except SendFailed as failed:
        return _note_failure(attempt, failed, line)
    _note_sent(attempt, sent, message.to)
    if reads:
        courtesies.mark(line, reads, Person(message.to))
    return DONE


@dataclass(frozen=True, slots=True)
class Attempt:
    """Its number is what tells a late answer of an earlier one."""

    delivery_id: int
    number: int


def _claim(delivery: Delivery) -> Attempt | None:
    """None when it isn't to be sent any more."""
    claimed = db.session.execute(
        update(Delivery)
        .where(
            Delivery.id == delivery.id,
            Delivery.attempts == delivery.attempts,
            Delivery.status.in_(("queued", "unknown")),
        )
        .values(status="sending", sending_at=now(), attempts=Delivery.attempts + 1)
        .returning(Delivery.attempts)
        .execution_options(synchronize_session=False, **PREPARED)
    ).scalar_one_or_none()
    return Attempt(delivery.id, claimed) if claimed is not None else None


def _note_sent(attempt: Attempt, sent: Sent, known: tuple[Address, ...]) -> None:
    """Also when another worker has this job by now: what was sent was sent."""
    delivery = Delivery.locked(attempt.delivery_id)
    if delivery is None:
        return
    if delivery.provider_id is None and sent.provider_id:
        delivery.provider_id = sent.provider_id
    if delivery.status in ("sending", "unknown"):
        delivery.status, delivery.sent_at = "sent", delivery.sent_at or now()
        deliveries.explain(delivery, refusing.HELD if sent.is_held else None)
    _learn(delivery, sent, known)
    unit_of_work.commit()


def _learn(delivery: Delivery, sent: Sent, known: tuple[Address, ...]) -> None:
    """By what else the provider knows this person."""
    place = {"channel_id": delivery.channel_id, "visitor_id": delivery.visitor_id}
    new = [
        {"kind": each.kind, "value": each.value, **place}
        for each in sent.addresses
        if each not in known
    ]
    if new:
        db.session.execute(insert(VisitorAddress).values(new).on_conflict_do_nothing())


def _note_failure(attempt: Attempt, failed: SendFailed, line: Line) -> Turn:
    """It surely wasn't taken, or nobody knows ("unknown")."""
    delivery = Delivery.locked(attempt.delivery_id)
    if delivery is None or delivery.attempts != attempt.number:
        return DONE
    if delivery.status not in ("sending", "unknown"):  # a callback knew better
        return DONE
    if failed.trouble == "reconnect" and _channel_of(delivery).credentials != line.credentials:
        failed = SendFailed("retry", failed.message)  # somebody has just done it
    turn = _after_failure(delivery, failed)
    aftermath.follow(delivery, failed)
    unit_of_work.commit()
    return turn


def _after_failure(delivery: Delivery, failed: SendFailed) -> Turn:
    reason = Reason.of(failed)
    if failed.trouble == "unknown":
        delivery.status = "unknown"
        deliveries.explain(delivery, reason)
        return Turn(doubt.held_until(delivery), holds=True)
    is_last = delivery.attempts >= MAX_ATTEMPTS and failed.trouble != "reconnect"
    if failed.trouble not in COMES_AGAIN or is_last:
        deliveries.end(delivery, "failed", reason)
        return DONE
    until = now() + _gap(delivery, failed)
    delivery.status, delivery.available_at = "queued", until
    deliveries.explain(delivery, reason)
    return Turn(until, holds=failed.trouble != "wait")


def _gap(delivery: Delivery, failed: SendFailed) -> timedelta:
    if failed.trouble == "reconnect":  # whoever mends the channel asks for it
        return timedelta()
    if failed.trouble == "wait":
        return A_DAY
    tries = delivery.attempts - 1
    if failed.code in PAIR_LIMITS:
        seconds = 4.0**tries
    else:
        seconds = min(2 * 4.0**tries, MAX_BACKOFF_SECONDS) * random.uniform(1, 1.25)  # noqa: S311
    return timedelta(seconds=max(seconds, failed.retry_after or 0))


# --- What may have been sent


def _look_at_unknown(delivery: Delivery) -> Turn:
    if now() < doubt.held_until(delivery):
        return Turn(doubt.held_until(delivery), holds=True)
    look_at = doubt.next_look(delivery)
    if look_at is None:
        return DONE
    channel = _channel_of(delivery)
    if channel.state == "broken" or not doubt.may_go_again(delivery):
        return Turn(look_at)
    addresses = VisitorAddress.of_visitor(delivery.visitor_id)
    if refusing.refusal(delivery, channel, addresses) is None:
        return _send_in_pace(delivery, channel, addresses)
    if _locked_as_known(delivery):
        delivery.trouble = "unknown"  # too late for another
    return DONE
