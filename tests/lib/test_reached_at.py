"""Name, number, address and time out of a line as people type it."""

import pytest

from app.lib.reached_at import find, name_in, suits_in

PHONE = "+442079460018"


@pytest.mark.parametrize(
    ("text", "name", "phone", "email", "suits"),
    [
        ("Anna Ruiz, 020 7946 0018, tomorrow afternoon", "Anna Ruiz", PHONE, "", "tomorrow afternoon"),
        ("020 7946 0018", "", PHONE, "", ""),
        ("please call me on 020-7946-0018", "", PHONE, "", ""),
        ("My name is Anna. 02079460018. Any time", "Anna", PHONE, "", "Any time"),
        ("I'm Anna Ruiz and my number is +44 20 7946 0018", "Anna Ruiz", PHONE, "", ""),
        ("Anna@Example.com", "", "", "anna@example.com", ""),
        ("write to anna@example.com.", "", "", "anna@example.com", ""),
        ("Zoë O’Neill\nzoe@example.com\nMondays after 5", "Zoë O’Neill", "", "zoe@example.com", "Mondays after 5"),
        ("anna, anna@example.com, 020 7946 0018", "anna", PHONE, "anna@example.com", ""),
        ("call me tomorrow after 17:30 on 020 7946 0018", "", PHONE, "", "call me tomorrow after 17:30 on"),
        ("Me llamo Ana Ruiz, llámame al +44 20 7946 0018, mañana por la tarde", "Ana Ruiz", PHONE, "", "mañana por la tarde"),
        ("Ruft mich bitte unter 020 7946 0018 an, morgen ab 17 Uhr", "", PHONE, "", "morgen ab 17 Uhr"),
        ("Meu nome é Rui. 020 7946 0018. Amanhã às 9", "Rui", PHONE, "", "Amanhã às 9"),
        ("Léa Petit, lea@example.com, demain matin", "Léa Petit", "", "lea@example.com", "demain matin"),
        ("मेरा नाम आशा है, 020 7946 0018, कल सुबह 9 बजे", "आशा", PHONE, "", "कल सुबह 9 बजे"),
        ("اسمي ليلى، ٠٢٠ ٧٩٤٦ ٠٠١٨، غدًا الساعة ٩", "ليلى", PHONE, "", "غدًا الساعة ٩"),
        ("Do you deliver on Fridays?", "", "", "", "Do you deliver on Fridays?"),
    ],
)  # fmt: skip
def test_what_stands_in_a_line(text, name, phone, email, suits):
    found = find(text, "GB")
    assert (found.phone, found.email, found.problem) == (phone, email, "")
    if found.is_reachable:
        assert (found.name, found.suits) == (name, suits)


@pytest.mark.parametrize(
    ("text", "home", "told"),
    [
        ("anna@example", "GB", "no e-mail address"),
        ("my number is 020 7946 00", "GB", "Which country"),
        ("020 7946 0018", None, "Which country"),
        ("+44 20 7946", "GB", "too short"),
    ],
)
def test_what_is_wrong_is_told(text, home, told):
    found = find(text, home)
    assert not found.is_reachable
    assert told in found.problem


@pytest.mark.parametrize(
    "text", ["It costs 4.95, order 4711", "between 9 and 17:30", "", "@", "12:30"]
)
def test_a_price_or_an_hour_is_no_attempt(text):
    found = find(text, "GB")
    assert not found.is_reachable
    assert "number" not in found.problem


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Anna", "Anna"), ("it is me", ""), ("Do you deliver?", ""), ("tomorrow", ""), ("4711", ""),
        ("i am free tomorrow", ""), ("this is Anna Ruiz", "Anna Ruiz"),
    ],
)  # fmt: skip
def test_a_name(text, name):
    assert name_in(text, needs_words=False) == name


def test_when_it_suits_is_kept_as_it_was_said():
    assert suits_in("Anna, tomorrow after 5 pm, or Friday") == "tomorrow after 5 pm, or Friday"
    assert suits_in("no idea") == ""
