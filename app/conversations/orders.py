"""What members ask for in the inbox, read from a form: to one conversation or to many the same way."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime

from flask_babel import gettext as _

from app.accounts.models import User
from app.conversations import assigning, priorities, services, snoozing, tagging
from app.conversations.models import PRIORITIES, Conversation
from app.core.db import now
from app.core.errors import Invalid
from app.core.translating import spoken
from app.lib import later

Verb = Callable[[Conversation, User], None]
UNTIL_REPLY, TYPED = "reply", "typed"  # beside the choices of later.py
MAX_DIGITS = 18  # fits a bigint


@dataclass(frozen=True, slots=True)
class Order:
    """`one` says that it is done; `many` of how many."""

    what: str
    verb: Verb
    one: str
    many: str

    def said(self, count: int) -> str:
        return self.one if count == 1 else self.many.format(count=count)


def read(what: str, typed: Mapping[str, str], zone: str) -> Order:
    """Raises Invalid."""
    if what not in READERS:
        raise Invalid(_("This can’t be done here."), code="what")
    return READERS[what](typed, zone)


def _resolve(_typed: Mapping[str, str], _zone: str) -> Order:
    return Order(
        "resolve", services.resolve, _("Resolved."), _("{count} conversations are resolved.")
    )


def _reopen(_typed: Mapping[str, str], _zone: str) -> Order:
    return Order(
        "reopen", services.reopen, _("Reopened."), _("{count} conversations are open again.")
    )


def _wake(_typed: Mapping[str, str], _zone: str) -> Order:
    many = _("{count} conversations aren’t snoozed any more.")
    return Order("wake", snoozing.wake, _("The snooze is over."), many)


def _snooze(typed: Mapping[str, str], zone: str) -> Order:
    until = _until(typed, zone)
    when = later.in_words(until, now(), zone) if until else _("they reply")
    return Order(
        "snooze",
        lambda conversation, by: snoozing.snooze(conversation, by, until),
        _("Snoozed until %(when)s.", when=when),
        _("{count} conversations are snoozed until %(when)s.", when=when),
    )


def _until(typed: Mapping[str, str], zone: str) -> datetime | None:
    choice = typed.get("choice", "")
    if choice == UNTIL_REPLY:
        return None
    if choice == TYPED:
        at = later.typed(typed.get("until", ""), zone)
        if at is None:
            raise Invalid(_("Choose a date and a time."), code="until")
        return at
    at = next((each.at for each in later.choices(now(), zone) if each.name == choice), None)
    if at is None:
        raise Invalid(_("Choose until when."), code="until")
    return at


def _assign(typed: Mapping[str, str], _zone: str) -> Order:
    """Without a member nobody has it."""
    to = assigning.candidate(_number(typed.get("user_id", ""))) if typed.get("user_id") else None
    return Order(
        "assign",
        lambda conversation, by: assigning.assign(conversation, by, to),
        _("Assigned to %(name)s.", name=to.name) if to else _("Nobody has it now."),
        _("{count} conversations are assigned to %(name)s.", name=_plain(to.name))
        if to
        else _("Nobody has these {count} conversations now."),
    )


def _tag(typed: Mapping[str, str], _zone: str) -> Order:
    name = tagging.clean(typed.get("tag", ""))
    return Order(
        "tag",
        lambda conversation, by: tagging.add(conversation, by, name),
        _("Tagged “%(name)s”.", name=name),
        _("{count} conversations are tagged “%(name)s”.", name=_plain(name)),
    )


def _untag(typed: Mapping[str, str], _zone: str) -> Order:
    tag_id = _number(typed.get("tag_id", ""))
    return Order(
        "untag",
        lambda conversation, by: tagging.remove(conversation, by, tag_id),
        _("The tag is taken away."),
        _("The tag is taken away from {count} conversations."),
    )


def _priority(typed: Mapping[str, str], _zone: str) -> Order:
    priority = _number(typed.get("priority", ""))
    if priority >= len(PRIORITIES):
        raise Invalid(_("Choose one of the priorities."), code="priority")
    name = spoken(PRIORITIES[priority])
    return Order(
        "priority",
        lambda conversation, by: priorities.change(conversation, by, priority),
        _("The priority is %(name)s.", name=name),
        _("The priority of {count} conversations is %(name)s.", name=name),
    )


def _number(text: str) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS):
        raise Invalid(_("Choose one from the list."), code="choice")
    return int(text)


def _plain(name: str) -> str:
    """For a sentence that is filled in."""
    return name.replace("{", "{{").replace("}", "}}")


READERS: dict[str, Callable[[Mapping[str, str], str], Order]] = {
    "resolve": _resolve,
    "reopen": _reopen,
    "wake": _wake,
    "snooze": _snooze,
    "assign": _assign,
    "tag": _tag,
    "untag": _untag,
    "priority": _priority,
}
