"""What the page asks of whoever connects a number, and what it says of it afterwards."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.channels.border import ConnectField
from app.lib import phones

INTRO = _l(
    "Text messages through your own Twilio account. Each message is paid for, there and back."
)
FIELDS = (
    ConnectField(
        "account_sid", _l("Account SID"), _l("On the first page of Twilio’s console."),
        example="AC0123456789abcdef0123456789abcdef", pattern=r"AC[0-9a-f]{32}",
    ),
    ConnectField("auth_token", _l("Auth token"), _l("Below the account SID."), is_secret=True),
    ConnectField(
        "sender", _l("Number or messaging service"),
        _l("A number of that account with its country code, or the SID of a messaging service."),
        example="+442079460018", pattern=r"\+[1-9]\d{6,14}|MG[0-9a-f]{32}",
    ),
)  # fmt: skip
STEPS = (
    _l("Log in to Twilio’s console. Its first page shows the account SID and the auth token."),
    _l(
        "Under Phone numbers → Active numbers choose a number that can do SMS; buy one if there is none."
    ),
    _l("US numbers must be registered first (A2P 10DLC), or carriers drop what you send."),
)
HOOK_STEPS = (
    _l("We enter this address at Twilio ourselves; what stood there before is replaced."),
    _l(
        "If your account doesn’t let us: open the number, and under “A message comes in” choose Webhook, this address, and HTTP POST. For a messaging service it is under Integration."
    ),
)


def facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    number = settings.get("number")
    can_mms = settings.get("can_mms")
    found = [(_("Number"), phones.shown(number) if number else _("of a messaging service"))]
    if can_mms is not None:
        found.append(
            (_("Pictures"), _("can be sent and received") if can_mms else _("can’t be sent"))
        )
    return [*found, (_("Twilio account"), str(settings.get("account_sid", "")))]
