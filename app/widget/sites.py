"""On whose pages a chat may stand."""

import re

from app.channels.models import Channel

# A host with or without scheme, port and leading `*.`; nothing that could end the policy's directive.
SITE = re.compile(r"(https?://)?(\*\.)?[a-z0-9.-]+(:\d+)?", re.I)
ORIGIN = re.compile(
    r"https?://[a-z0-9.\-\[\]:]{1,260}", re.I
)  # as long as a host and its port can be


def frame_ancestors(channel: Channel, *, is_hosted: bool = False) -> str:
    """The value of the policy's directive. The owner's preview stands in our own dashboard alone; a chat with
    a page of its own stands there too."""
    if channel.is_preview:
        return "'self'"
    if not channel.allowed_sites:
        return "*"
    sites = [site for site in channel.allowed_sites if SITE.fullmatch(site)]
    return " ".join(["'self'"] * is_hosted + sites) or "'none'"


def plain_origin(text: str) -> str:
    """The page around the frame, as its loader names it; empty when it isn't an origin."""
    return text if ORIGIN.fullmatch(text) else ""
