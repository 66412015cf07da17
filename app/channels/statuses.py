"""What the provider says of messages of ours. A status only moves forward, in whatever order it is told: shuffled,
doubled, before the request that sent the message has returned."""

import logging
from datetime import datetime, timedelta

from sqlalchemy import ColumnElement, func, select, tuple_

from app.channels import aftermath, deliveries
from app.channels.border import NotYetKnown, SendFailed, Status
from app.channels.deliveries import Reason
from app.channels.models import STATUSES, Channel, Delivery, VisitorAddress
from app.core.db import now
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib.marking import kept

logger = logging.getLogger(__name__)

RANK = {status: rank for rank, status in enumerate(STATUSES)}
MAY_FAIL = ("sending", "unknown", "sent")  # what has arrived hasn't failed
TIMES = {"sent": "sent_at", "delivered": "delivered_at", "read": "read_at", "played": "played_at"}
PASSED = {  # what a status says besides itself
    "sent": ("sent",),
    "delivered": ("sent", "delivered"),
    "read": ("sent", "delivered", "read"),
    "played": ("sent", "delivered", "read", "played"),
}
PATIENCE = timedelta(seconds=60)
UNSAID = SendFailed("permanent", kept("The provider couldn’t deliver this and doesn’t say why."))


def note(channel: Channel, status: Status) -> None:
    """Safe to repeat. Raises NotYetKnown: the request that sends the message may not have returned."""
    found = _meant(channel, status)
    if not found and status.upto is None:
        if now() - status.occurred_at < PATIENCE:
            raise NotYetKnown(f"{status.status} of {status.provider_id or status.token}")
        logger.info(
            "channel %s: a status of no message of ours: %s", channel.id, status.provider_id
        )
    for delivery in found:
        _note(delivery, status)


def _note(delivery: Delivery, status: Status) -> None:
    before = delivery.status
    if status.provider_id and delivery.provider_id is None:
        delivery.provider_id = status.provider_id
    if status.token == delivery.token:
        delivery.heard_at = delivery.heard_at or now()
    delivery.pricing = dict(status.pricing) if status.pricing else delivery.pricing
    if status.status == "failed":
        _fail(delivery, status.failure or UNSAID)
    elif status.status in TIMES and not delivery.is_over:
        _advance(delivery, status.status, status.occurred_at)
    if delivery.status != before and before in ("queued", "unknown"):  # others may wait for it
        deliveries.ask_next(delivery.visitor_id)


def _advance(delivery: Delivery, status: str, at: datetime) -> None:
    for passed in PASSED[status]:
        known = getattr(delivery, TIMES[passed])
        setattr(delivery, TIMES[passed], min(known, at) if known else at)
    if RANK[status] > RANK[delivery.status]:
        delivery.status = status
        deliveries.explain(delivery, None)


def _fail(delivery: Delivery, failed: SendFailed) -> None:
    if delivery.status not in MAY_FAIL:
        return
    deliveries.end(delivery, "failed", Reason.of(failed))
    aftermath.follow(delivery, failed)


# --- Which ones


def _meant(channel: Channel, status: Status) -> list[Delivery]:
    """Locked, in the order of their ids."""
    if status.upto is not None:
        return _upto(channel, status, status.upto)
    found = (
        _locked(channel, Delivery.provider_id == status.provider_id) if status.provider_id else []
    )
    if not found and status.token:
        found = _locked(channel, Delivery.token == status.token)
    return found


def _upto(channel: Channel, status: Status, upto: datetime) -> list[Delivery]:
    """What was sent to the person until then and hasn't got so far."""
    if status.person is None or status.status not in TIMES:
        return []
    addresses = [(each.kind, each.value) for each in status.person.addresses]
    theirs = select(VisitorAddress.visitor_id).where(
        VisitorAddress.channel_id == channel.id,
        tuple_(VisitorAddress.kind, VisitorAddress.value).in_(addresses),
    )
    earlier = [each for each in STATUSES[RANK["sent"] :] if RANK[each] < RANK[status.status]]
    return _locked(
        channel,
        Delivery.visitor_id.in_(theirs),
        Delivery.status.in_(earlier),
        # By the provider's clock when it has told us, else by the moment in which we asked.
        func.least(Delivery.sending_at, Delivery.sent_at) <= upto,
    )


def _locked(channel: Channel, *conditions: ColumnElement[bool]) -> list[Delivery]:
    query = select(Delivery).where(Delivery.channel_id == channel.id, *conditions)
    locked = query.order_by(Delivery.id).with_for_update()
    return list(db.session.scalars(locked.execution_options(populate_existing=True, **PREPARED)))
