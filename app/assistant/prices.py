"""What a call of a language model costs: dollars per million tokens, as the provider published them on 2026-11-01."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Price:
    """A prompt longer than `long_from` tokens costs `long_read` and `long_written` throughout."""

    read: float
    written: float
    from_cache: float
    into_cache: float  # kept for five minutes
    long_from: int | None = None
    long_read: float = 0.0
    long_written: float = 0.0
    always_thinks: bool = False  # thinking can't be switched off


PRICES = {
    "claude-haiku-5-5": Price(0.10, 0.50, 0.01, 0.125, 100_000, 0.50, 2.50),
    "claude-sonnet-5-5": Price(2.0, 10.0, 0.10, 2.50, always_thinks=True),
    "claude-opus-5-5": Price(4.0, 20.0, 0.20, 5.0, always_thinks=True),
}


def cost_micros(price: Price, *, read: int, written: int, from_cache: int, into_cache: int) -> int:
    """Millionths of a dollar for these tokens."""
    read_price, written_price = price.read, price.written
    if price.long_from is not None and read + from_cache + into_cache > price.long_from:
        read_price, written_price = price.long_read, price.long_written
    return round(
        read * read_price
        + written * written_price
        + from_cache * price.from_cache
        + into_cache * price.into_cache
    )
