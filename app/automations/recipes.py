"""Rules to begin with: each opens the form filled in, and nothing is saved before its owner says so."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.automations.catalogue import tags
from app.automations.typed import Row, Typed


@dataclass(frozen=True, slots=True)
class Recipe:
    label: Any
    text: Any
    make: Callable[[], Typed]


def _out_of_hours() -> Typed:
    words = _("Thank you for your message! We’re closed just now and will answer when we open. Today we are open: {{ business.hours_today | see our website }}.")  # fmt: skip
    return Typed(
        _("Reply out of hours"), "started",
        conditions=[Row("hours", "", "closed")], actions=[Row("reply", words)],
    )  # fmt: skip


def _vip() -> Typed:
    tag = next((each for each, name in tags().items() if name.casefold() == "vip"), "")
    return Typed(
        _("Important customers to one of us"), "message",
        conditions=[Row("contact_tag", tag, "has"), Row("assignee", "nobody", "is")],
        actions=[Row("round_robin", []), Row("priority", "high")],
    )  # fmt: skip


def _snooze() -> Typed:
    return Typed(
        _("Snooze what waits for the customer"), "idle_them", amount="4", unit="hours",
        conditions=[Row("state", "person", "is")], actions=[Row("snooze", "reply")],
    )  # fmt: skip


def _by_word() -> Typed:
    return Typed(
        _("Tag questions about invoices"), "message",
        conditions=[Row("text", _("invoice, bill, payment, refund"), "contains")],
        actions=[Row("tag", _("Billing"))],
    )  # fmt: skip


def _escalate() -> Typed:
    return Typed(
        _("Nobody waits longer than 15 minutes"), "idle_us", amount="15",
        conditions=[Row("hours", "", "open")],
        actions=[Row("priority", "urgent"), Row("hand_off", "")],
    )  # fmt: skip


RECIPES = {
    "out-of-hours": Recipe(_l("Reply out of hours"), _l("Say when you open to whoever begins to write while you are closed."), _out_of_hours),
    "vip": Recipe(_l("Assign important customers"), _l("Whoever has a tag like VIP gets one of you at once."), _vip),
    "snooze": Recipe(_l("Snooze until they reply"), _l("What waits for the customer leaves your list until they write."), _snooze),
    "by-word": Recipe(_l("Tag by a word"), _l("Invoices, refunds, appointments: sorted as they come."), _by_word),
    "escalate": Recipe(_l("Escalate after 15 minutes"), _l("Who still waits for an answer becomes urgent, and a person is called."), _escalate),
}  # fmt: skip
