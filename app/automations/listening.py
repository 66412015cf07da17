"""On the way of every message: whether a rule wants to hear of it. One job per line that is wanted, and the timers of
those who wait."""

from datetime import datetime, timedelta

from app.automations import events
from app.automations.acting import is_acting
from app.automations.models import AutomationRule
from app.conversations import hearing
from app.conversations.models import Conversation, Message
from app.core import jobs, unit_of_work

RULES = "automation_rules"  # as unit_of_work keeps them
_IDLE = events.mask(events.IDLE)


@hearing.followed_by("incoming", "outgoing", "event")
def heard(conversation: Conversation, message: Message) -> None:
    """Where no rule wants it, this costs no statement."""
    wanted = conversation.channel.automated_on
    if not wanted or conversation.is_preview or is_acting():
        return
    if wanted & events.mask(events.of(message)):
        jobs.enqueue("automations.consider", conversation.id, message.id)
    if wanted & _IDLE:
        _start_timers(conversation, message)


def enabled() -> list[AutomationRule]:
    """In their order, read once in a transaction."""
    return unit_of_work.kept(
        RULES, lambda: [each for each in AutomationRule.all() if each.is_enabled]
    )


def ask_timer(rule: AutomationRule, conversation: Conversation, since: datetime) -> None:
    """One per rule and conversation. It looks how things are when its time comes, so nothing cancels it."""
    jobs.enqueue_next(
        "automations.idle", rule.id, conversation.id,
        at=since + timedelta(minutes=rule.event_value), key=f"automation-idle-{rule.id}-{conversation.id}",
    )  # fmt: skip


def _start_timers(conversation: Conversation, message: Message) -> None:
    name = _waited_for(message)
    since = events.idle_since(conversation, name) if name else None
    if since is None:
        return
    for rule in enabled():
        if rule.event == name:
            ask_timer(rule, conversation, since)


def _waited_for(message: Message) -> str:
    if message.kind == "outgoing":
        return "idle_them"
    begins = message.kind == "incoming" or message.body in events.BEGIN_WAITING
    return "idle_us" if begins else ""
