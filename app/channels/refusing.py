"""Why a message isn't sent, looked at when it would be: the day may have changed since it was written."""

from app.channels import adapters, consents, outgoing
from app.channels.border import Line
from app.channels.deliveries import Reason
from app.channels.models import Channel, Delivery, VisitorAddress
from app.channels.pacing import Pace, Wait
from app.contacts.models import Visitor
from app.core import tenancy
from app.core.db import now
from app.extensions import db

HELD = Reason(
    "held",
    "The provider holds this template back for a check of its quality. It goes out by itself if it passes.",
)
BLOCKED = Reason("blocked", "You blocked this person.", "Unblock them to write to them.")
WINDOW = (
    "More than {hours} hours had passed since the person’s last message, and {label} takes only approved templates then.",
    "Send a template. When they answer, you can write freely again.",
)
NO_WINDOW = (WINDOW[0].split(",")[0] + ", and {label} takes nothing then.", "Wait until they write again.")  # fmt: skip


def refusal(delivery: Delivery, channel: Channel, addresses: list[VisitorAddress]) -> Reason | None:
    visitor = db.session.get_one(Visitor, (tenancy.current_business_id(), delivery.visitor_id))
    if channel.state == "off":
        return Reason(
            "off", f"{channel.name} is disconnected.", "Connect it again, then send this again."
        )
    if visitor.blocked_at is not None:
        return BLOCKED
    if not addresses:
        return Reason("permanent", "No address of this person is known on this channel.")
    words = consents.refusal(channel.kind, addresses, delivery.category)
    if words is not None:
        return Reason("opted_out", words)
    return _closed(delivery, channel, visitor) or _no_file(delivery)


def _closed(delivery: Delivery, channel: Channel, visitor: Visitor) -> Reason | None:
    """The time in which the channel takes free words."""
    limits = adapters.limits(channel.kind)
    if limits.window is None or delivery.content["type"] == "template":
        return None
    if visitor.window_until is not None and visitor.window_until > now():
        return None
    words, next_step = WINDOW if limits.has_templates else NO_WINDOW
    hours = int(limits.window.total_seconds() // 3600)
    return Reason("template", words.format(hours=hours, label=label(channel)), next_step)


def _no_file(delivery: Delivery) -> Reason | None:
    if outgoing.is_file_gone(delivery):
        return Reason("permanent", "Its file isn’t there any more.", "Attach it again.")
    return None


# --- Why it waits


def broken(channel: Channel) -> Reason:
    return Reason(
        "reconnect", f"It waits until {channel.name} works again. {channel.trouble or ''}".strip()
    )


def paced(channel: Channel, wait: Wait, pace: Pace) -> Reason:
    if wait.whose == "pair":
        limit = f"takes one message every {pace.pair_seconds:g} seconds for one person"
    else:
        limit = f"takes only so many messages a second ({pace.per_second:g}), and many wait"
    return Reason("pace", f"{label(channel)} {limit}.")


def pace_of(line: Line) -> Pace:
    limits = adapters.limits(line.kind)
    rate = line.settings.get("throughput") or limits.per_second
    return Pace(limits.pair_burst, limits.pair_seconds, float(rate))


def label(channel: Channel) -> str:
    return adapters.adapter(channel.kind).label
