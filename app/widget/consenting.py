"""The owner may want a visitor's consent before the first message: to which words it was given, and when, is
kept with the visitor."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask_babel import gettext as _

from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.channels.website_texts import spoken
from app.contacts import activities
from app.contacts.models import Visitor
from app.core.db import now
from app.core.errors import Invalid
from app.lib.marking import N_
from app.widget import requests

NEEDED = N_("Please agree to how this chat works first.")


@dataclass(frozen=True, slots=True)
class Agreed:
    version: int
    language: str
    text: str


def required(channel: Channel, uuid: UUID) -> Agreed | None:
    """What this request agrees to, for keep(). None where nothing is wanted, or it was given before. Raises
    Invalid (`consent_needed`) where it is still missing."""
    settings = WebsiteSettings.of(channel)
    if not settings.consent_required or _was_given(uuid, settings.consent_version):
        return None
    version, wanted = requests.consent()
    if version != settings.consent_version:
        raise Invalid(_(NEEDED), code="consent_needed")
    language = spoken(wanted)
    return Agreed(version, language, settings.said("consent", language, channel))


def keep(visitor: Visitor, agreed: Agreed | None) -> None:
    if agreed is None:
        return
    evidence: dict[str, Any] = {
        "version": agreed.version,
        "language": agreed.language,
        "text": agreed.text,
        "page": visitor.page,
        "at": now().isoformat(),
    }
    visitor.chat_consent = evidence
    activities.record(
        "chat.consent",
        visitor=visitor,
        actor="visitor",
        payload=evidence,
        source_key=f"chat-consent:{visitor.id}:{agreed.version}",
    )


def _was_given(uuid: UUID, version: int) -> bool:
    visitor = Visitor.by_uuid(uuid)
    given = visitor.chat_consent if visitor else None
    return bool(given) and given.get("version") == version  # type: ignore[union-attr]
