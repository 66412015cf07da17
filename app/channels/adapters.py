"""Every channel's adapter, by kind. Adding one is a line here."""

from functools import cache
from importlib import import_module

from app.channels.border import Adapter, Limits

# kind: where its class is. Imported when first used: a provider's library costs memory.
PLACES: dict[str, str] = {
    "whatsapp": "app.channels.whatsapp.adapter.WhatsApp",
    "messenger": "app.channels.messenger.adapter.Messenger",
    "sms": "app.channels.sms.adapter.Sms",
    "email": "app.channels.email.adapter.Email",
}
OWN_LIMITS = Limits(text=10_000, has_typing=True)


@cache
def adapter(kind: str) -> Adapter:
    """Raises KeyError for a channel without a provider."""
    module, _, name = PLACES[kind].rpartition(".")
    made: Adapter = getattr(import_module(module), name)()
    return made


def limits(kind: str) -> Limits:
    return adapter(kind).limits if kind in PLACES else OWN_LIMITS
