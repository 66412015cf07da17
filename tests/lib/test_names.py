"""Names as people write them, and only those that they wrote."""

import pytest

from app.lib import names


def test_a_name_is_one_line():
    assert names.normal("  Anna\n Schmidt\x00 ") == "Anna Schmidt"


@pytest.mark.parametrize("typed", ["", "  ", "123", "anna@example.com", "a" * 81])
def test_what_is_no_name_is_refused(typed):
    with pytest.raises(names.NotName):
        names.normal(typed)


@pytest.mark.parametrize(
    ("name", "texts"),
    [
        ("Anna Schmidt", ["hi, i'm anna", "Schmidt, by the way"]),
        ("Siobhán O’Brien", ["Siobhán O’Brien here"]),
        ("王小明", ["我叫王小明"]),
        ("अनिता", ["मेरा नाम अनिता है"]),
    ],
)
def test_a_name_stands_in_their_words(name, texts):
    assert names.is_said(name, texts)


@pytest.mark.parametrize("name", ["Anna Schmidt", "Ann", "Hanna"])
def test_a_name_that_was_not_said_does_not(name):
    assert not names.is_said(name, ["I'm Anna, from Schmidtville"])
