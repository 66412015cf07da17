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
from app.lib.marking import kept

HELD = Reason(
    "held",
    kept(
        "The provider holds this template back for a check of its quality. It goes out by itself if it passes."
    ),
)
BLOCKED = Reason(
    "blocked", kept("You blocked this person."), kept("Unblock them to write to them.")
)


def refusal(delivery: Delivery, channel: Channel, addresses: list[VisitorAddress]) -> Reason | None:
    visitor = db.session.get_one(Visitor, (tenancy.current_business_id(), delivery.visitor_id))
    if channel.state == "off":
        return Reason(
            "off",
            kept("%(name)s is disconnected.", name=channel.name),
            kept("Connect it again, then send this again."),
        )
    if visitor.blocked_at is not None:
        return BLOCKED
    if not addresses:
        return Reason("permanent", kept("No address of this person is known on this channel."))
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
    hours, provider = int(limits.window.total_seconds() // 3600), label(channel)
    if limits.has_templates:
        words = kept("More than %(hours)s hours had passed since the person’s last message, and %(provider)s takes only approved templates then.", hours=hours, provider=provider)  # fmt: skip
        next_step = kept("Send a template. When they answer, you can write freely again.")
    else:
        words = kept("More than %(hours)s hours had passed since the person’s last message, and %(provider)s takes nothing then.", hours=hours, provider=provider)  # fmt: skip
        next_step = kept("Wait until they write again.")
    return Reason("template", words, next_step)


def _no_file(delivery: Delivery) -> Reason | None:
    if outgoing.is_file_gone(delivery):
        return Reason("permanent", kept("Its file isn’t there any more."), kept("Attach it again."))
    return None


# --- Why it waits


def broken(channel: Channel) -> Reason:
    return Reason(
        "reconnect",
        kept(
            "It waits until %(name)s works again. %(trouble)s",
            name=channel.name,
            trouble=channel.trouble or "",
        ).strip(),
    )


def paced(channel: Channel, wait: Wait, pace: Pace) -> Reason:
    if wait.whose == "pair":
        limit = kept(
            "%(provider)s takes one message every %(pair_seconds)s seconds for one person.",
            provider=label(channel),
            pair_seconds=f"{pace.pair_seconds:g}",
        )
    else:
        limit = kept(
            "%(provider)s takes only so many messages a second (%(per_second)s), and many wait.",
            provider=label(channel),
            per_second=f"{pace.per_second:g}",
        )
    return Reason("pace", limit)


def pace_of(line: Line) -> Pace:
    limits = adapters.limits(line.kind)
    rate = line.settings.get("throughput") or limits.per_second
    return Pace(limits.pair_burst, limits.pair_seconds, float(rate))


def label(channel: Channel) -> str:
    return adapters.adapter(channel.kind).label
