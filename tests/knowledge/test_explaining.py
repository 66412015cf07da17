"""A score in plain words."""

import pytest

from app.knowledge.confidence import FEATURES
from app.knowledge.explaining import reasons

SURE = dict.fromkeys(FEATURES, 0.0) | {
    "sentence_cosine": 0.8, "coverage": 0.9, "sentence_margin": 0.3, "asked_kind": 1.0,
}  # fmt: skip


def test_a_sure_answer_names_only_what_speaks_for_it():
    assert reasons(SURE) == [
        "The best passage says nearly what was asked.",
        "It has most words of the question.",
        "It fits clearly better than the other passages.",
    ]


@pytest.mark.parametrize(
    ("feature", "value", "said"),
    [
        ("sentence_cosine", 0.2, "comes close"),
        ("coverage", 0.1, "few words"),
        ("sentence_margin", 0.0, "fit almost as well"),
        ("unknown_words", 0.5, "nowhere in your knowledge"),
        ("figures_missing", 1.0, "A number in the question"),
        ("names_missing", 0.5, "A name in the question"),
        ("asked_kind", -1.0, "asks for a number or a name"),
        ("foreign", 1.0, "another language"),
    ],
)
def test_what_speaks_against_it_is_said(feature, value, said):
    assert not any(said in sentence for sentence in reasons(SURE))
    assert any(said in sentence for sentence in reasons(SURE | {feature: value}))


def test_nothing_found_has_no_reasons():
    assert reasons({}) == []
