"""About what a message costs, from message_prices.toml or from the deployment's own file of that form."""

import tomllib
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any

from flask import Flask, current_app
from flask_babel import gettext as _

from app.channels.message_templates.languages import place_of
from app.config import ConfigError
from app.lib.numbers import decimal

OURS = Path(__file__).with_name("message_prices.toml")
CATEGORIES = ("marketing", "utility", "authentication")
MORE_ABOUT = "https://developers.facebook.com/docs/whatsapp/pricing"


@dataclass(frozen=True, slots=True)
class Prices:
    """Dollars for one delivered message: by market (the customer's country, "GB") and category. An example list
    shows the proportion alone and nobody's bill."""

    source: str
    as_of: str
    is_example: bool
    markets: dict[str, dict[str, float]]

    def of(self, market: str | None, category: str) -> float | None:
        return self.markets.get(market or "", {}).get(category.lower())


def init_app(app: Flask) -> None:
    """A list that can't be read stops the app: a wrong price is worse than none."""
    _read(app.config["MESSAGE_PRICES_FILE"] or OURS)


def current() -> Prices:
    return _read(current_app.config["MESSAGE_PRICES_FILE"] or OURS)


def consequence(before: str | None, after: str, market: str | None) -> str:
    """What a template's other category means for the bill, in one or two sentences."""
    prices = current()
    old, new = (prices.of(market, each) if each else None for each in (before, after))
    said = [_dearer(after.upper())]
    if old is None or new is None:
        said.append(_("What exactly it costs stands in Meta’s price list."))
        return " ".join(said)
    place, figures = place_of(market or ""), {"new": decimal(new, 3), "old": decimal(old, 3)}
    if prices.is_example:
        words = _("In %(place)s it is about $%(new)s instead of $%(old)s for a message, by an example list; your own stands at Meta.", place=place, **figures)  # fmt: skip
    else:
        words = _("In %(place)s it is about $%(new)s instead of $%(old)s for a message, by %(source)s of %(day)s.", place=place, source=prices.source, day=prices.as_of, **figures)  # fmt: skip
    return " ".join([*said, words])


def _dearer(category: str) -> str:
    if category == "MARKETING":
        return _("A marketing message costs more than a utility one nearly everywhere.")
    if category == "UTILITY":
        return _("A utility message costs less than a marketing one nearly everywhere.")
    return _("Messages to log in with have a price of their own.")


@lru_cache(maxsize=4)
def _read(file: Path) -> Prices:
    try:
        found = tomllib.loads(file.read_text("utf-8"))
        markets = {market: _rates(rates) for market, rates in found["markets"].items()}
        return Prices(
            str(found["source"]), str(found["as_of"]), found.get("is_example") is True, markets
        )
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"MESSAGE_PRICES_FILE: {file} can't be read as a price list ({error}). "
            f"{OURS.name} beside {Path(__file__).name} shows the form."
        ) from error


def _rates(rates: dict[str, Any]) -> dict[str, float]:
    if not rates.keys() <= set(CATEGORIES):
        raise ValueError(f"{', '.join(rates)}: the categories are {', '.join(CATEGORIES)}")
    return {category: _rate(value) for category, value in rates.items()}


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100:
        raise ValueError(f"{value!r} is no price")
    return float(value)
