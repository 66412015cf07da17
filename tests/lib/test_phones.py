"""Telephone numbers: one spelling each, no guessing of countries, and only what was said."""

import pytest

from app.lib import phones

LONDON = "+442079460018"


@pytest.mark.parametrize(
    ("typed", "home", "kept"),
    [
        ("+44 20 7946 0018", None, LONDON),
        ("+44 (0)20 7946-0018", "DE", LONDON),
        ("0044 20 7946 0018", None, LONDON),
        ("(020) 7946 0018", "GB", LONDON),
        ("0171/1234567", "DE", "+491711234567"),
        ("(212) 555-0123", "US", "+12125550123"),
        ("02 1234567", "IT", "+39021234567"),  # its nought belongs to it
        ("+٤٤ ٢٠ ٧٩٤٦ ٠٠١٨", None, LONDON),
        (
            "+44 7700 900123",
            None,
            "+447700900123",
        ),  # a range that no plan lists, of the right length
    ],
)
def test_a_number_has_one_spelling(typed, home, kept):
    assert phones.normal(typed, home) == kept


@pytest.mark.parametrize(
    ("typed", "home", "why"),
    [
        ("020 7946 0018", None, "Which country"),
        ("020 7946 0018", "DE", "Which country"),
        ("7946 0018", "GB", "Which country"),
        ("+44 20 7946", None, "too short or too long"),
        ("+999 1234567", None, "No country"),
        ("1-800-FLOWERS", "US", "no telephone number"),
        ("", "GB", "no telephone number"),
        ("+", None, "no telephone number"),
        ("1" * 41, "GB", "no telephone number"),
    ],
)
def test_what_cannot_be_placed_is_asked_back(typed, home, why):
    with pytest.raises(phones.NotPhone, match=why):
        phones.normal(typed, home)


@pytest.mark.parametrize(
    ("own_phone", "zone", "home"),
    [
        ("+44 20 7946 0018", "Europe/Berlin", "GB"),  # its number says more than its clock
        ("020 7946 0018", "Europe/London", "GB"),
        ("", "Europe/London", "GB"),
        ("", "Asia/Calcutta", "IN"),
        ("+800 1234 5678", "Europe/Zurich", "CH"),
        ("020 7946 0018", "America/New_York", None),  # they disagree
        ("call us!", "Europe/London", None),
        ("", "UTC", None),
    ],
)
def test_a_business_s_country(own_phone, zone, home):
    assert phones.home_of(own_phone, zone) == home


def test_it_is_shown_as_people_write_it():
    assert phones.shown(LONDON, "GB") == "020 7946 0018"
    assert phones.shown(LONDON, "DE") == phones.shown(LONDON) == "+44 20 7946 0018"


@pytest.mark.parametrize(
    "text",
    [
        "call 020 7946 0018, please",
        "order 4711 020 7946 0018",
        "020.7946.0018 or 020.7946.0019",
        "+44(0)20/7946-0018",
        "٠٢٠ ٧٩٤٦ ٠٠١٨",
    ],
)
def test_a_number_is_found_in_a_sentence(text):
    assert phones.is_said(LONDON, [text], "GB")


@pytest.mark.parametrize(
    "text", ["1020 7946 0018", "020 7946 00189", "020 7946\n0018", "order 79460018", "", "9" * 2000]
)
def test_a_part_of_other_digits_is_not_it(text):
    assert not phones.is_said(LONDON, [text], "GB")


def test_a_number_without_its_country_was_not_said_with_one():
    assert not phones.is_said(LONDON, ["020 7946 0018"], None)
    assert not phones.is_said("+49207946001", ["020 7946 001"], "GB")
