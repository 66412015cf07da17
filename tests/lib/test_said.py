"""Who somebody says to be: found in their words, and accepted by a library or not at all."""

import pytest

from app.lib.said import emails_in, name_in, phones_in


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("Write to anna.smith@example.org.", ["anna.smith@example.org"]),
        ("A.B@Example.COM!", ["a.b@example.com"]),
        ("<x@y.de>; and x@y.de", ["x@y.de"]),
        ("foo@bar..com, a@b, @home, me@localhost", []),
    ],
)
def test_addresses(text: str, found: list[str]) -> None:
    assert emails_in(text) == found


@pytest.mark.parametrize(
    ("text", "region", "found"),
    [
        ("call me on 020 7946 0018", "GB", ["+442079460018"]),
        ("Tel 0151 23456789", "DE", ["+4915123456789"]),
        ("612 345 678", "ES", ["+34612345678"]),
        ("+1 415 555 2671, or (415) 555-2671", "US", ["+14155552671"]),
        ("020 7946 0018", None, []),
        ("order 123-456 of 2026-11-21, 12345678, 44123456789012345678", "GB", []),
        ("a02079460018@example.com", "GB", []),
    ],
)
def test_phone_numbers(text: str, region: str | None, found: list[str]) -> None:
    assert phones_in(text, region) == found


@pytest.mark.parametrize(
    ("text", "name"),
    [
        ("Hi, my name is Anna Smith, I need help", "Anna Smith"),
        ("my name is anna and I need a plumber", "Anna"),
        ("My name's Conor O’Brien", "Conor O’Brien"),
        ("Me llamo María de la Cruz y quiero", "María de la Cruz"),
        ("ich heiße Jörg Müller. Tel 0151", "Jörg Müller"),
        ("je m’appelle Jean-Luc", "Jean-Luc"),
        ("o meu nome é João", "João"),
        ("my name is on the list", None),
        ("the name is wrong, my name is wrong", None),
        ("mein Name ist noch nicht da", None),
        ("mon nom est écrit deux fois", None),
        ("I'm looking for Anna", None),
        ("I'm German", None),
    ],
)
def test_a_name_is_one_that_names_itself(text: str, name: str | None) -> None:
    assert name_in([("", text)]) == name


def test_alone_it_is_a_name_after_it_was_asked_for() -> None:
    assert name_in([("What is your name?", "Anna Smith")]) == "Anna Smith"
    assert name_in([("¿Cuál es su nombre?", "Ana López.")]) == "Ana López"
    assert name_in([("When would you like to come?", "Anna Smith")]) is None
    assert name_in([("What is your name?", "No thanks")]) is None
    assert name_in([("What is your name?", "Why do you need that?")]) is None


def test_the_last_name_given_counts() -> None:
    assert name_in([("", "My name is Ann"), ("", "sorry: my name is Anna")]) == "Anna"
