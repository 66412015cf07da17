"""Sentences are exact pieces of the text, and end where a reader would end them."""

import pytest

from app.lib.sentences import MAX_LENGTH, split


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("We open at nine. We close at six!", ["We open at nine.", "We close at six!"]),
        (
            "Open 9 a.m. to 6 p.m. on Saturdays. Dr. Smith is in.",
            ["Open 9 a.m. to 6 p.m. on Saturdays.", "Dr. Smith is in."],
        ),
        ("It costs $12.50. Call no. 5.", ["It costs $12.50.", "Call no. 5."]),
        ("Open until 5 p.m. We close on Sunday.", ["Open until 5 p.m.", "We close on Sunday."]),
        ("J. R. R. Tolkien wrote it. I read it.", ["J. R. R. Tolkien wrote it.", "I read it."]),
        ("¿Tienen parking? ¡Sí! Es gratis.", ["¿Tienen parking?", "¡Sí!", "Es gratis."]),
        ("Am 3. Mai ist zu. Wir sind da.", ["Am 3. Mai ist zu.", "Wir sind da."]),
        ("我们九点开门。周日休息！你好吗？", ["我们九点开门。", "周日休息！", "你好吗？"]),
        ("यह एक वाक्य है। यह दूसरा है।", ["यह एक वाक्य है।", "यह दूसरा है।"]),
        ("1. Water it. 2. Wait.", ["1. Water it.", "2. Wait."]),
        ("- one\n- two", ["- one", "- two"]),
        ('He said "Stop!" and left. Then he came.', ['He said "Stop!" and left.', "Then he came."]),
        ("In 1990. The war ended.", ["In 1990.", "The war ended."]),
        ("no full stop at the end", ["no full stop at the end"]),
        (" \n ", []),
    ],
)
def test_text_splits_into_its_sentences(text: str, expected: list[str]) -> None:
    assert split(text) == expected


def test_an_endless_sentence_is_cut_between_words() -> None:
    text = "we deliver to the north, to the south and beyond, " * 60
    pieces = split(text)
    assert len(pieces) > 3
    assert all(len(piece) <= MAX_LENGTH for piece in pieces)
    assert all(piece in text for piece in pieces)
    assert " ".join(pieces) == text.strip()


def test_a_sentence_without_any_space_is_cut_too() -> None:
    assert [len(piece) for piece in split("x" * (2 * MAX_LENGTH + 5))] == [
        MAX_LENGTH,
        MAX_LENGTH,
        5,
    ]
