"""About what a message costs: by a list that may be the deployment's own, and never more surely than it is known."""

import pytest

from app.channels.message_templates import prices
from app.config import ConfigError, read

OWN = """
source = "Meta’s list"
as_of = "1 October 2026"
is_example = false
[markets.GB]
marketing = 0.06
utility = 0.03
"""


@pytest.fixture
def own_list(app, context, monkeypatch, tmp_path):
    def use(text):
        file = tmp_path / "prices.toml"
        if text is not None:
            file.write_text(text)
        monkeypatch.setitem(app.config, "MESSAGE_PRICES_FILE", file)

    return use


def test_our_list_says_that_it_is_an_example(context):
    said = prices.consequence("UTILITY", "MARKETING", "GB")
    assert "about $0.050 instead of $0.020" in said
    assert "by an example list" in said


def test_an_own_list_is_taken_at_its_word(own_list):
    own_list(OWN)
    said = prices.consequence("UTILITY", "MARKETING", "GB")
    assert "about $0.060 instead of $0.030" in said
    assert "Meta’s list of 1 October 2026" in said
    assert "example" not in said


@pytest.mark.parametrize("market", [None, "FR"])
def test_where_nothing_is_known_no_figure_is_said(context, market):
    said = prices.consequence("UTILITY", "MARKETING", market)
    assert "costs more than a utility one" in said
    assert "$" not in said


@pytest.mark.parametrize(
    "text",
    [None, "markets = 3", OWN.replace("0.06", '"much"'), OWN.replace("marketing", "adverts"),
     OWN.replace("0.06", "-1"), "source = "],
)  # fmt: skip
def test_a_list_that_cant_be_read_stops_the_app(app, own_list, text):
    own_list(text)
    with pytest.raises(ConfigError, match="MESSAGE_PRICES_FILE"):
        prices.init_app(app)


def test_the_variable_names_the_file():
    assert read({}).MESSAGE_PRICES_FILE is None
    assert str(read({"MESSAGE_PRICES_FILE": "/prices.toml"}).MESSAGE_PRICES_FILE) == "/prices.toml"
