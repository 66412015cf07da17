"""A WhatsApp account at Meta: its tokens, its numbers, who is told of what happens there."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from flask import current_app

from app.channels import meta_apps
from app.channels.border import SendFailed
from app.channels.graph import Access, call
from app.lib.phones import NotPhone, normal

SENDING, MANAGING = "whatsapp_business_messaging", "whatsapp_business_management"
SCOPES = (SENDING, MANAGING)
FIELDS = (
    "messages", "message_template_status_update", "message_template_quality_update",
    "template_category_update", "phone_number_quality_update", "business_capability_update",
    "account_update", "account_alerts", "account_review_update", "security", "user_preferences",
)  # fmt: skip
ACCOUNTS = "whatsapp_business_account"  # what an app is told about
COEXISTENCE_FIELDS = ("history", "smb_app_state_sync", "smb_message_echoes")
_NUMBER_FIELDS = (
    "id,display_phone_number,verified_name,quality_rating,whatsapp_business_manager_messaging_limit,"
    "throughput,platform_type,is_on_biz_app,name_status,health_status"
)
PER_SECOND = {"STANDARD": 80, "HIGH": 1000}
PHONE_APP_PER_SECOND = 20  # a number that stays in the phone's app
PAYMENT_TROUBLE = 141006


@dataclass(frozen=True, slots=True)
class NumberFacts:
    number_id: str
    display_number: str  # E.164
    verified_name: str
    quality: str  # GREEN, YELLOW, RED, UNKNOWN
    tier: str
    throughput: int  # messages a second
    is_registered: bool
    is_on_phone: bool  # in the WhatsApp Business app too
    name_status: str
    troubles: tuple[str, ...] = ()  # Meta's words of what stands in the way
    has_payment_trouble: bool = False

    def as_settings(self) -> dict[str, Any]:
        """As they stand in a channel's settings."""
        return {
            "display_number": self.display_number, "verified_name": self.verified_name,
            "quality": self.quality, "tier": self.tier, "throughput": self.throughput,
            "is_coexistence": self.is_on_phone,
        }  # fmt: skip


@dataclass(frozen=True, slots=True)
class Granted:
    token: str = field(repr=False)
    expires_at: datetime | None


def exchange_code(code: str) -> Granted:
    """What Embedded Signup brought, for a token. By the deployment's own app."""
    config = current_app.config
    params = {
        "client_id": config["META_APP_ID"], "client_secret": config["META_APP_SECRET"], "code": code,
    }  # fmt: skip
    said = call(Access(""), "GET", "oauth/access_token", params=params)
    seconds = said.get("expires_in")
    expires_at = datetime.now(UTC) + timedelta(seconds=seconds) if seconds else None
    return Granted(str(said.get("access_token", "")), expires_at)


def number_of(access: Access, number_id: str) -> NumberFacts:
    return _number(call(access, "GET", number_id, params={"fields": _NUMBER_FIELDS}))


def numbers_of(access: Access, waba_id: str) -> list[NumberFacts]:
    params = {"fields": _NUMBER_FIELDS, "limit": 100}
    said = call(access, "GET", f"{waba_id}/phone_numbers", params=params)
    return [_number(each) for each in said.get("data") or []]


def _number(said: Mapping[str, Any]) -> NumberFacts:
    level = (said.get("throughput") or {}).get("level", "")
    is_on_phone = bool(said.get("is_on_biz_app"))
    errors = list(_health_errors(said))
    return NumberFacts(
        number_id=str(said.get("id", "")),
        display_number=_e164(str(said.get("display_phone_number", ""))),
        verified_name=str(said.get("verified_name", "")),
        quality=str(said.get("quality_rating") or "UNKNOWN"),
        tier=str(said.get("whatsapp_business_manager_messaging_limit") or ""),
        throughput=PHONE_APP_PER_SECOND if is_on_phone else PER_SECOND.get(level, 80),
        is_registered=said.get("platform_type", "CLOUD_API") == "CLOUD_API",
        is_on_phone=is_on_phone,
        name_status=str(said.get("name_status") or ""),
        troubles=tuple(str(each.get("error_description", "")) for each in errors),
        has_payment_trouble=any(each.get("error_code") == PAYMENT_TROUBLE for each in errors),
    )


def _health_errors(said: Mapping[str, Any]) -> list[dict[str, Any]]:
    entities = (said.get("health_status") or {}).get("entities") or []
    return [error for entity in entities for error in entity.get("errors") or []]


def _e164(shown: str) -> str:
    """Meta shows numbers with spaces and brackets, mostly with a plus."""
    try:
        return normal(f"+{shown.strip().removeprefix('+')}", None)
    except NotPhone:
        return shown


def payment_of(access: Access, waba_id: str) -> str:
    """ok, missing, or unknown: Meta tells it to partners alone."""
    try:
        said = call(access, "GET", waba_id, params={"fields": "primary_funding_id"})
    except SendFailed as failed:
        if failed.trouble == "retry":
            raise
        return "unknown"
    return "ok" if said.get("primary_funding_id") else "missing"


def name_of(access: Access, waba_id: str) -> str:
    return str(call(access, "GET", waba_id, params={"fields": "id,name"}).get("name", ""))


def subscribe(access: Access, waba_id: str, callback_url: str = "", verify_token: str = "") -> None:
    """Have the token's app told of what happens at the account; at an address of its own where one is given,
    which Meta asks at once with the verify token."""
    own = {"override_callback_uri": callback_url, "verify_token": verify_token}
    call(access, "POST", f"{waba_id}/subscribed_apps", json=own if callback_url else {})


def unsubscribe(access: Access, waba_id: str) -> None:
    call(access, "DELETE", f"{waba_id}/subscribed_apps")


def subscribed_apps(access: Access, waba_id: str) -> dict[str, str]:
    """The apps that are told, by id, each with its own callback or ""."""
    said = call(access, "GET", f"{waba_id}/subscribed_apps")
    return {
        str((each.get("whatsapp_business_api_data") or {}).get("id", "")):
            str(each.get("override_callback_uri") or "")
        for each in said.get("data") or []
    }  # fmt: skip


def set_app_webhook(
    app_id: str, app_secret: str, url: str, verify_token: str, *, is_coexistence: bool = False
) -> None:
    """Where an owner's own app tells what it hears, and of what; Meta asks the address at once. One of its other
    numbers may stay in the phone's app: what it is told for that stays."""
    known = () if is_coexistence else meta_apps.fields_of(app_id, app_secret, ACCOUNTS)
    wanted = tuple(each for each in COEXISTENCE_FIELDS if is_coexistence or each in known)
    meta_apps.set_webhook(
        app_id, app_secret, ACCOUNTS, FIELDS + wanted, url=url, verify_token=verify_token
    )


def register(access: Access, number_id: str, pin: str) -> None:
    """For the Cloud API, with six digits that its owner must know again. Not for a number that stays in the
    phone's app."""
    body = {"messaging_product": "whatsapp", "pin": pin}
    call(access, "POST", f"{number_id}/register", json=body)


def smb_app_data(access: Access, number_id: str, sync_type: str) -> None:
    """Of a number that stays in the phone's app, within a day of connecting and once each:
    smb_app_state_sync (its contacts) and history."""
    body = {"messaging_product": "whatsapp", "sync_type": sync_type}
    call(access, "POST", f"{number_id}/smb_app_data", json=body)
