"""Chunks become findable in batches, once each, and go with their source."""

from collections.abc import Iterator

import pytest
from sqlalchemy import func, select

from app.extensions import db
from app.knowledge import indexing, retrieval
from app.knowledge.blocks import Block
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Chunk, ChunkVector, Posting, Sentence, Source
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, qa, store, teach

PARAGRAPHS = [
    f"Plant number {number} costs {number} euro. It flowers in spring. " + "Water it often. " * 30
    for number in range(1, 6)
]


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def count(model: type) -> int:
    return db.session.scalar(select(func.count()).select_from(model)) or 0


def test_a_chunk_is_found_only_once_it_is_embedded() -> None:
    source = store("Plants", [paragraph(text) for text in PARAGRAPHS])
    assert retrieval.search("What does plant number 3 cost?", encode).hits == ()
    assert indexing.embed_pending(source.id, encode, limit=3) == 3
    hits = retrieval.search("What does plant number 3 cost?", encode).hits
    assert len(hits) == 3
    assert "number 3" in hits[0].text


def test_batches_go_on_where_the_last_one_ended_and_repeat_nothing() -> None:
    source = store("Plants", [paragraph(text) for text in PARAGRAPHS])
    assert indexing.count_pending(source.id) == 5
    done = [indexing.embed_pending(source.id, encode, limit=2) for _ in range(4)]
    assert done == [2, 2, 1, 0]
    assert indexing.count_pending(source.id) == 0
    assert count(ChunkVector) == 5
    assert count(Sentence) == 5 * 32


def test_a_batch_that_fails_leaves_nothing_half_done() -> None:
    source = store("Plants", [paragraph(text) for text in PARAGRAPHS])

    def fails(_texts: object, _model: object) -> None:
        raise RuntimeError("the model is gone")

    with pytest.raises(RuntimeError):
        indexing.embed_pending(source.id, fails)  # type: ignore[arg-type]
    assert (count(ChunkVector), count(Sentence), count(Posting)) == (0, 0, 0)
    assert indexing.embed_pending(source.id, encode) == 5


def test_another_source_is_left_alone() -> None:
    one, other = store("One", [paragraph("First.")]), store("Other", [paragraph("Second.")])
    assert indexing.embed_pending(one.id, encode) == 1
    assert indexing.count_pending(other.id) == 1


def test_removing_a_source_removes_everything_that_could_answer() -> None:
    source = teach("Plants", *[paragraph(text) for text in PARAGRAPHS])
    assert count(Posting) > 0
    db.session.delete(db.session.merge(source))
    db.session.flush()
    assert [count(model) for model in (Source, Chunk, ChunkVector, Sentence, Posting)] == [0] * 5


def test_postings_hold_stems_and_leave_stop_words_out() -> None:
    teach("Delivery", paragraph("We are delivering the orders. Orders are delivered daily."))
    found = dict(db.session.execute(select(Posting.term, Posting.frequency)).all())
    assert found == {"deliv": 2, "order": 2, "daili": 1}


def test_each_document_is_stemmed_in_its_own_language() -> None:
    teach("Envíos", paragraph("Los pedidos se envían en dos días y los gastos son de cinco euros."))
    terms = set(db.session.scalars(select(Posting.term)))
    assert "ped" in terms  # pedidos, by the Spanish stemmer
    assert "los" not in terms


def test_a_questions_own_words_are_sentence_zero() -> None:
    teach("FAQ", qa("Can I bring my dog?", "Yes. On a lead."))
    rows = db.session.execute(select(Sentence.position, Sentence.text).order_by(Sentence.position))
    assert [tuple(row) for row in rows] == [
        (0, "Can I bring my dog?"),
        (1, "Yes."),
        (2, "On a lead."),
    ]


def test_a_word_of_thousands_of_letters_is_no_obstacle() -> None:
    teach("Keys", Block("paragraph", "key " + "x" * 5000))
    assert "x" * 60 in set(db.session.scalars(select(Posting.term)))
