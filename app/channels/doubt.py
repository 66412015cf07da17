"""Deliveries of which nobody knows whether the provider has them: how long others wait for one, when it is looked
at again, and the one rule by which it is sent again."""

from datetime import datetime, timedelta

from sqlalchemy import Text, cast, select, text

from app.channels.models import ChannelUpdate, Delivery
from app.channels.models.updates import IS_WAITING
from app.core.db import now
from app.extensions import db

HOLDS = timedelta(seconds=10)  # those behind it, for the order's sake
RESTS = timedelta(minutes=2)  # no attempt lives that long, and callbacks have had their time
LOOK_AGAIN = timedelta(seconds=30)
LONGEST = timedelta(hours=24)


def held_until(delivery: Delivery) -> datetime:
    return began(delivery) + HOLDS


def began(delivery: Delivery) -> datetime:
    return delivery.sending_at or delivery.created_at


def next_look(delivery: Delivery) -> datetime | None:
    """At one whose worker died, for a day; a callback needs no look."""
    age = now() - began(delivery)
    if delivery.trouble != "died" or age > LONGEST:
        return None
    return max(began(delivery) + RESTS, now() + max(LOOK_AGAIN, age / 4))


def may_go_again(delivery: Delivery) -> bool:
    """Its worker died, so it may never have been written; and callbacks flow: one of a later message on this
    channel has brought its token, while this one's hasn't come. Once: dead again, it is left alone."""
    if delivery.trouble != "died" or now() - began(delivery) < RESTS:
        return False
    heard = select(Delivery.id).where(
        Delivery.channel_id == delivery.channel_id,
        Delivery.sending_at > delivery.sending_at,
        Delivery.heard_at.is_not(None),
    )
    return bool(db.session.scalar(select(heard.exists()))) and not _is_told_of(delivery)


def _is_told_of(delivery: Delivery) -> bool:
    """Its callback waits to be read."""
    waiting = select(ChannelUpdate.id).where(
        ChannelUpdate.channel_id == delivery.channel_id,
        text(IS_WAITING),
        cast(ChannelUpdate.payload, Text).contains(delivery.token),
    )
    return bool(db.session.scalar(select(waiting.exists())))
