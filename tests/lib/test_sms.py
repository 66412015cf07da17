"""How many SMS a text is."""

import pytest

from app.lib.sms import sending


@pytest.mark.parametrize(
    ("text", "messages", "places"),
    [
        ("", 0, 0),
        ("Yes, on Saturdays.", 1, 18),
        ("x" * 160, 1, 160),
        ("x" * 161, 2, 161),
        ("x" * 306, 2, 306),
        ("x" * 307, 3, 307),
        ("€" * 80, 1, 160),
        ("x" * 152 + "€" + "x" * 8, 2, 162),
        ("€" * 153, 3, 306),  # 76 fit into each: none is parted
        ("ä" * 160, 1, 160),
        ("’" * 70, 1, 70),
        ("’" * 71, 2, 71),
        ("🌱" * 35, 1, 70),
        ("🌱" * 67, 3, 134),  # 33 fit into each
    ],
)
def test_messages_and_places(text, messages, places):
    found = sending(text)
    assert (found.messages, found.places) == (messages, places)


def test_what_makes_it_wide_is_named_once():
    assert sending("It’s £4.95 – it’s open").odd == "’–"
    assert not sending("It's £4.95 - it's open").is_wide
