"""A channel as its adapter sees it."""

from flask import current_app

from app.channels.border import Line
from app.channels.models import Channel


def line_of(channel: Channel) -> Line:
    return Line(
        channel_id=channel.id,
        kind=channel.kind,
        external_id=channel.external_id or "",
        settings=dict(channel.settings),
        credentials=channel.credentials,
        hook_url=hook_url(channel),
    )


def hook_url(channel: Channel) -> str:
    """Where the provider sends what it hears: an address of its own, unless the app is the deployment's."""
    base = f"{current_app.config['PUBLIC_URL']}/hooks/{channel.kind}"
    return base if channel.settings.get("app") == "ours" else f"{base}/{channel.public_key}"
