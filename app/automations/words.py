"""A rule in a sentence."""

import re
from functools import cache

from flask_babel import gettext as _
from flask_babel import ngettext

from app.automations import actions, catalogue, conditions, events
from app.automations.catalogue import tags
from app.automations.models import AutomationRule
from app.core.errors import Invalid
from app.core.translating import ENGLISH, language, speaking, spoken

_VALUE = "%(value)s"


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


def kept(words: str) -> str:
    """A part of a rule as the log keeps it, in English: in the language that is spoken."""
    if language() == ENGLISH:
        return words
    if words in _whole():
        return str(_whole()[words])
    for pattern, phrase in _with_value():
        if found := pattern.fullmatch(words):
            return str(phrase) % {"value": _whole().get(found[1], found[1])}
    return spoken(words)


@cache
def _with_value() -> list[tuple[re.Pattern[str], object]]:
    """The longest first."""
    known = [(said.split(_VALUE), phrase) for said, phrase in _phrases() if said.count(_VALUE) == 1]
    known.sort(key=lambda each: -len("".join(each[0])))
    return [
        (re.compile(f"{re.escape(before)}(.*){re.escape(after)}", re.S), phrase)
        for (before, after), phrase in known
        if before or after
    ]


@cache
def _whole() -> dict[str, object]:
    """What can be chosen, and what has no value, by its English."""
    choices = (
        actions.UNTIL, catalogue.STATES, catalogue.LANGUAGES, catalogue.URGENCY, catalogue.WHETHER,
        catalogue.CHANNELS,
    )  # fmt: skip
    with speaking(ENGLISH):
        offered = {str(label): label for each in choices for label in each.values()}
    return offered | {said: phrase for said, phrase in _phrases() if _VALUE not in said}


@cache
def _phrases() -> list[tuple[str, object]]:
    phrases = [each.phrase for each in actions.ACTIONS.values()]
    phrases += [each for kind in conditions.KINDS.values() for each in kind.phrases.values()]
    with speaking(ENGLISH):
        return [(str(each), each) for each in phrases]
