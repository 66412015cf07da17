"""A channel as its adapter sees it."""

from app.channels.border import Line
from app.channels.models import Channel


def line_of(channel: Channel) -> Line:
    return Line(
        channel_id=channel.id,
        kind=channel.kind,
        external_id=channel.external_id or "",
        settings=dict(channel.settings),
        credentials=channel.credentials,
    )
