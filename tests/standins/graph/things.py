"""What Graph keeps: apps, tokens, business accounts, their numbers, templates and media."""

import hashlib
import hmac
from dataclasses import dataclass, field
from typing import Any

MESSAGING, MANAGEMENT = "whatsapp_business_messaging", "whatsapp_business_management"
PAGES = ("pages_messaging", "pages_manage_metadata", "pages_show_list")


@dataclass
class App:
    id: str
    secret: str
    verify_token: str
    name: str = "Front desk app"
    hook_url: str = ""
    fields: list[str] = field(default_factory=list)  # what it is told of; none: everything
    told_about: str = "whatsapp_business_account"

    def sign(self, body: bytes) -> str:
        return "sha256=" + hmac.new(self.secret.encode(), body, hashlib.sha256).hexdigest()

    def proof(self, token: str) -> str:
        return hmac.new(self.secret.encode(), token.encode(), hashlib.sha256).hexdigest()


@dataclass
class Token:
    value: str
    app: App
    nodes: set[str] = field(default_factory=set)  # ids of accounts and pages that it may touch
    scopes: tuple[str, ...] = (MESSAGING, MANAGEMENT)
    expires_at: float = 0  # 0: never
    is_valid: bool = True


@dataclass
class Template:
    id: str
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    parameter_format: str = "POSITIONAL"
    status: str = "PENDING"
    quality: str = "UNKNOWN"
    reason: str = "NONE"

    def as_json(self) -> dict[str, Any]:
        return {
            "id": self.id, "name": self.name, "status": self.status, "category": self.category,
            "language": self.language, "components": self.components,
            "parameter_format": self.parameter_format, "rejected_reason": self.reason,
            "quality_score": {"score": self.quality},
        }  # fmt: skip


@dataclass
class Waba:
    id: str
    name: str
    business_id: str
    country_prefix: str = "44"
    templates: dict[tuple[str, str], Template] = field(default_factory=dict)
    subscribed: dict[str, str] = field(default_factory=dict)  # app id: its own callback, or ""
    has_payment: bool = True
    shows_payment: bool = True  # only to partners, in truth
    status: str = "ACTIVE"
    created: list[float] = field(default_factory=list)  # when templates were made
    most_templates: int = 250


@dataclass
class Media:
    id: str
    body: bytes
    mime: str
    node: str  # whose token may have it
    sha256: str
    name: str = ""
    is_gone: bool = False


@dataclass
class Sent:
    """A message that was accepted. `person` is None where it went to nobody."""

    wamid: str
    sender: Any  # Number or Page
    person: Any
    to: str
    body: dict[str, Any]
    at: float
    statuses: list[str] = field(default_factory=list)

    @property
    def opaque(self) -> str:
        return str(self.body.get("biz_opaque_callback_data", ""))

    @property
    def type(self) -> str:
        return str(self.body.get("type", "text"))

    @property
    def text(self) -> str:
        """What is read, roughly."""
        inner = self.body.get(self.type) or {}
        if self.type == "template":
            return str(inner["name"])
        return str(
            inner.get("body", "") if self.type == "text"
            else inner.get("body", {}).get("text", "") if self.type == "interactive"
            else inner.get("caption", "")
        )  # fmt: skip


@dataclass(frozen=True)
class Hook:
    """A signed webhook as it is posted."""

    app: App
    body: bytes
    headers: dict[str, str]
    url: str = ""
