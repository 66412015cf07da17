"""What calls of language models cost, from prices.toml and from the deployment's own file of that form."""

import re
import tomllib
from dataclasses import dataclass, replace
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, Any

from flask import Flask, current_app

from app.config import ConfigError

if TYPE_CHECKING:
    from app.assistant.language_models.border import Usage

OURS = Path(__file__).with_name("prices.toml")
_DATED = re.compile(r"-\d{8}$")  # a snapshot of a model: claude-haiku-5-5-20261001
_RATES = ("read", "written", "from_cache", "into_cache")


@dataclass(frozen=True, slots=True)
class Price:
    """Dollars per million tokens, which are millionths of a dollar per token. A prompt longer than
    `long_from` tokens costs `long` throughout. `always_thinks`: thinking can't be switched off."""

    read: float
    written: float
    from_cache: float
    into_cache: float
    long_from: int | None = None
    long: "Price | None" = None
    always_thinks: bool = False

    def cost_micros(self, tokens: "Usage") -> int:
        """Millionths of a dollar."""
        each = self._for(tokens.read + tokens.from_cache + tokens.into_cache)
        return round(
            tokens.read * each.read
            + tokens.written * each.written
            + tokens.from_cache * each.from_cache
            + tokens.into_cache * each.into_cache
        )

    def most_micros(self, prompt_tokens: int, written_tokens: int) -> int:
        """The dearest case: nothing comes from the cache, everything goes into it, and the answer is
        as long as it may be."""
        each = self._for(prompt_tokens)
        dearest = max(each.read, each.into_cache)
        return round(prompt_tokens * dearest + written_tokens * each.written)

    def _for(self, prompt_tokens: int) -> "Price":
        is_long = self.long_from is not None and prompt_tokens > self.long_from
        return self.long if is_long and self.long else self


def price_of(model: str) -> Price | None:
    """None for a model whose price isn't known."""
    table = _table(current_app.config["MODEL_PRICES_FILE"])
    return table.get(model) or table.get(_DATED.sub("", model))


def init_app(app: Flask) -> None:
    """A price list that can't be read stops the app: without prices no cap would hold."""
    _table(app.config["MODEL_PRICES_FILE"])


@lru_cache(maxsize=4)
def _table(file: Path | None) -> dict[str, Price]:
    return _read(OURS) | (_read(file) if file else {})


def _read(file: Path) -> dict[str, Price]:
    try:
        models = tomllib.loads(file.read_text("utf-8"))
        return {model: _price(fields) for model, fields in models.items()}
    except (OSError, ValueError, TypeError, KeyError, AttributeError) as error:
        raise ConfigError(
            f"MODEL_PRICES_FILE: {file} can't be read as a price list ({error}). "
            f"{OURS.name} beside {Path(__file__).name} shows the form."
        ) from error


def _price(fields: dict[str, Any]) -> Price:
    read, written, from_cache, into_cache = (_rate(fields[name]) for name in _RATES)
    always_thinks = fields.get("always_thinks", False) is True
    price = Price(read, written, from_cache, into_cache, always_thinks=always_thinks)
    long = fields.get("long")
    return replace(price, long_from=int(long["from"]), long=_price(long)) if long else price


def _rate(value: Any) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < 100_000:
        raise ValueError(f"{value!r} is no price")
    return float(value)
