"""What is asked for to connect a page, and where it is found."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.channels.border import ConnectField

INTRO = _l(
    "Customers write to your Facebook page on Messenger, and your assistant answers there too. You need a page that you manage, and some fifteen minutes."
)
FIELDS = (
    ConnectField(
        "page_id",
        _l("Page ID"),
        _l("A long figure: it stands on your page under About → Page transparency."),
        example="104857600000001",
        pattern="[0-9]{5,20}",
    ),
    ConnectField(
        "access_token",
        _l("Page access token"),
        _l("Of the page itself. A token of a person who manages it does as well."),
        is_secret=True,
    ),
    ConnectField(
        "app_secret",
        _l("App secret"),
        _l("It proves that what we are told really comes from Meta."),
        is_secret=True,
        pattern="[A-Za-z0-9-]{16,64}",
    ),
)
STEPS = (
    _l(
        "On developers.facebook.com, make an app of the type Business, for Frontdesk alone, and add the product Messenger to it."
    ),
    _l(
        "Under Messenger → Messenger API settings, connect your page and give it the permissions pages_messaging and pages_manage_metadata. Copy the page’s ID."
    ),
    _l("Press “Generate token” beside the page and copy what it shows: Meta shows it once."),
    _l("Under App settings → Basic, show the app secret and copy it."),
    _l(
        "Set the app live: while it is in development, only its own people can write to the page through it."
    ),
)
HOOK_STEPS = (
    _l(
        "We set this up at Meta by ourselves when you connect. If the line “Your webhook’s address” or “Messages to you” isn’t green, do it by hand:"
    ),
    _l(
        "In your app, under Messenger → Messenger API settings → Webhooks, put in the address and the verify token below and press “Verify and save”."
    ),
    _l(
        "Subscribe your page to messages, messaging_postbacks, message_echoes, message_deliveries, message_reads, messaging_referrals and message_reactions."
    ),
)


def facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    told = [
        (_("Page"), settings.get("page_name") or ""),
        (_("Page ID"), settings.get("page_id") or ""),
    ]
    return [(label, words) for label, words in told if words]
