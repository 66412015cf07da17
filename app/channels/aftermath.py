"""What follows from a failure beyond its own message."""

from app.channels import consents, notices, trouble
from app.channels.border import SendFailed
from app.channels.models import Channel, Delivery
from app.contacts.models import Visitor
from app.core import tenancy
from app.extensions import db


def follow(delivery: Delivery, failed: SendFailed) -> None:
    """The channel is broken, or its account is in arrears, or the person wants no more. In the transaction that notes the failure; safe to
    repeat."""
    business_id = tenancy.current_business_id()
    channel = db.session.get_one(Channel, (business_id, delivery.channel_id))
    if failed.trouble == "reconnect":
        why = f"{failed.message}\n{failed.next_step}".strip()
        trouble.break_channel(channel, why, failed.code)
    elif failed.trouble == "billing":
        notices.note_refusal(channel, failed)
    elif failed.trouble == "opted_out":
        visitor = db.session.get_one(Visitor, (business_id, delivery.visitor_id))
        consents.note_error(channel, visitor, delivery, failed.code)
