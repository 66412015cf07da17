"""What a provider tells by itself about a channel or its account, and what follows from it. Safe to repeat."""

from collections.abc import Mapping
from dataclasses import asdict
from typing import Any

from app.channels import checks, trouble
from app.channels.border import Finding, Notice, SendFailed
from app.channels.message_templates import notices as template_notices
from app.channels.models import Channel
from app.core.db import now
from app.extensions import db
from app.lib.marking import kept

_MANAGER = kept("Open the account in Meta’s WhatsApp Manager to see what it asks of you.")
# An account's event: what the owner reads. Those in LOST end the channel until it is connected again.
EVENTS = {
    "ACCOUNT_VIOLATION": kept("Meta says that a message broke one of its rules."),
    "ACCOUNT_RESTRICTION": kept("Meta has restricted what this account may send."),
    "SCHEDULE_FOR_DISABLE": kept("Meta is going to close this account."),
    "DISABLE": kept("Meta has closed this account."),
    "ACCOUNT_DELETED": kept("The WhatsApp account was deleted at Meta."),
    "ACCOUNT_OFFBOARDED": kept("The number was taken out of the Cloud API."),
    "PARTNER_REMOVED": kept("Our access to the WhatsApp account was taken back at Meta."),
    "PARTNER_APP_UNINSTALLED": kept("Our app was removed from the WhatsApp account at Meta."),
}
LOST = (
    "DISABLE",
    "ACCOUNT_DELETED",
    "ACCOUNT_OFFBOARDED",
    "PARTNER_REMOVED",
    "PARTNER_APP_UNINSTALLED",
)
GROWTH = {
    "FLAGGED": kept("Many people blocked or reported this number: Meta has flagged it."),
    "DOWNGRADE": kept("You may write first to fewer people than before."),
}
SECURITY = {
    "PIN_CHANGED": kept("The two-step PIN of this number was changed."),
    "PIN_RESET_REQUEST": kept("Somebody asked Meta to remove the two-step PIN of this number."),
    "PIN_RESET_SUCCESS": kept("The two-step PIN of this number was removed."),
}


def note(channel: Channel, notice: Notice) -> None:
    if notice.kind.startswith("template_"):
        template_notices.note(channel, notice)
        return
    reader = _READERS.get(notice.kind)
    if reader is None:
        return
    for each in _concerned(channel, notice.about):
        reader(each, notice)
        checks.ask(each.id)
        trouble.told(each)


def note_refusal(channel: Channel, failed: SendFailed) -> None:
    """A message failed for a reason of the account's, which no check may be able to see: its page says so for
    some days. The channel is locked, as its page is changed by others too."""
    db.session.flush()
    db.session.refresh(channel, with_for_update=True)
    at = now()
    words = kept(
        "On %(day)s a message wasn’t delivered: %(message)s",
        day=f"{at.day} {at:%B}",
        message=failed.message,
    )
    found = Finding("", kept("Account"), "bad", words, failed.next_step)
    if any(each["words"] == words for each in channel.health):
        return
    _told(channel, Notice(f"refusal-{failed.code}", {}, at), found)
    checks.ask(channel.id)
    trouble.told(channel)


def _concerned(channel: Channel, about: Mapping[str, Any]) -> list[Channel]:
    """An account's notice concerns all of its numbers, one of a number that number alone."""
    account = str(about.get("account") or channel.settings.get("waba_id") or "")
    siblings = [
        each
        for each in Channel.connected()
        if each.state != "off" and account and each.settings.get("waba_id") == account
    ] or [channel]
    digits = _digits(about.get("display_phone_number"))
    if not digits:
        return siblings
    return [each for each in siblings if _digits(each.settings.get("display_number")) == digits]


def _quality(channel: Channel, notice: Notice) -> None:
    _limit(channel, notice)
    words = GROWTH.get(_word(notice, "event"), "")
    _told(channel, notice, _says(kept("Quality"), "warn", words, _MANAGER))


def _limit(channel: Channel, notice: Notice) -> None:
    tier = _word(notice, "max_daily_conversations_per_business") or _word(notice, "current_limit")
    if tier.startswith("TIER_"):
        channel.settings = {**channel.settings, "tier": tier}


def _account(channel: Channel, notice: Notice) -> None:
    event = _word(notice, "event")
    if event == "DISABLED_UPDATE":
        event = _inner(notice, "ban_info", "waba_ban_state")
    words = EVENTS.get(event, "")
    if event == "ACCOUNT_VIOLATION" and (
        kind := _inner(notice, "violation_info", "violation_type")
    ):
        words = kept(
            "%(words)s It is about: %(value)s.", words=words, value=kind.replace("_", " ").lower()
        )
    _told(channel, notice, _says(kept("Account"), "bad", words, _MANAGER))
    if event in LOST:
        trouble.break_channel(channel, f"{words} {_MANAGER}", event)


def _alert(channel: Channel, notice: Notice) -> None:
    info = notice.about.get("alert_info")
    told = info if isinstance(info, Mapping) else notice.about
    severity = str(told.get("alert_severity") or "WARNING")
    words = str(told.get("alert_description") or _first_error(notice.about))
    state = "bad" if severity == "CRITICAL" else "warn"
    said = (
        kept("Meta says: %(words)s", words=words) if words and severity != "INFORMATIONAL" else ""
    )
    _told(channel, notice, _says(kept("Alert"), state, said, _MANAGER))


def _review(channel: Channel, notice: Notice) -> None:
    is_refused = _word(notice, "decision") == "REJECTED"
    words = kept("Meta has looked at the account and refused it.") if is_refused else ""
    _told(channel, notice, _says(kept("Review"), "bad", words, _MANAGER))


def _security(channel: Channel, notice: Notice) -> None:
    fix = kept(
        "If that was nobody of yours, see who has access under Users in Meta’s Business settings."
    )
    words = SECURITY.get(_word(notice, "event"), "")
    _told(channel, notice, _says(kept("Security"), "warn", words, fix))


_READERS = {
    "number_quality": _quality,
    "capability": _limit,
    "account": _account,
    "alert": _alert,
    "review": _review,
    "security": _security,
}


def _says(label: str, state: str, words: str, fix: str) -> Finding:
    return Finding("", label, state, words, fix)


def _told(channel: Channel, notice: Notice, found: Finding) -> None:
    """Beside what checks find, for some days; without words what was told before is over."""
    key = f"{checks.NOTICE}{notice.kind}"
    others = [each for each in channel.health if each["key"] != key]
    told = asdict(found) | {"key": key, "at": notice.occurred_at.isoformat()}
    channel.health = [*others, told] if found.words else others


def _word(notice: Notice, name: str) -> str:
    return str(notice.about.get(name) or "")


def _inner(notice: Notice, outer: str, name: str) -> str:
    found = notice.about.get(outer)
    return str(found.get(name) or "") if isinstance(found, Mapping) else ""


def _first_error(about: Mapping[str, Any]) -> str:
    errors = about.get("errors")
    first = errors[0] if isinstance(errors, list) and errors else None
    return (
        str(first.get("title") or first.get("message") or "") if isinstance(first, Mapping) else ""
    )


def _digits(shown: object) -> str:
    return "".join(sign for sign in str(shown or "") if sign.isdigit())
