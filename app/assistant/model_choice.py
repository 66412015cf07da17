"""Which language model a business has chosen, and the endpoint of its own."""

import logging
from dataclasses import dataclass

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.assistant.language_models import own
from app.assistant.models import AssistantSettings
from app.assistant.prices import Price
from app.core.addresses import is_public, split_url
from app.core.errors import Invalid

logger = logging.getLogger(__name__)

MAX_MODEL = 120  # characters
MAX_KEY = 400
MAX_PRICE = 1_000.0  # dollars per million tokens
SHOWN_OF_KEY = 4  # its last characters
MIN_SHOWN_KEY = 16  # of a shorter one nothing is shown
ENDING = "/chat/completions"
PRIVATE = _l(
    "This address belongs to a private network. Whoever runs Frontdesk can allow those (OWN_MODEL_PRIVATE_ADDRESSES)."
)


@dataclass(frozen=True, slots=True)
class Endpoint:
    """What was typed, cleaned. `key` is "" where none is wanted."""

    base_url: str
    model: str
    key: str
    read_price: float | None = None
    written_price: float | None = None

    @property
    def price(self) -> Price | None:
        return own.price_of(self.read_price, self.written_price)


def choose(provider: str, by: User) -> None:
    """The endpoint's settings stay, so that one can change back."""
    _save(provider=provider)
    logger.info("user %s chose the language model %s", by.id, provider)


def choose_own(endpoint: Endpoint, by: User) -> None:
    _save(
        provider="own",
        own_base_url=endpoint.base_url,
        own_model=endpoint.model,
        own_key=endpoint.key or None,
        own_read_price=endpoint.read_price,
        own_written_price=endpoint.written_price,
    )
    logger.info("user %s chose the language model %s of its own", by.id, endpoint.model)


def _save(**fields: object) -> None:
    AssistantSettings.change(**fields)


def clean_address(typed: str) -> str:
    """The part before /chat/completions, also when that was pasted too. Raises Invalid."""
    typed = typed.strip()
    try:
        target = split_url(typed)
    except ValueError as problem:
        raise Invalid(str(problem)) from problem
    if "?" in typed or "#" in typed:
        raise Invalid(_("Leave out what stands after the ? or #."))
    inside_too = own.allowed().permit_private
    is_inner = target.host == "localhost" or bool(target.address and not is_public(target.address))
    if is_inner and not inside_too:
        raise Invalid(PRIVATE)
    if target.scheme == "http" and not inside_too:
        raise Invalid("Your customers’ words may only go over an https:// address.")
    return target.url.rstrip("/").removesuffix(ENDING).rstrip("/")


def clean_model(typed: str) -> str:
    """Raises Invalid."""
    model = typed.strip()
    if not 0 < len(model) <= MAX_MODEL or not model.isprintable():
        raise Invalid(_("Write the model’s name as the endpoint spells it."))
    return model


def clean_key(typed: str) -> str:
    """A key goes into a header, so it can't be just anything. Raises Invalid."""
    key = typed.strip()
    if len(key) > MAX_KEY or not key.isascii() or not key.isprintable() or " " in key:
        raise Invalid(_("This is no key: it has letters that keys don’t have."))
    return key


def clean_price(typed: str) -> float | None:
    """Dollars, with a point or a comma. Raises Invalid."""
    if not typed.strip():
        return None
    try:
        price = float(typed.strip().removeprefix("$").replace(",", "."))
    except ValueError:
        price = -1.0
    if not 0 <= price <= MAX_PRICE:
        raise Invalid(
            _(
                "Write dollars per million tokens, like 0.40; up to %(most)s.",
                most=f"{MAX_PRICE:,.0f}",
            )
        )
    return price


def kept_key(settings: AssistantSettings, base_url: str) -> str:
    """The stored key, for the server that it was given for alone: whoever changes the address must not
    learn it."""
    if not settings.own_base_url:
        return ""
    same = split_url(settings.own_base_url).origin == split_url(base_url).origin
    return own.key_of(settings) if same else ""


def end_of_key(settings: AssistantSettings) -> str:
    """ "" without a key; its last letters, or as much as may be said of a short one."""
    key = own.key_of(settings)
    return key[-SHOWN_OF_KEY:] if len(key) >= MIN_SHOWN_KEY else "…" * bool(key)
