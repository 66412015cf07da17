"""What every page of the dashboard shows around its content."""

from dataclasses import dataclass
from typing import Any

from flask import Flask, g, request, url_for
from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.assistant.models import Gap
from app.businesses.models import Membership
from app.channels.models import Channel
from app.conversations import inbox
from app.core.access import Permission, may
from app.knowledge.models import RegressionCase

# (label, icon, endpoint, permission); an area adds its line here
AREAS = (
    (_l("Start"), "house", "dashboard.start", Permission.SETTINGS_READ),
    (_l("Inbox"), "inbox", "conversations.index", Permission.INBOX_READ),
    (_l("Contacts"), "users", "contacts.index", Permission.CONTACTS_READ),
    (_l("Knowledge"), "book-open", "knowledge.index", Permission.KNOWLEDGE_READ),
    (_l("Assistant"), "sparkles", "persona.show", Permission.SETTINGS_READ),
    (_l("Settings"), "settings", "settings.website", Permission.SETTINGS_READ),
)
BAR = 4  # areas in the bar of a phone, beside the account; its menu has the others

PART_OF = {  # pages of another area
    "answering": "knowledge",
    "answers": "conversations",
    "automations": "settings",
    "bench": "persona",
    "bulk_actions": "conversations",
    "business": "settings",
    "callbacks": "conversations",
    "channels": "settings",
    "checks": "knowledge",
    "citations": "knowledge",
    "companies": "contacts",
    "consent": "conversations",
    "consents": "settings",
    "contact": "conversations",
    "contact_edits": "contacts",
    "contact_erasing": "contacts",
    "contact_exports": "contacts",
    "contact_fields": "settings",
    "contact_files": "contacts",
    "contact_imports": "contacts",
    "contact_merging": "contacts",
    "contact_parts": "contacts",
    "contact_tags": "contacts",
    "segments": "contacts",
    "conversation_templates": "conversations",
    "documents": "knowledge",
    "gaps": "knowledge",
    "ledger": "conversations",
    "lists": "conversations",
    "hand_off": "settings",
    "macro_runs": "conversations",
    "macros": "settings",
    "message_templates": "settings",
    "model": "persona",
    "notes": "knowledge",
    "notification_settings": "settings",
    "notifications": "conversations",
    "push": "settings",
    "rating_settings": "settings",
    "ratings": "conversations",
    "replies": "settings",
    "search": "knowledge",
    "searching": "conversations",
    "spending": "persona",
    "template_drafts": "settings",
    "upkeep": "knowledge",
    "websites": "knowledge",
    "whatsapp_signup": "settings",
    "while_writing": "conversations",
    "workflow": "conversations",
}

# (label, endpoint): the tabs of Knowledge; a page of it adds its line here and in PART_OF
KNOWLEDGE_TABS = (
    (_l("Sources"), "knowledge.index"),
    (_l("Gaps"), "gaps.index"),
    (_l("Checks"), "checks.index"),
    (_l("Try it"), "search.index"),
    (_l("Upkeep"), "upkeep.index"),
    (_l("Answering"), "answering.show"),
)
# (label, endpoint, permission): the tabs of Assistant, as those of Knowledge
ASSISTANT_TABS = (
    (_l("Persona"), "persona.show", Permission.SETTINGS_READ),
    (_l("Test bench"), "bench.index", Permission.KNOWLEDGE_WRITE),
    (_l("Model"), "model.show", Permission.SETTINGS_READ),
    (_l("Spending"), "spending.show", Permission.SETTINGS_READ),
)
# endpoint: (its number, where the number is asked for again, the signal after which it is)
TAB_COUNTS = {
    "gaps.index": (Gap.open_count, "gaps.badge", "gaps"),
    "checks.index": (RegressionCase.red_count, "checks.badge", "checks"),
}
TAB_TONES = {"checks.index": "red"}


def knowledge_tabs() -> list[dict[str, Any]]:
    return [_tab(label, endpoint) | tab_count(endpoint) for label, endpoint in KNOWLEDGE_TABS]


def assistant_tabs() -> list[dict[str, Any]]:
    return [
        _tab(label, endpoint) for label, endpoint, permission in ASSISTANT_TABS if may(permission)
    ]


def _tab(label: str, endpoint: str) -> dict[str, Any]:
    blueprint = (request.endpoint or "").partition(".")[0]
    is_current = endpoint.partition(".")[0] == blueprint
    return {"label": label, "url": url_for(endpoint), "is_current": is_current}


def tab_count(endpoint: str) -> dict[str, Any]:
    if endpoint not in TAB_COUNTS:
        return {}
    count, url, signal = TAB_COUNTS[endpoint]
    return {
        "count": count(),
        "count_url": url_for(url),
        "count_signal": signal,
        "count_tone": TAB_TONES.get(endpoint),
    }


@dataclass(frozen=True, slots=True)
class NavItem:
    label: str
    icon: str
    endpoint: str
    url: str
    is_current: bool
    badge: int = 0
    badge_url: str = ""
    badge_of: int = 0  # whose it is: what they have read is told to their pages alone
    badge_tone: str = ""  # red while somebody waits for a person


@dataclass(frozen=True, slots=True)
class BusinessLink:
    name: str
    url: str
    is_current: bool


def init_app(app: Flask) -> None:
    app.context_processor(_context)


def _context() -> dict[str, Any]:
    """Lazily: a fragment that shows no shell asks for none of it."""
    if g.get("member") is None:
        return {}
    return {
        "business": g.business,
        "businesses": _Lazy(_business_links),
        "nav": _Lazy(_nav),
        "knowledge_tabs": _Lazy(knowledge_tabs),
        "assistant_tabs": _Lazy(assistant_tabs),
        "bar_size": BAR,
        "waiting": inbox.Waiting(),
        "broken_channels": _Lazy(broken_channels),
    }


class _Lazy:
    """A list made when a template first walks it."""

    def __init__(self, make: Any) -> None:
        self._make = make
        self._items: list[Any] | None = None

    def _list(self) -> list[Any]:
        if self._items is None:
            self._items = self._make()
        return self._items

    def __iter__(self) -> Any:
        return iter(self._list())

    def __len__(self) -> int:
        return len(self._list())


def _nav() -> list[NavItem]:
    area = (request.endpoint or "").partition(".")[0]
    area = PART_OF.get(area, area)
    return [
        NavItem(
            label=label,
            icon=icon,
            endpoint=endpoint,
            url=url_for(endpoint),
            is_current=endpoint.partition(".")[0] == area,
            badge=inbox_badge() if endpoint == "conversations.index" else 0,
            badge_tone="red" if endpoint == "conversations.index" and inbox.Waiting() else "",
            badge_url=_badge_url() if endpoint == "conversations.index" else "",
            badge_of=current_user.id,
        )
        for label, icon, endpoint, permission in AREAS
        if may(permission)
    ]


def _badge_url() -> str:
    """Where a page has the list, the badge comes with that."""
    return "" if "shows_list" in g else url_for("conversations.badge")


def inbox_badge() -> int:
    """Who waits for a person counts until somebody comes, read or not."""
    if "inbox_badge" not in g:
        g.inbox_badge = max(inbox.unread_count(current_user.id), len(inbox.Waiting()))
    return int(g.inbox_badge)


def broken_channels() -> list[Channel]:
    """Counted with the business itself, so that there being none costs no query."""
    return Channel.broken() if g.business.broken_channels else []


def _business_links() -> list[BusinessLink]:
    return [
        BusinessLink(
            name=membership.business.name,
            url=url_for("dashboard.start", business_slug=membership.business.slug),
            is_current=membership.business_id == g.business.id,
        )
        for membership in Membership.all_of(current_user.id)
    ]
