"""The assistant answers what it knows, asks where it is unsure, and admits the rest."""

from collections.abc import Iterator

import pytest

from app.extensions import db
from app.knowledge import answering, confidence
from app.knowledge.answering import KnowledgeAnswer
from app.knowledge.confidence import Band
from app.knowledge.embeddings.current import encode
from app.knowledge.retrieval import SearchResult
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, qa, teach


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


@pytest.fixture
def shop() -> None:
    for question, said in (
        ("Do you deliver?", "We deliver within 20 km for 4.95 euro."),
        ("When are you open?", "We are open from 9 to 18, but not on Sundays."),
        ("Can I bring a plant back?", "Yes, within 30 days with the receipt."),
        ("Can I bring my dog?", "Dogs are welcome on a lead."),
        ("Do you sell gift cards?", "Gift cards are sold at the till and never expire."),
        ("Where can I park?", "The car park behind the shop is free for three hours."),
    ):
        teach(question, qa(question, said))


def ask(question: str, **options: float) -> KnowledgeAnswer:
    return answering.answer(question, encode, **options)  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("question", "said"),
    [
        ("how much is delivery", "We deliver within 20 km for 4.95 euro."),
        ("Are you open on Sundays?", "We are open from 9 to 18, but not on Sundays."),
        ("can my dog come in", "Dogs are welcome on a lead."),
    ],
)
def test_what_it_knows_it_answers_with_the_source(shop: None, question: str, said: str) -> None:
    answer = ask(question)
    assert (answer.answer, answer.confident, answer.band) == (said, True, Band.ANSWER)
    assert [citation.text for citation in answer.citations] == [said]
    assert answer.score >= confidence.ANSWER_FROM
    assert answer.suggestions == []


@pytest.mark.parametrize(
    "question",
    [
        "What is the capital of Peru?",
        "hello",
        "thank you!",
        "营业时间是几点",
        "",
        "Who won the cup?",
    ],
)
def test_what_it_does_not_know_it_says_and_offers_a_person(shop: None, question: str) -> None:
    answer = ask(question)
    assert (answer.answer, answer.confident) == (answering.NOT_FOUND, False)
    assert "person" in answer.answer
    assert answer.citations == []


def test_unsure_it_shows_what_it_found_and_asks_what_was_meant(shop: None) -> None:
    sure = ask("Are you open on Sundays?")
    unsure = ask("Are you open on Sundays?", threshold=(1 + sure.score) / 2)
    assert (unsure.confident, unsure.band) == (False, Band.SUGGEST)
    assert unsure.answer == f"{answering.NOT_SURE}\n{sure.answer}"
    assert unsure.suggestions[0] == "When are you open?"
    assert len(unsure.suggestions) == 3


def test_a_business_decides_how_sure_is_sure_enough(shop: None) -> None:
    score = ask("how much is delivery").score
    assert ask("how much is delivery", threshold=score - 0.01).confident
    assert not ask("how much is delivery", threshold=score + 0.001).confident


def test_a_known_question_outscores_a_near_one_and_that_a_strange_one(shop: None) -> None:
    known, near, strange = (
        ask(question).score
        for question in ("Where can I park?", "Can I charge my car?", "Who wrote Hamlet?")
    )
    assert known > near > strange


def test_a_business_with_a_single_passage_is_not_sure_of_everything() -> None:
    teach("Delivery", paragraph("We deliver within 20 km for 4.95 euro."))
    assert ask("What does delivery cost?").confident
    assert not ask("Do you repair bicycles?").confident


def test_saying_the_same_thing_twice_makes_no_less_sure(shop: None) -> None:
    teach("Dogs", paragraph("Dogs are welcome on a lead in our shop."))
    assert ask("can my dog come in").confident


def test_no_more_passages_come_than_asked_for(shop: None) -> None:
    assert len(ask("Where can I park?", top=1).passages) == 1


@pytest.mark.parametrize(
    ("passage", "question"),
    [
        ("Dogs are welcome on a lead, but not in the café.", "Dürfen unsere Hunde hinein?"),
        ("All our soups are made without gluten.", "Avez-vous quelque chose sans gluten ?"),
        ("Alle unsere Suppen sind glutenfrei.", "Avez-vous quelque chose sans gluten et sucre ?"),
        ("Les articles peuvent être rendus avec le ticket.", "Können die Artikel auf Rechnung?"),
    ],
)
def test_a_question_in_another_language_is_never_answered_as_sure(
    passage: str, question: str
) -> None:
    teach("Page", paragraph(passage))
    answer = ask(question)
    assert (answer.confident, answer.features["foreign"]) == (False, 1.0)
    assert answer.score <= confidence.FOREIGN_AT_MOST


@pytest.mark.parametrize(
    ("passage", "question"),
    [
        ("Alle unsere Suppen sind glutenfrei.", "Wie lange kann ich Ware zurückgeben?"),
        ("Comfortable shoes are recommended.", "Do you wear swimwear in the sauna?"),
        ("Los perros pueden entrar con correa.", "¿Hay internet en el hotel?"),
        ("营业时间为周一至周五。", "哪里可以停车"),
    ],
)
def test_one_about_something_else_in_the_same_language_is_not_taken_for_foreign(
    passage: str, question: str
) -> None:
    teach("Page", paragraph(passage))
    answer = ask(question)
    assert answer.features.get("foreign", 0.0) == 0.0


def test_nothing_found_is_no_confidence_at_all() -> None:
    assert confidence.score(SearchResult("anything")) == 0.0


@pytest.mark.parametrize(
    ("score", "threshold", "band"),
    [
        (0.5, None, Band.ANSWER),
        (0.49, None, Band.SUGGEST),
        (0.24, None, Band.HAND_OVER),
        (0.7, 0.8, Band.SUGGEST),
        (0.39, 0.8, Band.HAND_OVER),
        (0.0, 0.0, Band.ANSWER),
    ],
)
def test_the_bands_follow_the_threshold(score: float, threshold: float | None, band: Band) -> None:
    assert confidence.band(score, threshold) == band
