"""Marks of Markdown go, and nothing else does."""

import pytest

from app.lib.plain_words import without_markdown


@pytest.mark.parametrize(
    ("written", "plain"),
    [
        ("It costs **£4.95**.", "It costs £4.95."),
        ("**Bold**, __lined__ and `code`", "Bold, lined and code"),
        (
            "See [our prices](https://a.example/p_1?x=(2)).",
            "See our prices (https://a.example/p_1?x=(2)).",
        ),
        ("[https://a.example](https://a.example)", "https://a.example"),
        ("## Prices\n* one\n+ two\n- three", "Prices\n- one\n- two\n- three"),
        ("3 * 4 ** 2 and 5*6*7", "3 * 4 ** 2 and 5*6*7"),
        ("snake__case__name, a_b", "snake__case__name, a_b"),
        ("#1 in town, [sic], 50 % (net)", "#1 in town, [sic], 50 % (net)"),
        ("**not closed", "**not closed"),
        ("", ""),
    ],
)
def test_marks_go_and_words_stay(written: str, plain: str) -> None:
    assert without_markdown(written) == plain
    assert without_markdown(plain) == plain
