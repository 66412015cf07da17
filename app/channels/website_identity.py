"""The secret with which a website's owner signs who a visitor is. It stands in the channel's credentials, so it
is encrypted, and is shown once. A new one leaves the old valid for a day, as a site takes its time to change."""

import secrets
from datetime import datetime, timedelta

from app.channels.models import Channel
from app.core.db import now
from app.extensions import db

OLD_STAYS = timedelta(hours=24)
NEW, OLD, OLD_UNTIL = "identity", "identity_old", "identity_old_until"


def make(channel: Channel) -> str:
    """A new secret, to be shown now and never again."""
    db.session.refresh(channel, with_for_update=True)
    known = channel.credentials
    secret = secrets.token_hex(32)
    kept = {name: value for name, value in known.items() if name not in (NEW, OLD, OLD_UNTIL)}
    if NEW in known:
        kept |= {OLD: known[NEW], OLD_UNTIL: (now() + OLD_STAYS).isoformat()}
    channel.credentials = kept | {NEW: secret}
    db.session.flush()
    return secret


def forget(channel: Channel) -> None:
    """Nobody is known by a signature any more, at once."""
    db.session.refresh(channel, with_for_update=True)
    known = channel.credentials
    channel.credentials = {k: v for k, v in known.items() if k not in (NEW, OLD, OLD_UNTIL)}
    db.session.flush()


def valid(channel: Channel) -> list[str]:
    """With which a token may be signed at this moment, the newest first."""
    known = channel.credentials
    until = old_until(channel)
    return [each for each in (known.get(NEW), known.get(OLD) if until else None) if each]


def old_until(channel: Channel) -> datetime | None:
    """None when there is no older one, or its day is over."""
    text = channel.credentials.get(OLD_UNTIL)
    until = datetime.fromisoformat(text) if text else None
    return until if until and until > now() else None
