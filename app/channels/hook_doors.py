"""Who may speak at a webhook’s address, and whose channels it speaks of.

`/hooks/<kind>` is the installation’s own: its app or account serves many businesses, and `channel_routes` says whose
a number or page is. `/hooks/<kind>/<key>` is an owner’s: the key of one of their channels names the business, and
so the secret. An app of their own may speak of several numbers: those that are connected with the same secret.

An owner’s door is remembered for some seconds, so that its secret isn’t opened for each request.
"""

import time
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from flask import current_app
from sqlalchemy import or_, select
from sqlalchemy.orm import undefer

from app.channels.border import THIS_CHANNEL
from app.channels.models import Channel, ChannelRoute, business_of_key
from app.core import tenancy
from app.extensions import db

KEPT_SECONDS = 10
ANEW_SECONDS = 1  # what doesn’t fit a remembered door is looked up anew, so often at most
MAX_DOORS = 1000
SECRETS = ("app_secret", "auth_token")
OURS = {
    "whatsapp": {"app_secret": "META_APP_SECRET", "verify_token": "META_VERIFY_TOKEN"},
    "messenger": {"app_secret": "META_APP_SECRET", "verify_token": "META_VERIFY_TOKEN"},
    "email": {"secret": "INBOUND_MAIL_SECRET"},
}
ACCOUNT = "_account"  # a route’s kind for what several channels share: a WhatsApp business account


@dataclass(frozen=True, slots=True)
class Place:
    business_id: int
    channel_id: int


@dataclass(frozen=True, slots=True)
class Door:
    kind: str
    credentials: dict[str, str]
    business_id: int | None = None  # None: our own door, for all businesses
    channel_id: int | None = None
    accounts: dict[str, int] = field(default_factory=dict)
    opened: float = field(default_factory=time.monotonic)

    @property
    def is_fresh(self) -> bool:
        return time.monotonic() - self.opened < ANEW_SECONDS


def ours(kind: str) -> Door | None:
    """None where the installation has no such app."""
    names = OURS.get(kind, {})
    credentials = {name: str(current_app.config[setting]) for name, setting in names.items()}
    return Door(kind, credentials) if credentials and all(credentials.values()) else None


def remembered(kind: str, key: str) -> Door | None:
    door: Door | None = _doors().get((kind, key))
    return door if door and time.monotonic() - door.opened < KEPT_SECONDS else None


def look_up(kind: str, key: str) -> Door | None:
    """Reads the database, and remembers. None when there is no such channel, or it is off."""
    business_id = business_of_key(key)
    if business_id is None:
        return None
    with tenancy.business_scope(business_id):
        door = _read(kind, key, business_id)
    doors = _doors()
    doors.pop((kind, key), None)
    if door is not None:
        while len(doors) >= MAX_DOORS:
            del doors[next(iter(doors))]
        doors[kind, key] = door
    return door


def places(door: Door, accounts: Iterable[str]) -> dict[str, Place]:
    """Whose each account is, of those that are known here."""
    if door.business_id is None and door.kind == "email":
        return {key: place for key in accounts if (place := _by_key(key))}
    if door.business_id is None:
        return _routed(door.kind, set(accounts))
    known = door.accounts
    return {
        account: Place(door.business_id, known[account]) for account in accounts if account in known
    }


def _by_key(key: str) -> Place | None:
    """Of a mail to <key>@ the installation’s own mail domain."""
    business_id = business_of_key(key)
    if business_id is None:
        return None
    with tenancy.business_scope(business_id):
        found = Channel.by_key(key)
    is_taken = found is not None and found.kind == "email" and found.state != "off"
    return Place(business_id, found.id) if found and is_taken else None


def _doors() -> dict[tuple[str, str], Door]:
    return current_app.extensions.setdefault("hook_doors", {})


def _read(kind: str, key: str, business_id: int) -> Door | None:
    query = select(Channel).where(Channel.kind == kind, Channel.state != "off")
    found = db.session.scalars(query.options(undefer(Channel.credentials_json))).all()
    named = next((each for each in found if each.public_key == key), None)
    if named is None:
        return None
    credentials = _credentials(named)
    served = [each for each in found if each is named or _has_same_app(credentials, each)]
    return Door(kind, credentials, business_id, named.id, _accounts(named, served))


def _credentials(channel: Channel) -> dict[str, str]:
    """With ours for a channel that was connected through our own app."""
    door = ours(channel.kind) if channel.settings.get("app") == "ours" else None
    return channel.credentials | (door.credentials if door else {})


def _has_same_app(credentials: dict[str, str], channel: Channel) -> bool:
    theirs = _credentials(channel)
    return any(credentials.get(name) and credentials[name] == theirs.get(name) for name in SECRETS)


def _accounts(named: Channel, served: list[Channel]) -> dict[str, int]:
    """Channels by their own name; and an account that several share by its first that works."""
    first = sorted(served, key=lambda each: (each.state != "active", each is not named, each.id))
    shared = {
        str(each.settings["waba_id"]): each.id
        for each in reversed(first)
        if "waba_id" in each.settings
    }
    named_by_address = {THIS_CHANNEL: named.id}
    return (
        named_by_address
        | shared
        | {each.external_id: each.id for each in served if each.external_id}
    )


def _routed(kind: str, accounts: set[str]) -> dict[str, Place]:
    route: Any = ChannelRoute
    found = db.session.execute(
        select(route.kind, route.external_id, route.business_id, route.channel_id).where(
            or_(route.kind == kind, route.kind == kind + ACCOUNT), route.external_id.in_(accounts)
        )
    ).all()
    found = sorted(found, key=lambda row: row.kind == kind)  # a channel’s own name wins
    return {row.external_id: Place(row.business_id, row.channel_id) for row in found}
