"""What Settings → Channels asks for to connect WhatsApp by an app of the owner's, and says of a number."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.channels.border import ConnectField

INTRO = _l(
    "Customers write to your business’s number on WhatsApp, and your assistant answers there too. You need a Meta business account, a number that isn’t in use in the ordinary WhatsApp app, and some twenty minutes."
)
FIELDS = (
    ConnectField(
        "phone_number_id",
        _l("Phone number ID"),
        _l("Not the number itself: the long figure that Meta shows under it."),
        example="106540352242922",
        pattern="[0-9]{5,20}",
    ),
    ConnectField(
        "waba_id",
        _l("WhatsApp Business account ID"),
        _l("The account that the number belongs to."),
        example="102290129340398",
        pattern="[0-9]{5,20}",
    ),
    ConnectField(
        "access_token",
        _l("Access token"),
        _l("Of a system user, so that it doesn’t expire after a day."),
        is_secret=True,
    ),
    ConnectField(
        "app_secret",
        _l("App secret"),
        _l("It proves that what we are told really comes from Meta."),
        is_secret=True,
        pattern="[A-Za-z0-9-]{16,64}",
    ),
    ConnectField(
        "pin",
        _l("Two-step PIN"),
        _l(
            "Leave it empty, unless your number isn’t registered for the Cloud API yet: then choose six digits."
        ),
        is_secret=True,
        is_optional=True,
        pattern="[0-9]{6}",
    ),
)
STEPS = (
    _l(
        "On developers.facebook.com, make an app of the type Business, for Frontdesk alone, and add the product WhatsApp to it."
    ),
    _l(
        "Under WhatsApp → API setup, choose or add your number. Copy the phone number ID and the WhatsApp Business account ID that stand there."
    ),
    _l(
        "On business.facebook.com, under Settings → Users → System users, add a system user, assign it your app and your WhatsApp account, and generate a token that never expires, with the permissions whatsapp_business_messaging and whatsapp_business_management."
    ),
    _l("Back in the app, under App settings → Basic, show the app secret and copy it."),
    _l("Set the app live: while it is in development, only your own test numbers reach it."),
)
HOOK_STEPS = (
    _l(
        "We set this up at Meta by ourselves when you connect. If the line “Your webhook’s address” or “Messages to you” isn’t green, do it by hand:"
    ),
    _l(
        "In your app, under WhatsApp → Configuration, put in the address and the verify token below and press “Verify and save”."
    ),
    _l(
        "Under “Webhook fields” subscribe to messages, message_template_status_update, message_template_quality_update, template_category_update, phone_number_quality_update, account_update, account_alerts, security and user_preferences."
    ),
)
QUALITIES = {"GREEN": "high", "YELLOW": "medium", "RED": "low"}


def facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = [
        (_("Customers see"), settings.get("verified_name") or ""),
        (_("Quality"), QUALITIES.get(settings.get("quality", ""), "")),
        (_("Limit"), _tier(settings.get("tier") or "")),
        (_("Messages a second"), str(settings.get("throughput") or "")),
        (_("Also on your phone"), _("yes") if settings.get("is_coexistence") else ""),
        (
            _("Connected by"),
            _("Meta’s sign-in") if settings.get("app") == "ours" else _("an app of yours"),
        ),
    ]
    return [(label, words) for label, words in told if words]


def _tier(tier: str) -> str:
    size = tier.removeprefix("TIER_")
    if not size:
        return ""
    if size == "UNLIMITED":
        return _("as many people as you like")
    thousands = size.removesuffix("K")
    number = (
        f"{int(thousands) * (1000 if size.endswith('K') else 1):,}" if thousands.isdigit() else size
    )
    return _("%(number)s new people in 24 hours", number=number)
