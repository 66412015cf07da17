"""Making and setting up a business's channels."""

from app.channels.models import Channel, new_public_key
from app.channels.website import WebsiteSettings
from app.core import tenancy
from app.extensions import db


def create_first_channels(business_name: str) -> None:
    """Every business has its website chat and the owner's preview from the first minute."""
    business_id = tenancy.current_business_id()
    for kind in ("website", "preview"):
        db.session.add(
            Channel(kind=kind, name=business_name, public_key=new_public_key(business_id))
        )
    db.session.flush()


def update_website(
    colour: str, allowed_sites: list[str], settings: WebsiteSettings | None = None
) -> Channel:
    """The preview looks as the website's chat does."""
    website = Channel.of_kind("website")
    website.allowed_sites = allowed_sites
    for channel in (website, Channel.of_kind("preview")):
        channel.colour = colour
        if settings is not None:
            settings.keep_in(channel)
    db.session.flush()
    return website


def change_greeting(greeting: str) -> None:
    for kind in ("website", "preview"):
        Channel.of_kind(kind).greeting = greeting
    db.session.flush()
