"""The one line that puts the chat on a website."""

from flask import current_app, url_for

from app.channels.models import Channel


def snippet(channel: Channel) -> str:
    """With the address that visitors reach us at, whatever name this request came by."""
    path = url_for("widget.loader_js", key=channel.public_key)
    return f'<script async src="{current_app.config["PUBLIC_URL"]}{path}"></script>'
