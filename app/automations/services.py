"""Rules: made, changed, ordered, switched. Each change says anew which events are wanted."""

from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete as forget
from sqlalchemy import select, update

from app.accounts.models import User
from app.automations import by_hours, events, listening
from app.automations.models import KEPT, AutomationRule
from app.channels.models import Channel
from app.core import unit_of_work
from app.core.db import now
from app.core.errors import Conflict
from app.extensions import db

MOST = 100  # rules of a business
Parts = list[dict[str, Any]]


@dataclass(frozen=True, slots=True)
class Said:
    """A rule as somebody wants it, checked (reading.py)."""

    name: str
    event: str
    event_value: int = 0
    matching: str = "all"
    conditions: Parts = field(default_factory=list)
    actions: Parts = field(default_factory=list)
    stops: bool = False
    is_enabled: bool = True

    @property
    def content(self) -> dict[str, Any]:
        """What makes another version of it."""
        return {
            "event": self.event, "event_value": self.event_value, "matching": self.matching,
            "conditions": self.conditions, "actions": self.actions,
        }  # fmt: skip


def create(said: Said, by: User) -> AutomationRule:
    """At the end. Raises Conflict when there are too many."""
    forgotten = AutomationRule.deleted_at < now() - KEPT
    db.session.execute(forget(AutomationRule).where(forgotten))
    before = AutomationRule.all()
    if len(before) >= MOST:
        raise Conflict(_("%(count)s rules are the most. Delete one first.", count=MOST))
    last = max((each.position for each in before), default=0)
    rule = AutomationRule(
        name=said.name, stops=said.stops, is_enabled=said.is_enabled, position=last + 1,
        updated_by=by.id, **said.content,
    )  # fmt: skip
    db.session.add(rule)
    refresh()
    return rule


def change(rule: AutomationRule, said: Said, by: User) -> None:
    is_another = any(getattr(rule, name) != value for name, value in said.content.items())
    for name, value in said.content.items():
        setattr(rule, name, value)
    rule.version += is_another
    rule.name, rule.stops, rule.is_enabled = said.name, said.stops, said.is_enabled
    _touched(rule, by)


def switch(rule: AutomationRule, by: User, *, is_enabled: bool) -> None:
    rule.is_enabled = is_enabled
    _touched(rule, by)


def duplicate(rule: AutomationRule, by: User) -> AutomationRule:
    """Right behind it, switched off."""
    copy = Said(
        _("%(name)s (copy)", name=rule.name), rule.event, rule.event_value, rule.matching,
        rule.conditions, rule.actions, rule.stops, is_enabled=False,
    )  # fmt: skip
    made = create(copy, by)
    ordered = [each for each in AutomationRule.all() if each is not made]
    ordered.insert(ordered.index(rule) + 1, made)
    _number(ordered)
    return made


def delete(rule: AutomationRule, by: User) -> None:
    """It can come back. Safe to repeat."""
    rule.deleted_at = rule.deleted_at or now()
    _touched(rule, by)


def restore(rule: AutomationRule, by: User) -> None:
    """Where it stood. Safe to repeat."""
    rule.deleted_at = None
    _touched(rule, by)


def move(rule: AutomationRule, step: int) -> None:
    """Up (-1) or down (1) by one place; at the end nothing happens."""
    rules = AutomationRule.all()
    place = next((i for i, each in enumerate(rules) if each.id == rule.id), None)
    if place is None or not 0 <= place + step < len(rules):
        return
    rules.insert(place + step, rules.pop(place))
    _number(rules)


def refresh() -> None:
    """The business's channels know from then on which events any rule wants. Under their locks, so that of two changes at once
    the later sees both."""
    db.session.flush()
    locked = select(Channel.id).order_by(Channel.id).with_for_update(key_share=True)
    db.session.scalars(locked).all()
    unit_of_work.forget(listening.RULES)
    wanted = {rule.event for rule in listening.enabled()}
    mask = events.mask(wanted)
    db.session.execute(
        update(Channel).where(Channel.automated_on != mask).values(automated_on=mask)
    )
    if wanted & set(events.BY_HOURS):
        by_hours.start()


def _touched(rule: AutomationRule, by: User) -> None:
    rule.updated_at, rule.updated_by = now(), by.id
    refresh()


def _number(rules: list[AutomationRule]) -> None:
    for position, each in enumerate(rules, 1):
        each.position = position
