"""How long a channel's access token is good for, in words."""

from datetime import UTC, datetime, timedelta

from app.channels.border import Finding

SOON = timedelta(days=14)
_RECONNECT = "Make a new access token and connect the channel again."


def of_expiry(expires_at: datetime | None) -> Finding:
    if expires_at is None:
        return Finding("token", "Access token", "good", "It doesn’t expire.")
    day = f"{expires_at.day} {expires_at:%B %Y}"
    if expires_at - datetime.now(UTC) < SOON:
        return Finding("token", "Access token", "warn", f"It expires on {day}.", _RECONNECT)
    return Finding("token", "Access token", "good", f"It is good until {day}.")
