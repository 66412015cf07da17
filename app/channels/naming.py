"""What people call themselves, asked of a provider whose messages don't say. A courtesy: whatever goes wrong is nobody's
matter."""

import logging
from datetime import timedelta

from app.channels import adapters, people
from app.channels.border import Address, Person, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel, VisitorAddress
from app.contacts.models import Visitor
from app.core import jobs, tenancy
from app.core.db import now
from app.extensions import db

logger = logging.getLogger(__name__)

NEW = timedelta(hours=1)  # whoever's name isn't told by then keeps it for themselves


def ask(channel: Channel, visitor: Visitor) -> None:
    is_new = now() - visitor.created_at < NEW
    if is_new and visitor.name is None and adapters.adapter(channel.kind).has_names:
        jobs.enqueue("channels.learn_name", channel.id, visitor.id, key=f"name-{visitor.id}")


def learn(channel_id: int, visitor_id: int) -> None:
    """The job."""
    business_id = tenancy.current_business_id()
    channel = db.session.get(Channel, (business_id, channel_id))
    addresses = VisitorAddress.of_visitor(visitor_id)
    if channel is None or channel.state != "active" or not addresses:
        return
    line = line_of(channel)
    known = tuple(Address(each.kind, each.value) for each in addresses)
    jobs.commit_step()  # no transaction stays open while the provider is asked
    try:
        name = adapters.adapter(line.kind).name_of(line, Person(known))
    except SendFailed as failed:
        logger.info("channel %s: it doesn't tell a name: %s", channel_id, failed)
        return
    visitor = db.session.get(Visitor, (business_id, visitor_id))
    if visitor is not None and name:
        people.introduce(visitor, Person(known, name))
