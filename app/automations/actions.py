"""What a rule or a macro may do. An action is {"what", "value"}; the value is text, or a list of it for members in
turn."""

import re
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.automations import catalogue, steps, turns, webhooks
from app.automations.conditions import refuse_unknown
from app.automations.seen import business_hours
from app.automations.steps import Doing, Verb
from app.businesses import hours
from app.conversations import (
    assigning,
    priorities,
    services,
    snoozing,
    tagging,
    variables,
)
from app.conversations.models import PRIORITIES, Conversation
from app.core.addresses import is_public, split_url
from app.core.db import now
from app.core.errors import FrontdeskError, Invalid
from app.lib import later

Part = dict[str, Any]
MAX_URL = 2000
SHOWN = 80  # characters of a text, in the sentence of a rule
UNTIL = {
    "reply": _l("they write"),
    "hour": _l("an hour later"),
    "three_hours": _l("three hours later"),
    "tomorrow": _l("tomorrow morning"),
    "next_week": _l("next week"),
    "opening": _l("opening hours begin"),
}
HOURS = {"hour": 1, "three_hours": 3}


@dataclass(frozen=True, slots=True)
class Action:
    """`phrase` says it whole. `field` is the input: one, many, text, tag, url or none."""

    label: Any
    phrase: Any
    verb: Verb
    check: Callable[[Any], None]
    field: str = "none"
    options: Callable[[], catalogue.Options] | None = None


def do(parts: Iterable[Part], doing: Doing) -> list[steps.Step]:
    """One after the other; one that speaks of what is gone isn't done, and says so."""
    found = [(said(part), _checked(part), part.get("value", "")) for part in parts]
    return steps.do(found, doing)


def _checked(part: Part) -> Verb:
    def verb(doing: Doing, value: Any, at: int) -> int | None:
        check(part)
        return ACTIONS[part["what"]].verb(doing, value, at)

    return verb


def said(part: Part) -> str:
    """ "add the tag “VIP”" """
    action, value = ACTIONS[part["what"]], part.get("value", "")
    known = dict(action.options()) if action.options else {}
    chosen = value if isinstance(value, list) else [value]
    unknown = _("(deleted)") if action.options else ""
    words = ", ".join(known.get(each, unknown or each) for each in chosen)
    words = part.get("new_tag") or words  # of a rule that is only tried
    words = shown_url(words) if action.field == "url" else words
    words = " ".join(words.split())
    return str(
        action.phrase % {"value": words if len(words) <= SHOWN else f"{words[: SHOWN - 1]}…"}
    )


def shown_url(url: str) -> str:
    """Whose it is: what stands behind the host is often a secret, and many read what a rule does."""
    host = re.match(r"(https?://)(?:[^/?#\\]*@)?([^/?#\\\s]*)", url, re.I)
    if host is None:
        return "…" if url else ""
    return "".join(host.groups()) + ("/…" if url[host.end() :].strip("/") else "")


def check(part: Part) -> None:
    """Raises Invalid for what can't be done, or not any more; its code is the input."""
    if part["what"] not in ACTIONS:
        raise Invalid(_("Choose what is to be done."), code="what")
    ACTIONS[part["what"]].check(part.get("value", ""))


def would(part: Part, conversation: Conversation, by: User | None = None) -> tuple[str, str]:
    """In words what it would do now, and why it couldn't. Nothing is done."""
    try:
        if "new_tag" not in part:
            check(part)
        if part["what"] not in ("reply", "note"):
            return said(part), ""
        is_reply = part["what"] == "reply"
        body = steps.filled(conversation, part["value"], by, is_for_customer=is_reply)
        if is_reply:
            steps.refuse(conversation, body)
        return said(part | {"value": body}), ""
    except FrontdeskError as refusal:
        return said(part), refusal.message


def until(value: str) -> datetime | None:
    """When a snooze ends that begins now. Raises Invalid."""
    if value in HOURS:
        return now() + timedelta(hours=HOURS[value])
    if value == "opening":
        at = business_hours().next_opening(now())
        if at is None:
            raise Invalid(_("No opening hours are known that could begin."))
        return at
    offered = {each.name: each.at for each in later.choices(now(), hours.zone())}
    return None if value == "reply" else offered.get(value, offered["tomorrow"])


def _chosen(options: Callable[[], catalogue.Options]) -> Callable[[Any], None]:
    return lambda value: refuse_unknown(value, options())


def _check_members(value: Any) -> None:
    known = catalogue.people()
    if not isinstance(value, list) or not value:
        raise Invalid(_("Choose at least one member."), code="value")
    if not all(each in known for each in value):
        raise Invalid(_("One of them can’t have conversations any more."), code="value")


def _check_text(value: Any) -> None:
    try:
        services.clean(str(value), services.MAX_REPLY_CHARACTERS)
        variables.refuse_unknown(value)
    except Invalid as refusal:
        raise Invalid(refusal.message, code="value") from None
    if any(not name.startswith("business.") for name in variables.without_fallback(value)):
        words = _("Say what stands there when it isn’t known, like {{ contact.first_name | there }}.")  # fmt: skip
        raise Invalid(words, code="value")


def _check_url(value: Any) -> None:
    try:
        target = split_url(str(value)[: MAX_URL + 1])
    except ValueError:
        raise Invalid(_("Write the whole address, like https://example.com/hook."), code="value") from None  # fmt: skip
    loopback = webhooks.ALLOW.permit_loopback_for_tests
    is_inside = target.address and not is_public(target.address, permit_loopback=loopback)
    if len(str(value)) > MAX_URL or is_inside:
        raise Invalid(_("This address isn’t on the public internet."), code="value")


def _check_nothing(_value: Any) -> None:
    """There is nothing to choose."""


def _until_options() -> catalogue.Options:
    return [(name, str(label)) for name, label in UNTIL.items()]


def _member(value: str) -> Any:
    return assigning.candidate(int(value))


ACTIONS: dict[str, Action] = {
    "assign": Action(
        _l("Assign it to a member"),
        _l("assign it to %(value)s"),
        lambda doing, value, _at: assigning.assign(doing.conversation, doing.by, _member(value)),
        _chosen(catalogue.people_options),
        "one",
        catalogue.people_options,
    ),
    "round_robin": Action(
        _l("Assign it in turn"),
        _l("assign it in turn to one of: %(value)s"),
        turns.assign,
        _check_members,
        "many",
        catalogue.people_options,
    ),
    "tag": Action(
        _l("Add a tag"),
        _l("add the tag “%(value)s”"),
        lambda doing, value, _at: tagging.add(doing.conversation, doing.by, int(value)),
        _chosen(catalogue.tag_options),
        "tag",
        catalogue.tag_options,
    ),
    "untag": Action(
        _l("Take away a tag"),
        _l("take away the tag “%(value)s”"),
        lambda doing, value, _at: tagging.remove(doing.conversation, doing.by, int(value)),
        _chosen(catalogue.tag_options),
        "one",
        catalogue.tag_options,
    ),
    "priority": Action(
        _l("Set the priority"),
        _l("set the priority to %(value)s"),
        lambda doing, value, _at: priorities.change(
            doing.conversation, doing.by, PRIORITIES.index(value)
        ),
        _chosen(catalogue.priority_options),
        "one",
        catalogue.priority_options,
    ),
    "reply": Action(
        _l("Reply to the customer"), _l("reply “%(value)s”"), steps.reply, _check_text, "text"
    ),
    "note": Action(
        _l("Leave a note for the team"),
        _l("leave the note “%(value)s”"),
        steps.note,
        _check_text,
        "text",
    ),
    "snooze": Action(
        _l("Snooze it"),
        _l("snooze it until %(value)s"),
        lambda doing, value, _at: snoozing.snooze(doing.conversation, doing.by, until(value)),
        _chosen(_until_options),
        "one",
        _until_options,
    ),
    "resolve": Action(
        _l("Resolve it"),
        _l("resolve it"),
        lambda doing, _value, _at: services.resolve(doing.conversation, doing.by),
        _check_nothing,
    ),
    "hand_off": Action(
        _l("Call a person"), _l("call a person"), steps.call_person, _check_nothing
    ),
    "webhook": Action(
        _l("Call a webhook"), _l("call %(value)s"), webhooks.ask, _check_url, "url"
    ),
}  # fmt: skip
