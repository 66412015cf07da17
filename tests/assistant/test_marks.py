"""The marks by which a model of one's own cites."""

import itertools

import pytest

from app.assistant.language_models.border import Part
from app.assistant.language_models.marks import parts_of

NUMBERS = {1, 2, 3}


def whole(text):
    return [(part.text, part.cited) for part in parts_of(text, NUMBERS, is_whole=True)]


@pytest.mark.parametrize(
    ("text", "parts"),
    [
        ("We open at nine [1].", [("We open at nine", (1,)), (".", ())]),
        ("We open at nine. [1]", [("We open at nine.", (1,))]),
        ("Nine[1] to five[2][3].", [("Nine", (1,)), (" to five", (2, 3)), (".", ())]),
        ("Nine [1, 2; 2].", [("Nine", (1, 2)), (".", ())]),
        ("Nine [ 1 ].", [("Nine", (1,)), (".", ())]),
        ("Nine【1†source】.", [("Nine", (1,)), (".", ())]),
        ("Nine [9].", [("Nine.", ())]),
        ("Nine [9] to five [2].", [("Nine to five", (2,)), (".", ())]),
        ("Nine [1][9].", [("Nine", (1,)), (".", ())]),
        ("[1] Nine to five.", [(" Nine to five.", (1,))]),
        ("A hall [large] of 1990 [1990].", [("A hall [large] of 1990 [1990].", ())]),
        ("  No marks.\n", [("No marks.", ())]),
        ("[2]", []),
        ("", []),
    ],
)
def test_marks_end_a_part_and_leave_the_text(text, parts):
    assert whole(text) == parts


def test_no_half_mark_is_ever_shown_and_nothing_shown_is_taken_back():
    text = "We open at nine [1], on Sundays at [large] ten [2][3]. Call 【1】 us [12345 now [9"
    shown = [
        "".join(part.text for part in parts_of(text[:end], NUMBERS, is_whole=False))
        for end in range(len(text) + 1)
    ]
    for before, after in itertools.pairwise(shown):
        assert after.startswith(before)
    assert "[1]" not in "".join(shown)
    assert shown[text.index(",")].endswith("nine")
    assert parts_of(text, NUMBERS, is_whole=True)[-1].text.endswith("[12345 now [9")


def test_what_only_looks_like_a_mark_is_shown_as_soon_as_that_is_clear():
    assert parts_of("a [", NUMBERS, is_whole=False) == (Part("a"),)
    assert parts_of("a [b", NUMBERS, is_whole=False) == (Part("a [b"),)
    assert parts_of("a [" + "1" * 60, NUMBERS, is_whole=False) != (Part("a"),)


@pytest.mark.parametrize("tag", ["think", "thinking"])
def test_thoughts_are_no_answer(tag):
    text = f"\n<{tag}>It says nine [1].\nSo I answer.</{tag}>\n\nAt nine [1]"
    for end in range(text.index("\n\nAt")):
        assert parts_of(text[:end], NUMBERS, is_whole=False) == ()
    assert whole(text) == [("At nine", (1,))]
    assert whole(f"<{tag}>never done") == []
    assert whole("I think so") == [("I think so", ())]
    assert parts_of("<b", NUMBERS, is_whole=False) == (Part("<b"),)
