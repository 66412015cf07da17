"""What a call costs, by the provider's price list."""

from types import SimpleNamespace

from app.assistant.prices import cost_micros


def usage(
    read: int = 0, written: int = 0, from_cache: int = 0, into_cache: int = 0
) -> SimpleNamespace:
    return SimpleNamespace(
        input_tokens=read,
        output_tokens=written,
        cache_read_input_tokens=from_cache,
        cache_creation_input_tokens=into_cache or None,
    )


def test_each_kind_of_token_has_its_price() -> None:
    assert cost_micros("claude-haiku-5-5", usage(1000, 100)) == 150
    assert cost_micros("claude-sonnet-5-5", usage(1000, 100, 2000, 400)) == 2000 + 1000 + 200 + 1000


def test_a_long_prompt_costs_more_throughout() -> None:
    assert cost_micros("claude-haiku-5-5", usage(100_000)) == 10_000
    assert cost_micros("claude-haiku-5-5", usage(90_000, 10, 20_000)) == 45_000 + 25 + 200


def test_an_unknown_model_has_no_cost_rather_than_a_wrong_one() -> None:
    assert cost_micros("claude-next", usage(1000)) is None
