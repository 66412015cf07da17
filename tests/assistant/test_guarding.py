"""What the business never says is found in an answer however it is spelt."""

import pytest

from app.assistant.guarding import broken_rule
from app.assistant.models import AssistantSettings


def settings(never_say: str) -> AssistantSettings:
    return AssistantSettings(never_say=never_say)


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("best price", "We have the best price."),
        ("best price", "The BEST\n  Price in town"),
        ("best price", "the best\u00a0price"),
        ("best price", "the be\u00adst pr\u200bice"),
        ("best price", "“best price”"),
        ("we're cheaper", "We’re cheaper than they are."),
        ("all-in", "It’s all‑in."),
        ("100 %", "That is 100 % safe"),
        ("£5", "It costs £5."),
        ("café", "Our CAFE\u0301 is open"),
        ("straße", "In der STRASSE"),
        ("garantiert", "Das ist garantiert!"),
        ("配達無料", "本日は配達無料です。"),
        ("ฟรี", "ส่งฟรีวันนี้"),
        ("مجانا", "التوصيل مجانا اليوم"),
        ("(sic)", "so it is (sic) now"),
    ],
)
def test_it_is_found(line: str, text: str) -> None:
    assert broken_rule(text, settings(f"something else\n{line}")) == line


@pytest.mark.parametrize(
    ("line", "text"),
    [
        ("cure", "That is secure, and the curtain is too."),
        ("£5", "It costs £50."),
        ("£5", "It costs £5.95."),
        ("95", "It costs £4.95."),
        ("best price", "The best of all, at a price."),
        ("a.b", "axb"),
        ("", "Anything."),
        ("   \n\n", "Anything."),
        ("anything", ""),
    ],
)
def test_what_only_looks_like_it_passes(line: str, text: str) -> None:
    assert broken_rule(text, settings(line)) is None


def test_the_first_line_that_is_broken_is_named_as_it_was_written() -> None:
    rules = "never\nBest Price\nguaranteed"
    assert broken_rule("Guaranteed the best price", settings(rules)) == "Best Price"
