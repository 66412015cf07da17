"""Reading a source again: what is the same stays, the new text takes over at once, or waits for the owner."""

import io
from collections.abc import Callable, Iterator

import pytest
from flask import Flask
from sqlalchemy import select

from app.accounts.models import User
from app.core.errors import Conflict
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import answering, learning, services
from app.knowledge.blocks import ParsedDocument
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Chunk, ChunkVector, Document, RegressionCase, Source
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph

ROSES = "Roses need six hours of sun. " * 20
FERNS = "Ferns like the shade of old trees. " * 20
PRICES = "A Nordmann fir costs 42 pounds. " * 20
NEW_PRICES = "A Nordmann fir costs 55 pounds. " * 20


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def keep(source: Source, *texts: str, url: str | None = None) -> Document:
    """As a reading of the source at its next revision finds it."""
    source.revision += 1
    return learning.keep_document(source, ParsedDocument("Plants", [*map(paragraph, texts)]), url)


def learned(*texts: str) -> Source:
    source = Source(kind="file", name="plants.txt", revision=0)
    db.session.add(source)
    db.session.flush()
    return relearn(source, *texts)


def relearn(source: Source, *texts: str) -> Source:
    keep(source, *texts)
    learning.embed(source.id, source.revision)
    found = learning.find(source.id, source.revision)
    assert found is not None
    learning.go_live(found)
    return found


def rows() -> dict[str, int]:
    """The first words of each chunk, with its id."""
    return {chunk.text[:10]: chunk.id for chunk in db.session.scalars(select(Chunk))}


def said(question: str) -> str:
    return answering.answer(question, encode).answer


def test_a_chunk_whose_text_is_the_same_keeps_its_vector() -> None:
    source = learned(ROSES, PRICES)
    before, embedded = rows(), set(db.session.scalars(select(ChunkVector.chunk_id)))
    relearn(source, FERNS, ROSES, NEW_PRICES)
    after = rows()
    assert after["Roses need"] == before["Roses need"]
    assert len(set(after.values()) & embedded) == 1
    found = db.session.scalars(select(Chunk).order_by(Chunk.position)).all()
    assert [chunk.text[:5] for chunk in found] == ["Ferns", "Roses", "A Nor"]
    assert source.total_count == source.done_count == 3


def test_the_same_passage_twice_in_a_document_stays_twice() -> None:
    source = learned(ROSES, FERNS, ROSES)
    before = sorted(db.session.scalars(select(Chunk.id)))
    relearn(source, ROSES, FERNS, ROSES)
    assert sorted(db.session.scalars(select(Chunk.id))) == before


def test_the_old_text_answers_until_the_new_is_embedded() -> None:
    source = learned(PRICES)
    keep(source, NEW_PRICES)
    assert "42 pounds" in said("What does a Nordmann fir cost?")
    learning.embed(source.id, source.revision)
    assert "42 pounds" in said("What does a Nordmann fir cost?")
    learning.go_live(source)
    assert "55 pounds" in said("What does a Nordmann fir cost?")
    assert len(rows()) == 1


def test_the_only_passage_answers_while_others_with_its_words_wait() -> None:
    source = learned(ROSES)
    keep(source, ROSES, "Roses need the sun and much water in the summer. " * 20, FERNS)
    learning.embed(source.id, source.revision)
    found = answering.answer("How much sun do roses need?", encode)
    assert found.confident
    assert "six hours" in found.answer


def test_a_document_in_another_language_is_embedded_anew() -> None:
    source = learned(PRICES)
    relearn(source, "Eine Nordmanntanne kostet bei uns zweiundvierzig Euro im Dezember. " * 20)
    assert db.session.scalars(select(Document.language)).one() == "de"


def test_pages_of_one_source_are_read_again_one_by_one() -> None:
    source = learned(PRICES)
    keep(source, ROSES, url="https://example.com/roses")
    learning.embed(source.id, source.revision)
    learning.go_live(source)
    assert len(rows()) == 2
    assert "42 pounds" in said("What does a Nordmann fir cost?")


def test_a_reading_that_fails_leaves_what_was_live() -> None:
    source = learned(PRICES)
    keep(source, NEW_PRICES)
    learning.refuse(source.id, source.revision, "The site is down.")
    assert (source.status, source.error, source.total_count) == ("failed", "The site is down.", 1)
    assert "42 pounds" in said("What does a Nordmann fir cost?")


@pytest.fixture
def owner(cast: Cast) -> User:
    return db.session.get_one(User, cast.owner.id)


@pytest.fixture
def case(owner: User) -> RegressionCase:
    """The owner has said what a fir costs, and it is so in a file."""
    source = learned(PRICES)
    found = RegressionCase(
        question="What does a Nordmann fir cost?",
        must_contain="42 pounds",
        source_id=source.id,
        created_by=owner.id,
    )
    db.session.add(found)
    db.session.flush()
    return found


def test_a_change_that_would_turn_a_case_red_waits_for_the_owner(case: RegressionCase) -> None:
    source = relearn(db.session.get_one(Source, (case.business_id, case.source_id)), NEW_PRICES)
    assert source.status == "held"
    assert source.held is not None
    (broken,) = source.held
    assert broken["question"] == "What does a Nordmann fir cost?"
    assert "55 pounds" in broken["said"]
    assert "42 pounds" in said("What does a Nordmann fir cost?")


def test_the_owner_may_publish_what_is_held(case: RegressionCase) -> None:
    source = relearn(db.session.get_one(Source, (case.business_id, case.source_id)), NEW_PRICES)
    services.publish(source)
    assert (source.status, source.held, source.total_count) == ("ready", None, 1)
    assert "55 pounds" in said("What does a Nordmann fir cost?")
    with pytest.raises(Conflict):
        services.publish(source)


def test_the_owner_may_discard_what_is_held(case: RegressionCase) -> None:
    source = relearn(db.session.get_one(Source, (case.business_id, case.source_id)), NEW_PRICES)
    services.discard(source)
    assert (source.status, source.held, len(rows())) == ("ready", None, 1)
    assert "42 pounds" in said("What does a Nordmann fir cost?")


def test_a_case_that_was_red_before_holds_nothing_up(case: RegressionCase) -> None:
    case.must_contain = "99 pounds"
    source = relearn(db.session.get_one(Source, (case.business_id, case.source_id)), NEW_PRICES)
    assert source.status == "ready"


def test_a_change_that_breaks_nothing_turns_the_case_green(case: RegressionCase) -> None:
    learned(ROSES)
    assert case.is_green is True


def test_a_held_upload_can_be_discarded_as_if_it_had_never_come(
    app: Flask, cast: Cast, run_jobs: Callable[[], int], case: RegressionCase, owner: User
) -> None:
    case.question, case.must_contain = "How much sun do roses need?", "six hours"
    case.source_id = learned(ROSES).id
    case.is_green = None  # it asks for something else by now
    db.session.commit()
    with unit_of_work():
        taken = io.BytesIO(b"How much sun do roses need? Roses need two hours of sun a day.")
        source_id = services.add_file(taken, "rival.txt", owner).id
    run_jobs()
    source = Source.by_id(source_id)
    assert source is not None
    assert source.status == "held"
    with unit_of_work():
        services.discard(source)
    assert Source.by_id(source_id) is None
