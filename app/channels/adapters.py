"""Every channel's adapter, by kind. Adding one is a line here."""

from dataclasses import replace
from functools import cache
from importlib import import_module

from app.channels.border import Adapter, Limits
from app.channels.models import OWN

# kind: where its class is. Imported when first used: a provider's library costs memory.
PLACES: dict[str, str] = {
    "whatsapp": "app.channels.whatsapp.adapter.WhatsApp",
    "messenger": "app.channels.messenger.adapter.Messenger",
    "sms": "app.channels.sms.adapter.Sms",
    "email": "app.channels.email.adapter.Email",
}
MOST_OWN_BYTES = 10 * 1024 * 1024
_OFFICE = "application/vnd.openxmlformats-officedocument."
OWN_MEDIA = {
    "image": frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"}),
    "audio": frozenset({"audio/ogg", "audio/mpeg", "audio/mp4", "audio/aac", "audio/amr", "audio/wav"}),
    "document": frozenset({
        "application/pdf", "text/plain", "text/csv", "application/msword", "application/vnd.ms-excel",
        "application/vnd.ms-powerpoint", f"{_OFFICE}wordprocessingml.document",
        f"{_OFFICE}spreadsheetml.sheet", f"{_OFFICE}presentationml.presentation",
    }),
}  # fmt: skip
WORDS_ALONE = Limits(text=10_000, has_typing=True)
OWN_LIMITS = replace(
    WORDS_ALONE,
    caption=10_000,
    media={kind: (mimes, MOST_OWN_BYTES) for kind, mimes in OWN_MEDIA.items()},
)


@cache
def adapter(kind: str) -> Adapter:
    """Raises KeyError for a channel without a provider."""
    module, _, name = PLACES[kind].rpartition(".")
    made: Adapter = getattr(import_module(module), name)()
    return made


def limits(kind: str) -> Limits:
    if kind in PLACES:
        return adapter(kind).limits
    return OWN_LIMITS if kind in OWN else WORDS_ALONE
