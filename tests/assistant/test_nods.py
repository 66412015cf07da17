"""Yes, no, I see; and what says more is none of them."""

import pytest

from app.assistant.nods import meant_by


@pytest.mark.parametrize(
    ("text", "meant"),
    [
        ("ok", "seen"), ("Okay!", "seen"), ("Ok great", "seen"), ("👍", "seen"), ("👍🏽 😊", "seen"), ("❤️", "seen"),
        ("ok 👍", "seen"), ("Alles klar", "seen"), ("vale, gracias", "seen"), ("D’accord.", "seen"), ("ठीक है", "seen"),
        ("Yes please", "yes"), ("ja, bitte!", "yes"), ("Sí", "yes"), ("oui", "yes"), ("نعم", "yes"),
        ("No, thanks", "no"), ("nein danke", "no"), ("No.", "no"), ("não", "no"),
        ("ok, and on Sundays?", ""), ("yes on Friday", ""), ("no idea what you mean", ""), ("great price?", ""),
        ("", ""), ("5", ""), ("?", ""), ("🎄 do you sell these", ""), ("good" * 30, ""),
    ],
)  # fmt: skip
def test_what_is_meant(text: str, meant: str) -> None:
    assert meant_by(text) == meant
