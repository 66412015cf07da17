"""Channels as their owner reads them: the list, the page of one, what is wrong with them."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.channels import checks
from app.channels.adapters import PLACES, adapter
from app.channels.border import Adapter, Finding, Limits
from app.channels.lines import hook_url
from app.channels.models import Channel
from app.core.translating import spoken

TONES = {"good": "green", "warn": "amber", "bad": "red"}
STATES = {
    "active": (_l("Connected"), "green", "circle-check"),
    "broken": (_l("Not working"), "red", "circle-alert"),
    "off": (_l("Disconnected"), "neutral", "circle"),
}


@dataclass(frozen=True, slots=True)
class Shown:
    """A channel on its page and in the list."""

    channel: Channel
    provider: Adapter
    findings: list[Finding]

    @property
    def state(self) -> tuple[str, str, str]:
        """Words, tone, icon."""
        if self.channel.state == "active" and self.channel.checked_at is None:
            return _("Being checked"), "blue", "refresh-cw"
        if self.channel.state == "active" and self.worst is not None:
            return _("Connected, look at it"), "amber", "triangle-alert"
        return STATES[self.channel.state]

    @property
    def worst(self) -> Finding | None:
        return next((each for each in self.findings if each.state != "good"), None)

    @property
    def is_own_app(self) -> bool:
        return self.provider.has_hook and self.channel.settings.get("app") != "ours"

    @property
    def has_handshake(self) -> bool:
        return type(self.provider).answer_handshake is not Adapter.answer_handshake

    @property
    def verified_at(self) -> datetime | None:
        """When the provider last asked our address whether it is the right one (channels/hooks.py notes it)."""
        seen = self.channel.settings.get("hook_seen")
        return datetime.fromisoformat(seen) if seen else None

    @property
    def facts(self) -> list[tuple[str, str]]:
        return self.provider.facts(self.channel.settings)

    @property
    def rules(self) -> str:
        return rules(self.provider.limits)


@dataclass(frozen=True, slots=True)
class Notice:
    tone: str
    title: str
    text: str
    channel_id: int


def shown(channel: Channel) -> Shown:
    return Shown(channel, adapter(channel.kind), checks.health(channel))


def connectable() -> list[Adapter]:
    return [each for each in map(adapter, PLACES) if each.fields]


def warnings() -> list[Notice]:
    """For the start page: what somebody has to do. A broken channel stands on every page already."""
    return [
        Notice(TONES[found.state], f"{each.name}: {spoken(found.label)}", said(found), each.id)
        for each in Channel.connected()
        if each.state == "active"
        for found in checks.health(each)
        if found.state == "bad" or found.key in ("token", "payment")
        if found.state != "good"
    ]


def said(finding: Finding) -> str:
    return f"{spoken(finding.words)} {spoken(finding.fix)}".strip()


def rules(limits: Limits) -> str:
    """When one may write, and that it costs, in a sentence."""
    told = []
    if limits.window is not None:
        hours = round(limits.window / timedelta(hours=1))
        told.append(
            _(
                "You may write for %(hours)s hours after a customer’s last message, after that only with a template.",
                hours=hours,
            )
            if limits.has_templates
            else _(
                "You may write for %(hours)s hours after a customer’s last message.", hours=hours
            )
        )
    if limits.costs:
        told.append(_("Each message may cost you something at the provider."))
    return " ".join(told)


def webhook(channel: Channel) -> tuple[str, str]:
    """Its address, and the word that the provider says at its first visit."""
    return hook_url(channel), channel.credentials.get("verify_token", "")
