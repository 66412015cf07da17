"""A rule in a sentence."""

from flask_babel import gettext as _
from flask_babel import ngettext

from app.automations import actions, conditions, events
from app.automations.catalogue import tags
from app.automations.models import AutomationRule
from app.core.errors import Invalid


def sentence(rule: AutomationRule) -> str:
    """ "When a customer writes, if you are closed and it comes by WhatsApp: reply “…”, add the tag “…”." """
    values = {"event": begins(rule.event, rule.event_value), "actions": done(rule.actions)}
    if not rule.conditions:
        return _("When %(event)s: %(actions)s.", **values)
    joiner = _(" or ") if rule.matching == "any" else _(" and ")
    asked = joiner.join(_asked(part) for part in rule.conditions)
    return _("When %(event)s, if %(conditions)s: %(actions)s.", conditions=asked, **values)


def begins(event: str, value: int = 0) -> str:
    """What it begins with, with its time or its tag."""
    if event == "tagged" and value:
        return _("the tag “%(tag)s” is added", tag=tags().get(str(value), _("(deleted)")))
    if event == "idle_us":
        return _("a customer has waited %(time)s for our answer", time=_time(value))
    if event == "idle_them":
        return _("a customer hasn’t written for %(time)s after our answer", time=_time(value))
    return str(events.EVENTS[event])


def done(parts: list[dict[str, object]]) -> str:
    return ", ".join(actions.said(part) for part in parts)


def _asked(part: dict[str, object]) -> str:
    try:
        return conditions.said(part)
    except Invalid:
        return _("(deleted)")


def _time(minutes: int) -> str:
    if minutes and minutes % 60 == 0:
        return ngettext("%(num)s hour", "%(num)s hours", minutes // 60)
    return ngettext("%(num)s minute", "%(num)s minutes", minutes)
