"""The language model of a business's own, as its settings name it."""

import hashlib
from collections import OrderedDict

from flask import current_app

from app.assistant.language_models.openai_compatible import OpenAICompatible
from app.assistant.models import AssistantSettings
from app.assistant.prices import Price
from app.core.crypto import CryptoError
from app.core.http import Allow

MAX_KEPT = 256  # of a process; each knows what its endpoint can't take
_PORTS = range(1, 65536)
OUTSIDE = Allow(ports=_PORTS, schemes={"https"})
INSIDE_TOO = Allow(ports=_PORTS, permit_private=True)


def of(settings: AssistantSettings) -> OpenAICompatible | None:
    """None while the address or the model is missing."""
    if not settings.own_base_url or not settings.own_model:
        return None
    price = price_of(settings.own_read_price, settings.own_written_price)
    return at(settings.own_base_url, settings.own_model, key_of(settings), price)


def at(base_url: str, model: str, key: str, price: Price | None) -> OpenAICompatible:
    """One a process for each endpoint, model, key and price."""
    kept: OrderedDict[object, OpenAICompatible]
    kept = current_app.extensions.setdefault("own_models", OrderedDict())
    allow = allowed()
    wanted = (base_url, model, hashlib.sha256(key.encode()).digest(), price, allow.permit_private)
    found = kept.pop(wanted, None) or OpenAICompatible(
        base_url, model, key, price=price, allow=allow
    )
    kept[wanted] = found
    while len(kept) > MAX_KEPT:
        kept.popitem(last=False)
    return found


def allowed() -> Allow:
    return INSIDE_TOO if current_app.config["OWN_MODEL_PRIVATE_ADDRESSES"] else OUTSIDE


def key_of(settings: AssistantSettings) -> str:
    """ "" for none, and for one that no secret of the deployment opens any more: the endpoint says so."""
    try:
        return settings.own_key or ""
    except CryptoError:
        return ""


def price_of(read: float | None, written: float | None) -> Price | None:
    """What comes from an endpoint's cache is counted as the rest: it tells no price of its own."""
    if read is None or written is None:
        return None
    return Price(read, written, from_cache=read, into_cache=read)
