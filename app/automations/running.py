"""An event meets the rules. In a job of its own, in one transaction: what was done and that it was done are kept
together, so a job that is cut off does it once when it comes back."""

from collections.abc import Iterable
from datetime import timedelta

from flask_babel import gettext as _
from sqlalchemy import delete, func, select
from sqlalchemy.dialects.postgresql import insert

from app.automations import acting, actions, conditions, events, listening
from app.automations.events import Event
from app.automations.models import KEPT, AutomationRule, AutomationRun
from app.automations.seen import Seen
from app.automations.steps import Doing
from app.contacts import tags
from app.conversations.models import Conversation, Message
from app.core import tenancy
from app.core.db import now
from app.core.errors import Invalid
from app.extensions import db
from app.lib import names

MOST_AN_HOUR = 20  # runs in one conversation
HOUR = timedelta(hours=1)


def consider(conversation_id: int, message_id: int) -> None:
    """The job: a line was added."""
    message = db.session.get(Message, (tenancy.current_business_id(), message_id))
    conversation = Conversation.in_inbox(conversation_id)
    if conversation is None or message is None:
        return
    rules = listening.enabled()
    for name in events.of(message):
        event = Event(name, f"{name}-{message.id}", message.created_at, message)
        if not meet(conversation, event, rules):
            return


def idle(rule_id: int, conversation_id: int) -> None:
    """The job of a timer: how things are by now decides."""
    rule = next((each for each in listening.enabled() if each.id == rule_id), None)
    conversation = Conversation.in_inbox(conversation_id)
    if rule is None or rule.event not in events.IDLE or conversation is None:
        return
    since = events.idle_since(conversation.lock(), rule.event)
    if since is None:
        return
    if since + timedelta(minutes=rule.event_value) > now() + timedelta(seconds=1):
        listening.ask_timer(rule, conversation, since)
        return
    meet(conversation, Event(rule.event, f"{rule.event}-{conversation.id}-{since.isoformat()}", now()), [rule])  # fmt: skip


def meet(conversation: Conversation, event: Event, rules: Iterable[AutomationRule]) -> bool:
    """False when a rule said that no later one shall look."""
    conversation.lock()
    if conversation.visitor.blocked_at is not None:
        return True
    for rule in rules:
        if is_about(rule, event) and _try(rule, conversation, event) and rule.stops:
            return False
    return True


def is_about(rule: AutomationRule, event: Event) -> bool:
    if rule.event != event.name:
        return False
    if rule.event != "tagged" or not rule.event_value:
        return True
    tag = tags.by_id(rule.event_value)
    return tag is not None and names.key(tag.name) == names.key(event.tag)


def trouble(rule: AutomationRule) -> str:
    """Why it can't be tried: something that it speaks of was deleted. "" when all is there."""
    try:
        if rule.event == "tagged" and rule.event_value and tags.by_id(rule.event_value) is None:
            return _("The tag that it waits for was deleted.")
        for part in rule.conditions:
            conditions.check(part)
        for part in rule.actions:
            actions.check(part)
    except Invalid as refusal:
        return refusal.message
    return ""


def _try(rule: AutomationRule, conversation: Conversation, event: Event) -> bool:
    """Whether it acted."""
    why_not = trouble(rule)
    if why_not:
        _log(rule, conversation, event, "broken", why_not)
        return False
    verdict = conditions.look(rule.conditions, rule.matching, Seen(conversation, event))
    if not verdict.is_met:
        return False
    if _count(conversation) >= MOST_AN_HOUR:
        words = _("Rules acted here %(count)s times within an hour: this looks like a loop.", count=MOST_AN_HOUR)  # fmt: skip
        _log(rule, conversation, event, "limited", words)
        return False
    run = _begin(rule, conversation, event)
    if run is None:
        return False
    run.conditions = [each.as_json() for each in verdict.conditions]
    _act(rule, conversation, event, run)
    return True


def _act(
    rule: AutomationRule, conversation: Conversation, event: Event, run: AutomationRun
) -> None:
    doing = Doing(
        conversation, rule, f"rule-{run.id}", event=event.name, message=event.message, run_id=run.id
    )
    with acting.by_itself():
        done = actions.do(rule.actions, doing)
    run.steps = [each.as_json() for each in done]
    run.outcome = "partly" if any(each.why_not for each in done) else "done"
    db.session.flush()


def _begin(rule: AutomationRule, conversation: Conversation, event: Event) -> AutomationRun | None:
    """None when this version of the rule has met the event before."""
    made = insert(AutomationRun).values(**_row(rule, conversation, event))
    run_id = db.session.scalar(made.on_conflict_do_nothing().returning(AutomationRun.id))
    if run_id is None:
        return None
    db.session.execute(delete(AutomationRun).where(AutomationRun.created_at < now() - KEPT))
    return db.session.get_one(AutomationRun, (tenancy.current_business_id(), run_id))


def _log(
    rule: AutomationRule, conversation: Conversation, event: Event, outcome: str, words: str
) -> None:
    """Why nothing was done."""
    steps = [{"words": "", "why_not": words, "call_id": None}]
    row = _row(rule, conversation, event) | {"outcome": outcome, "steps": steps}
    db.session.execute(insert(AutomationRun).values(**row).on_conflict_do_nothing())


def _row(rule: AutomationRule, conversation: Conversation, event: Event) -> dict[str, object]:
    return {
        "rule_id": rule.id, "rule_version": rule.version, "conversation_id": conversation.id,
        "event": event.name, "event_key": event.key, "created_at": now(),
    }  # fmt: skip


def _count(conversation: Conversation) -> int:
    acted = select(func.count()).where(
        AutomationRun.conversation_id == conversation.id,
        AutomationRun.created_at > now() - HOUR,
        AutomationRun.outcome.in_(("done", "partly")),
    )
    return db.session.scalar(acted) or 0
