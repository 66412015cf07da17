"""Where the numbered marks stand."""

from typing import Any

import pytest

from app.lib.marked_text import pieces, sources

TEXT = "We deliver. On Saturdays too."


def cited(chunk_id: int, *at: Any) -> dict[str, Any]:
    return {"chunk_id": chunk_id, "title": f"Source {chunk_id}", "at": list(at)}


def drawn(text: str, *citations: dict[str, Any]) -> str:
    """As a person would read it, with the marks in brackets."""
    return "".join(
        piece.text + "".join(f"[{source.number}]" for source in piece.sources)
        for piece in pieces(text, citations)
    )


def test_a_mark_stands_after_the_words_that_it_holds_for() -> None:
    assert drawn(TEXT, cited(7, 11), cited(9, 29)) == "We deliver.[1] On Saturdays too.[2]"


def test_two_sources_of_one_sentence_and_one_source_of_two() -> None:
    assert drawn(TEXT, cited(7, 11, 29), cited(9, 11)) == "We deliver.[1][2] On Saturdays too.[1]"


def test_two_sentences_of_one_passage_are_one_source() -> None:
    citations = [cited(7, 11), cited(9), cited(7, 29)]
    assert drawn(TEXT, *citations) == "We deliver.[1] On Saturdays too.[1]"
    assert [(source.number, source.citation["chunk_id"]) for source in sources(citations)] == [
        (1, 7),
        (2, 9),
    ]


def test_an_older_answer_has_sources_and_no_marks() -> None:
    assert drawn(TEXT, {"chunk_id": 7, "title": "Old"}) == TEXT
    assert drawn(TEXT, {"chunk_id": 7, "title": "Old", "at": None}) == TEXT


@pytest.mark.parametrize("at", [0, -1, 30, 10**12, True, None, "11", 11.0, [11]])
def test_a_place_that_is_not_in_the_text_is_ignored(at: Any) -> None:
    assert drawn(TEXT, cited(7, at)) == TEXT


@pytest.mark.parametrize(
    ("text", "inside"),
    [("Cafe\u0301 au lait", 4), ("👩\u200d🌾 Anna", 1), ("👩\u200d🌾 Anna", 2), ("हिन्दी", 3)],
)
def test_a_place_inside_a_character_is_ignored(text: str, inside: int) -> None:
    assert drawn(text, cited(7, inside)) == text


def test_places_count_characters_whatever_their_width() -> None:
    assert drawn("🌱🌱 Yes. No.", cited(7, 7)) == "🌱🌱 Yes.[1] No."


def test_a_mark_never_begins_a_line() -> None:
    assert drawn("Yes.\n\nNo.", cited(7, 6)) == "Yes.[1]\n\nNo."
    assert drawn("  Yes.", cited(7, 2)) == "  Yes."
    assert drawn("Yes. \nNo.", cited(7, 4, 5, 6)) == "Yes.[1] \nNo."


def test_nothing_said_has_nothing_marked() -> None:
    assert pieces("", [cited(7, 0)]) == []
