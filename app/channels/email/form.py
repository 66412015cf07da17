"""What Settings → Channels asks for, to connect a mailbox."""

from collections.abc import Mapping
from typing import Any

from app.channels.border import ConnectField

INTRO = (
    "Mails to your business’s address become conversations, and answers go out from that address, through your own "
    "mail provider. You need its server names and a password; many providers want an app password for this."
)
FIELDS = (
    ConnectField("address", "E-mail address", "The one that customers write to.",
                 example="hello@willowandthyme.example", pattern=r"[^@\s]{1,64}@[^@\s]{1,190}"),
    ConnectField("name", "Name on your mails", "What people see beside the address.", example="Willow & Thyme"),
    ConnectField("smtp_host", "Outgoing server (SMTP)", "With its port, if it isn’t 587.",
                 example="smtp.example.com:465", pattern=r"[A-Za-z0-9.-]{1,200}(:\d{1,5})?"),
    ConnectField("imap_host", "Incoming server (IMAP)",
                 "With its port, if it isn’t 993. Leave it empty if your provider posts new mail to us instead.",
                 example="imap.example.com", is_optional=True, pattern=r"[A-Za-z0-9.-]{1,200}(:\d{1,5})?"),
    ConnectField("user", "User name", "If it isn’t the address.", is_optional=True),
    ConnectField("password", "Password", "Better one made for Frontdesk alone: an app password.", is_secret=True),
    ConnectField("secret", "Password for the webhook",
                 "Only if you leave the incoming server empty: choose a long one, and give it to your provider.",
                 is_secret=True, is_optional=True, pattern=r"[!-~]{16,100}"),
    ConnectField("signature", "Signature", "Under each answer.", is_optional=True, example="Willow & Thyme, 12 Mill Lane"),
)  # fmt: skip
STEPS = (
    "Look for “IMAP” or “other mail programs” in your provider’s help: it names the two servers.",
    "Google and Microsoft want an app password: make one in your account’s security settings, and use it here.",
    "New mail is fetched twice a minute from the inbox. What is there before you connect stays as it is.",
)
HOOK_STEPS = (
    "Only if you left the incoming server empty: let your provider (Postmark, SendGrid, Mailgun, or your own server) post "
    "each mail to this address as the full MIME message.",
    "As user name write frontdesk, and as password the one you chose: most providers take them in the address, as "
    "https://frontdesk:password@….",
)


def facts(settings: Mapping[str, Any]) -> list[tuple[str, str]]:
    fetched = settings.get("imap_host") or "posted to us by your provider"
    return [
        ("Address", str(settings.get("address", ""))),
        ("Sent through", str(settings.get("smtp_host", ""))),
        ("Fetched from", str(fetched)),
    ]
