"""A channel that its provider refuses: it stops at once, and loudly. What is to be sent waits for its return."""

import logging

from flask import current_app
from sqlalchemy import func, select, update

from app.businesses.models import Business, Membership
from app.channels import deliveries
from app.channels.models import Channel, Delivery
from app.core import mail, realtime, tenancy
from app.core.db import now
from app.extensions import db

logger = logging.getLogger(__name__)


def break_channel(channel: Channel, why: str, code: str = "") -> None:
    """`why` says what to do, too. One mail to each owner, however often it is found broken."""
    db.session.flush()  # a refresh drops what was just found
    db.session.refresh(channel, with_for_update=True)
    if channel.state == "off":
        return
    logger.warning("channel %s is broken: %s %s", channel.id, code, why)
    is_new = channel.state != "broken"
    channel.state, channel.trouble = "broken", why
    if is_new:
        channel.broken_at = now()
        _tell_owners(channel, why)
    told(channel)


def mend(channel: Channel) -> None:
    """Active again, and what waited is due."""
    was_broken = channel.state != "active"
    channel.state, channel.trouble, channel.broken_at = "active", None, None
    told(channel)
    if was_broken:
        _send_what_waits(channel)


def told(channel: Channel) -> None:
    """Each page of the dashboard says how many are broken; it reads that with the business itself."""
    db.session.flush()
    broken = select(func.count()).where(Channel.state == "broken").scalar_subquery()
    here = Business.id == tenancy.current_business_id()
    db.session.execute(
        update(Business).where(here).values(broken_channels=broken),
        execution_options={"synchronize_session": False},
    )
    realtime.publish(f"business:{tenancy.current_business_id()}", name="channels", id=channel.id)


def _tell_owners(channel: Channel, why: str) -> None:
    business = db.session.get_one(Business, tenancy.current_business_id())
    for owner in Membership.owners():
        mail.send(
            "channel_broken",
            owner.email,
            language=owner.language,
            key=f"channel-broken {channel.id} {channel.broken_at} {owner.id}",
            business=business.name,
            channel=channel.name,
            why=why,
            url=f"{current_app.config['PUBLIC_URL']}/b/{business.slug}/settings/channels/{channel.id}",
        )


def _send_what_waits(channel: Channel) -> None:
    """Without a lock on any of it: whoever sends locks a delivery before its channel."""
    waiting = select(Delivery.visitor_id).where(
        Delivery.channel_id == channel.id, Delivery.status == "queued"
    )
    deliveries.ask_all(set(db.session.scalars(waiting)))
