"""Amounts as they are read and typed."""

import pytest

from app.lib.dollars import cents_of, in_dollars, typed


@pytest.mark.parametrize(
    ("micros", "words"),
    [
        (0, "$0"),
        (12, "under $0.0001"),
        (50, "$0.0001"),
        (3_149, "$0.0031"),
        (99_910, "$0.0999"),
        (100_000, "$0.10"),
        (12_300_000, "$12.30"),
        (1_234_567_890, "$1,234.57"),
    ],
)
def test_an_amount_in_words(micros: int, words: str) -> None:
    assert in_dollars(micros) == words


@pytest.mark.parametrize(
    ("text", "cents"),
    [("20", 2000), (" $20.50 ", 2050), ("0,5", 50), ("0", 0), ("12.05 $", 1205)],
)
def test_an_amount_that_was_typed(text: str, cents: int) -> None:
    assert cents_of(text) == cents
    assert cents_of(typed(cents)) == cents


@pytest.mark.parametrize("text", ["", "-1", "1.234", "1,000.00", "ten", "1e3", "²", "99999999"])
def test_what_is_no_amount(text: str) -> None:
    with pytest.raises(ValueError, match="no amount"):
        cents_of(text)
