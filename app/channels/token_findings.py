"""How long a channel's access token is good for, in words."""

from datetime import UTC, datetime, timedelta

from app.channels.border import Finding
from app.lib.marking import kept

SOON = timedelta(days=14)
_RECONNECT = kept("Make a new access token and connect the channel again.")


def of_expiry(expires_at: datetime | None) -> Finding:
    if expires_at is None:
        return Finding("token", kept("Access token"), "good", kept("It doesn’t expire."))
    day = f"{expires_at.day} {expires_at:%B %Y}"
    if expires_at - datetime.now(UTC) < SOON:
        return Finding(
            "token",
            kept("Access token"),
            "warn",
            kept("It expires on %(day)s.", day=day),
            _RECONNECT,
        )
    return Finding(
        "token", kept("Access token"), "good", kept("It is good until %(day)s.", day=day)
    )
