"""Where a notification leads, and what it says: the same on the page, in an e-mail and in a browser."""

from flask import current_app

from app.businesses.models import Business
from app.core import tenancy
from app.extensions import db
from app.notifications.events import EVENTS
from app.notifications.models import Notification

PATHS = {"conversation": "inbox", "channel": "settings/channels"}


def business() -> Business:
    return db.session.get_one(Business, tenancy.current_business_id())


def path(slug: str, about: str) -> str:
    kind, _, thing_id = about.partition(" ")
    return f"/b/{slug}/{PATHS[kind]}/{thing_id}"


def link(slug: str, about: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}{path(slug, about)}"


def settings(slug: str) -> str:
    return f"{current_app.config['PUBLIC_URL']}/b/{slug}/settings/notifications/"


def headline(notification: Notification) -> str:
    event = EVENTS[notification.event]
    return str(event.headline) % {"who": notification.who}
