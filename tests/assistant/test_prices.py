"""What a call costs, by the price list: ours, and a deployment's own."""

from pathlib import Path

import pytest
from flask import Flask

from app.assistant import prices
from app.assistant.language_models.border import Usage
from app.assistant.prices import Price, price_of
from app.config import ConfigError


def cost(model: str, tokens: Usage) -> int:
    price = price_of(model)
    assert price
    return price.cost_micros(tokens)


def test_each_kind_of_token_has_its_price(context: None) -> None:
    assert cost("claude-haiku-5-5", Usage(1000, 100)) == 150
    tokens = Usage(1000, 100, from_cache=2000, into_cache=400)
    assert cost("claude-sonnet-5-5", tokens) == 2000 + 1000 + 200 + 1000


def test_a_long_prompt_costs_more_throughout(context: None) -> None:
    assert cost("claude-haiku-5-5", Usage(100_000)) == 10_000
    assert cost("claude-haiku-5-5", Usage(90_000, 10, 20_000)) == 45_000 + 25 + 1000


def test_the_dearest_case_is_never_below_what_it_costs(context: None) -> None:
    for model in ("claude-haiku-5-5", "claude-sonnet-5-5", "claude-opus-5-5"):
        price = price_of(model)
        assert price
        for prompt in (10, 99_999, 100_001):
            most = price.most_micros(prompt, 3000)
            for tokens in (Usage(prompt, 3000), Usage(0, 3000, prompt), Usage(0, 0, 0, prompt)):
                assert most >= price.cost_micros(tokens)


def test_a_snapshot_costs_what_its_model_does(context: None) -> None:
    assert price_of("claude-haiku-5-5-20261001") == price_of("claude-haiku-5-5")


def test_an_unknown_model_has_no_price_rather_than_a_wrong_one(context: None) -> None:
    assert price_of("claude-next") is None


def test_a_deployment_s_own_list_goes_first(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(
        "[claude-haiku-5-5]\nread = 1\nwritten = 2.5\nfrom_cache = 0\ninto_cache = 1\n"
        "[llama-next]\nread = 0\nwritten = 0\nfrom_cache = 0\ninto_cache = 0\n"
    )
    monkeypatch.setitem(app.config, "MODEL_PRICES_FILE", own)
    prices.init_app(app)
    with app.app_context():
        assert price_of("claude-haiku-5-5") == Price(1, 2.5, 0, 1)
        assert price_of("llama-next") == Price(0, 0, 0, 0)
        assert price_of("claude-opus-5-5")


@pytest.mark.parametrize(
    "text",
    [
        "[claude-haiku-5-5",
        "[claude-haiku-5-5]\nread = 1",
        "[claude-haiku-5-5]\nread = -1\nwritten = 1\nfrom_cache = 0\ninto_cache = 1",
        "[claude-haiku-5-5]\nread = 'a'\nwritten = 1\nfrom_cache = 0\ninto_cache = 1",
        "claude-haiku-5-5 = 3",
    ],
)
def test_a_list_that_can_t_be_read_stops_the_app(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, text: str
) -> None:
    own = tmp_path / "prices.toml"
    own.write_text(text)
    monkeypatch.setitem(app.config, "MODEL_PRICES_FILE", own)
    with pytest.raises(ConfigError, match=r"^MODEL_PRICES_FILE"):
        prices.init_app(app)


def test_a_list_that_isn_t_there_stops_the_app(
    app: Flask, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(app.config, "MODEL_PRICES_FILE", tmp_path / "none.toml")
    with pytest.raises(ConfigError, match=r"^MODEL_PRICES_FILE"):
        prices.init_app(app)
