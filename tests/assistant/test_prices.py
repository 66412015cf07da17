"""What a call costs, by the provider's price list."""

from app.assistant.prices import PRICES, cost_micros


def cost(model: str, read: int, written: int = 0, from_cache: int = 0, into_cache: int = 0) -> int:
    return cost_micros(
        PRICES[model], read=read, written=written, from_cache=from_cache, into_cache=into_cache
    )


def test_each_kind_of_token_has_its_price() -> None:
    assert cost("claude-haiku-5-5", 1000, 100) == 150
    assert cost("claude-sonnet-5-5", 1000, 100, 2000, 400) == 2000 + 1000 + 200 + 1000


def test_a_long_prompt_costs_more_throughout() -> None:
    assert cost("claude-haiku-5-5", 100_000) == 10_000
    assert cost("claude-haiku-5-5", 90_000, 10, 20_000) == 45_000 + 25 + 200
