"""What Settings → Channels asks for, to connect a mailbox."""

from collections.abc import Mapping
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.channels.border import ConnectField

INTRO = _l(
    "Mails to your business’s address become conversations, and answers go out from that address, through your own mail provider. You need its server names and a password; many providers want an app password for this."
)
FIELDS = (
    ConnectField("address", _l("E-mail address"), _l("The one that customers write to."),
                 example="hello@willowandthyme.example", pattern=r"[^@\s]{1,64}@[^@\s]{1,190}"),
    ConnectField("name", _l("Name on your mails"), _l("What people see beside the address."), example=_l("Willow & Thyme")),
    ConnectField("smtp_host", _l("Outgoing server (SMTP)"), _l("With its port, if it isn’t 587."),
                 example="smtp.example.com:465", pattern=r"[A-Za-z0-9.-]{1,200}(:\d{1,5})?"),
    ConnectField("imap_host", _l("Incoming server (IMAP)"),
                 _l("With its port, if it isn’t 993. Leave it empty if your provider posts new mail to us instead."),
                 example="imap.example.com", is_optional=True, pattern=r"[A-Za-z0-9.-]{1,200}(:\d{1,5})?"),
    ConnectField("user", _l("User name"), _l("If it isn’t the address."), is_optional=True),
    ConnectField("password", _l("Password"), _l("Better one made for Frontdesk alone: an app password."), is_secret=True),
    ConnectField("secret", _l("Password for the webhook"),
                 _l("Only if you leave the incoming server empty: choose a long one, and give it to your provider."),
                 is_secret=True, is_optional=True, pattern=r"[!-~]{16,100}"),
    ConnectField("signature", _l("Signature"), _l("Under each answer."), is_optional=True, example=_l("Willow & Thyme, 12 Mill Lane")),
)  # fmt: skip
STEPS = (
    _l(
        "Look for “IMAP” or “other mail programs” in your provider’s help: it names the two servers."
    ),
    _l(
        "Google and Microsoft want an app password: make one in your account’s security settings, and use it here."
    ),
    _l(
        "New mail is fetched twice a minute from the inbox. What is there before you connect stays as it is."
    ),
)
HOOK_STEPS = (
    _l(
        "Only if you left the incoming server empty: let your provider (Postmark, SendGrid, Mailgun, or your own server) post each mail to this address as the full MIME message."
    ),
    "As user name write frontdesk, and as password the one you chose: most providers take them in the address, as "
    "https://frontdesk:password@….",
)


def facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    fetched = settings.get("imap_host") or _("posted to us by your provider")
    return [
        (_("Address"), str(settings.get("address", ""))),
        (_("Sent through"), str(settings.get("smtp_host", ""))),
        (_("Fetched from"), str(fetched)),
    ]
