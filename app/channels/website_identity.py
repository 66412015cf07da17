"""The secret with which a website's owner signs who a visitor is. It stands in the channel's credentials, so it
is encrypted, and is shown once. A new one leaves the ones before valid for a day, as a site takes its time to change,
and a page that is loaded again makes one more."""

import secrets
from datetime import datetime, timedelta

from app.channels.models import Channel
from app.core.db import now
from app.extensions import db

OLD_STAYS = timedelta(hours=24)
NEW, OLD = "identity", "identity_old"
MOST_OLD = 5


def make(channel: Channel) -> str:
    """A new secret, to be shown now and never again."""
    db.session.refresh(channel, with_for_update=True)
    known = channel.credentials
    secret = secrets.token_hex(32)
    old = _still_valid(channel)
    if NEW in known:
        old = [(known[NEW], now() + OLD_STAYS), *old][:MOST_OLD]
    lines = "\n".join(f"{each} {until.isoformat()}" for each, until in old)
    channel.credentials = known | {NEW: secret, OLD: lines}
    db.session.flush()
    return secret


def forget(channel: Channel) -> None:
    """Nobody is known by a signature any more, at once."""
    db.session.refresh(channel, with_for_update=True)
    known = channel.credentials
    channel.credentials = {k: v for k, v in known.items() if k not in (NEW, OLD)}
    db.session.flush()


def valid(channel: Channel) -> list[str]:
    """With which a token may be signed at this moment, the newest first."""
    newest = channel.credentials.get(NEW)
    return [*([newest] if newest else []), *(secret for secret, _until in _still_valid(channel))]


def old_until(channel: Channel) -> datetime | None:
    """None when there is no older one, or its day is over."""
    return next((until for _secret, until in _still_valid(channel)), None)


def _still_valid(channel: Channel) -> list[tuple[str, datetime]]:
    """Those before, each with the end of its day; the newest first."""
    lines = (line.partition(" ") for line in channel.credentials.get(OLD, "").splitlines())
    kept = [(secret, datetime.fromisoformat(until)) for secret, _gap, until in lines if until]
    return [each for each in kept if each[1] > now()]
