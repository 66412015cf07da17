"""The right passage comes first: by meaning, by words, in other scripts, and in spite of typing errors."""

from collections.abc import Iterator

import pytest
from sqlalchemy import text

from app.assistant.models import Answer
from app.core import preparing
from app.extensions import db
from app.knowledge import retrieval
from app.knowledge.embeddings.current import encode
from app.knowledge.retrieval import SearchResult
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, qa, teach

DELIVERY = "We deliver within 20 km of the shop. It costs 4.95 euro and is free above 50 euro."
RETURNS = "Plants can be brought back within 30 days if they are alive. Bring the receipt."
HOURS = "The garden centre is open from 9:00 to 18:00. It is closed on Sundays."
MODEL = "The hedge trimmer HT-4410 has a blade of 55 cm and weighs 3.2 kg."


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


@pytest.fixture
def shop() -> None:
    for title, body in (
        ("Delivery", DELIVERY),
        ("Returns", RETURNS),
        ("Hours", HOURS),
        ("Tools", MODEL),
    ):
        teach(title, paragraph(body))


def search(question: str, limit: int = 5) -> SearchResult:
    return retrieval.search(question, encode, limit)


@pytest.mark.parametrize(
    ("question", "passage"),
    [
        ("What does shipping cost?", DELIVERY),
        ("My fern is not what I wanted, can I give it back?", RETURNS),
        ("What time do you close?", HOURS),
        ("How heavy is the HT-4410?", MODEL),
    ],
)
def test_the_passage_that_answers_comes_first(shop: None, question: str, passage: str) -> None:
    result = search(question)
    assert result.hits[0].text == passage
    assert [hit.score for hit in result.hits] == sorted(
        (hit.score for hit in result.hits), reverse=True
    )


def test_no_more_hits_come_than_asked_for(shop: None) -> None:
    assert len(search("When are you open?", limit=2).hits) == 2


def test_a_hit_says_where_it_stands(shop: None) -> None:
    hit = search("What does shipping cost?").hits[0]
    assert hit.document == "Delivery"
    assert [sentence.position for sentence in hit.sentences] == [1, 2]
    assert hit.text.startswith(hit.sentences[0].text)


def test_a_mistyped_word_is_respelled_from_the_businesss_own_words(shop: None) -> None:
    result = search("Where do I find the reciept for my plannts?")
    assert result.searched_for == "Where do I find the receipt for my plants?"
    assert result.hits[0].text == RETURNS


def test_a_word_of_the_dictionary_is_meant_as_it_stands(shop: None) -> None:
    assert search("Do you sell trimmers for hikers?").searched_for is None
    assert search("Is the ship open?").searched_for is None  # not "shop"


def test_the_owners_own_answer_goes_before_prose_of_the_same_words() -> None:
    said = "Dogs are welcome on a lead."
    teach("Page", paragraph(said))
    teach("Answer", qa("Are dogs welcome?", said))
    assert search("Are dogs welcome?").hits[0].kind == "qa"


def test_headings_count_as_words_of_their_passages() -> None:
    from app.knowledge.blocks import Block

    teach(
        "Prices",
        Block("heading", "Lawn mower hire", level=1),
        paragraph("25 euro a day, 100 euro deposit."),
        Block("heading", "Trailer hire", level=1),
        paragraph("30 euro a day, 200 euro deposit."),
    )
    hit = search("lawn mower").hits[0]
    assert (hit.heading, hit.coverage) == ("Lawn mower hire", 1.0)


@pytest.mark.parametrize(
    ("passages", "question", "right"),
    [
        (["营业时间为周一至周五上午九点。", "停车场在大楼后面。"], "哪里可以停车", 1),
        (["営業時間は九時からです。", "配送料は五百円です。"], "配送料はいくらですか", 1),
        (["المتجر مفتوح يوم السبت.", "موقف السيارات خلف المبنى."], "أين موقف السيارات؟", 1),
        (["दुकान सोमवार को खुली है।", "पार्किंग इमारत के पीछे है।"], "पार्किंग कहाँ है?", 1),
        (["ร้านเปิดทุกวันจันทร์", "ลานจอดรถอยู่ด้านหลังอาคาร"], "ที่จอดรถอยู่ที่ไหน", 1),
        (["Доставка стоит 300 рублей.", "Парковка за зданием."], "Сколько стоит доставка?", 0),
        (
            ["El envío cuesta cinco euros.", "Los perros pueden entrar con correa."],
            "¿Puedo entrar con mi perro?",
            1,
        ),
    ],
)
def test_other_languages_are_searched_in_their_own_words(
    passages: list[str], question: str, right: int
) -> None:
    for passage in passages:
        teach("Page", paragraph(passage))
    assert search(question).hits[0].text == passages[right]


def test_a_question_in_a_script_that_no_document_has_finds_nothing(shop: None) -> None:
    assert search("营业时间是几点").hits == ()


@pytest.mark.parametrize("question", ["", "   ", "?!…", "\x00", "🙂"])
def test_a_question_without_words_finds_nothing(shop: None, question: str) -> None:
    assert search(question).hits == ()


def test_a_business_without_knowledge_finds_nothing() -> None:
    assert search("What does shipping cost?").hits == ()


def test_a_question_of_ten_thousand_characters_is_cut_and_answered(shop: None) -> None:
    result = search("What does shipping cost? " * 400)
    assert len(result.question) <= retrieval.MAX_QUESTION
    assert result.hits[0].text == DELIVERY


@pytest.mark.parametrize(
    "question", ["'; DROP TABLE chunks; --", "100% {x} %(y)s :name \\", "a" * 5000]
)
def test_odd_characters_are_only_text(shop: None, question: str) -> None:
    search(question)
    assert search("What does shipping cost?").hits[0].text == DELIVERY


def test_another_businesss_knowledge_is_never_found(shop: None, cast: Cast) -> None:
    with cast.neighbour_scope():
        assert search("What does shipping cost?").hits == ()
        teach("Ours", paragraph("We never deliver anything."))
        assert [hit.text for hit in search("delivery").hits] == ["We never deliver anything."]


def test_a_search_is_planned_for_its_own_business_each_time(shop: None) -> None:
    """Also where the worker prepares some: a prepared plan would serve every business."""
    connection = db.session.connection().connection.driver_connection
    assert connection is not None
    connection.prepare_threshold = preparing.NEVER_BY_ITSELF
    for _ in range(8):
        assert search("What does shipping cost?").hits[0].text == DELIVERY
        assert Answer.of_message(1) is None
    prepared = db.session.scalars(text("SELECT statement FROM pg_prepared_statements")).all()
    connection.prepare_threshold = None
    assert any("FROM answers" in each for each in prepared)
    assert not any("chunk_vectors" in each for each in prepared)
