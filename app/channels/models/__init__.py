"""Channels, what came in through them, what went out and how far it got; templates and consents."""

from app.channels.models.attempts import ConnectAttempt
from app.channels.models.channels import (
    DEFAULT_COLOUR,
    DEFAULT_GREETING,
    OWN,
    Channel,
    ChannelRoute,
    business_of_key,
    new_public_key,
)
from app.channels.models.consents import Consent
from app.channels.models.deliveries import STATUSES, Delivery
from app.channels.models.templates import MessageTemplate, TemplateAccount
from app.channels.models.updates import LANES, ChannelUpdate, VisitorAddress

__all__ = [
    "DEFAULT_COLOUR",
    "DEFAULT_GREETING",
    "LANES",
    "OWN",
    "STATUSES",
    "Channel",
    "ChannelRoute",
    "ChannelUpdate",
    "ConnectAttempt",
    "Consent",
    "Delivery",
    "MessageTemplate",
    "TemplateAccount",
    "VisitorAddress",
    "business_of_key",
    "new_public_key",
]
