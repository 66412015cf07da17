"""A large business gets an index and statistics of its own, in the background, and loses them again."""

from collections.abc import Callable, Iterator

import pytest
from sqlalchemy import func, select, text
from sqlalchemy.exc import IntegrityError

from app.businesses.models import Business
from app.config import OUR_MODEL
from app.core.embedded import ROLE, Embedded
from app.core.tenancy import business_scope
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk.opening import open_business
from app.knowledge import retrieval, tuning
from app.knowledge.embeddings.current import encode
from app.knowledge.models import ChunkVector, CommonTerm, SearchStatistics, Source
from app.knowledge.services import remove
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, teach

DIMENSIONS = 384
PASSAGES = [
    "We deliver within 20 km of the shop.",
    "Plants can be brought back to the shop within 30 days.",
    "The shop is closed on Sundays.",
    "The hedge trimmer weighs 3.2 kg.",
]


@pytest.fixture(autouse=True)
def small_numbers(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tuning, "LARGE", 4)
    monkeypatch.setattr(tuning, "NOT_LARGE", 3)
    monkeypatch.setattr(tuning, "COMMON", 3)


@pytest.fixture
def business_id(context: None, cast: Cast) -> Iterator[int]:
    with cast.scope():
        yield cast.business_id
        db.session.rollback()
    with tuning._alone() as connection:  # the guard of migrations knows no such index
        tuning._drop(connection, name_of(cast.business_id))


def learn(*passages: str) -> list[Source]:
    with unit_of_work():
        return [teach(passage, paragraph(passage)) for passage in passages]


def forget(source: Source) -> None:
    with unit_of_work():
        db.session.delete(db.session.merge(source))


def tune() -> None:
    with unit_of_work():
        tuning.tune()


def name_of(business_id: int) -> str:
    return tuning.index_name(business_id, DIMENSIONS)


def has_index(business_id: int) -> bool:
    return bool(db.session.execute(tuning._IS_VALID, {"name": name_of(business_id)}).scalar())


def plan_of_search(business_id: int) -> str:
    """Of its vector stage, as the statement is written; so few rows would else be scanned."""
    db.session.execute(text("SET LOCAL enable_sort = off"))
    statement = retrieval._statement(retrieval._NEAREST, DIMENSIONS)
    rows = db.session.execute(
        text(f"EXPLAIN {statement.text}"),
        {
            "business_id": business_id,
            "vector": str([0.1] * DIMENSIONS),
            "model": OUR_MODEL,
            "by_meaning": True,
            "nearest": 100,
        },
    )
    return "\n".join(rows.scalars())


def test_a_business_that_has_become_large_is_indexed_and_counted(business_id: int) -> None:
    learn(*PASSAGES)
    tune()
    assert has_index(business_id)
    assert name_of(business_id) in plan_of_search(business_id)
    statistics = db.session.scalars(select(SearchStatistics)).one()
    assert (statistics.passages, statistics.length) == (4, pytest.approx(4.5, abs=2))
    assert list(db.session.scalars(select(CommonTerm.term))) == ["shop"]


def test_a_small_business_is_not(business_id: int) -> None:
    learn(*PASSAGES[:3])
    tune()
    assert not has_index(business_id)
    assert db.session.scalars(select(SearchStatistics)).all() == []


def test_a_large_business_finds_the_same(business_id: int) -> None:
    learn(*PASSAGES)
    questions = ("When is the shop closed?", "How heavy is the trimmer?", "shop")
    before = [retrieval.search(question, encode).hits for question in questions]
    tune()
    assert [retrieval.search(question, encode).hits for question in questions] == before


def test_words_that_stand_everywhere_still_count_in_what_is_found(
    business_id: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    learn(*PASSAGES)
    exact = retrieval.search("Is the shop closed?", encode).hits
    monkeypatch.setattr(retrieval, "POSTINGS", 1)
    assert retrieval.search("Is the shop closed?", encode).hits == exact


def test_one_that_has_shrunk_loses_both(business_id: int) -> None:
    sources = learn(*PASSAGES)
    tune()
    forget(sources[0])
    tune()
    assert has_index(business_id)  # three are enough to stay large
    forget(sources[1])
    tune()
    assert not has_index(business_id)
    assert db.session.scalars(select(SearchStatistics)).all() == []


def test_statistics_are_counted_anew_when_a_tenth_has_changed(business_id: int) -> None:
    learn(*PASSAGES)
    tune()
    learn("The shop has a café.")
    tune()
    assert db.session.scalars(select(SearchStatistics.passages)).one() == 5


def test_what_is_not_live_is_not_counted(business_id: int) -> None:
    learn(*PASSAGES)
    with unit_of_work():
        db.session.scalars(select(ChunkVector).limit(1)).one().is_live = False
    tune()
    assert not has_index(business_id)


def test_tuning_twice_changes_nothing(business_id: int) -> None:
    learn(*PASSAGES)
    tune()
    tune()
    assert has_index(business_id)
    assert db.session.scalar(select(func.count()).select_from(SearchStatistics)) == 1


def test_what_a_cut_short_build_left_is_built_again(business_id: int) -> None:
    learn(*PASSAGES)
    unfinished = f"CREATE UNIQUE INDEX CONCURRENTLY {name_of(business_id)}"
    with tuning._alone() as connection, pytest.raises(IntegrityError):
        connection.execute(text(f"{unfinished} ON chunk_vectors (business_id)"))
    assert not has_index(business_id)
    tune()
    assert has_index(business_id)
    assert name_of(business_id) in plan_of_search(business_id)


def test_the_index_of_a_business_that_is_gone_goes_with_the_next_tuning(
    business_id: int,
) -> None:
    with unit_of_work():
        gone = open_business("Gone", None, f"gone-{business_id}").id
    with business_scope(gone):
        learn(*PASSAGES)
        tune()
        assert has_index(gone)
    with business_scope(gone), unit_of_work():
        db.session.delete(db.session.get_one(Business, gone))
    tune()
    assert not has_index(gone)


def test_a_role_that_does_not_own_the_table_goes_on_scanning(
    business_id: int, servers: Embedded
) -> None:
    learn(*PASSAGES)
    db.session.rollback()
    with servers._superuser(db.engine.url.database) as superuser:
        superuser.execute("ALTER TABLE chunk_vectors OWNER TO postgres")
        superuser.execute(f"GRANT ALL ON chunk_vectors TO {ROLE}")
        try:
            tune()
            found = retrieval.search("When is the shop closed?", encode).hits[0].text
            db.session.rollback()
        finally:
            superuser.execute(f"ALTER TABLE chunk_vectors OWNER TO {ROLE}")
    assert found == PASSAGES[2]
    assert not has_index(business_id)
    assert db.session.scalars(select(SearchStatistics.passages)).one() == 4


def test_reading_and_removing_ask_for_it(
    business_id: int, cast: Cast, run_jobs: Callable[[], int]
) -> None:
    run_jobs()  # what others have left
    sources = learn(*PASSAGES)
    with unit_of_work():
        tuning.keep_up()
        tuning.keep_up()
    assert run_jobs() == 1
    assert has_index(business_id)
    with unit_of_work():
        for source in sources[:2]:
            remove(db.session.merge(source))
    run_jobs()
    assert not has_index(business_id)


def test_a_small_business_asks_for_nothing(business_id: int, run_jobs: Callable[[], int]) -> None:
    run_jobs()
    learn(PASSAGES[0])
    with unit_of_work():
        tuning.keep_up()
    assert run_jobs() == 0


def test_vectors_of_another_model_get_an_index_of_their_own(business_id: int) -> None:
    learn(*PASSAGES)
    tune()
    with unit_of_work():
        db.session.execute(text("UPDATE chunk_vectors SET embedding = '[1,2,3]'"))
        tuning.keep_up()
    tune()
    assert not has_index(business_id)
    assert db.session.scalars(select(SearchStatistics.dimensions)).one() == 3
    name = tuning.index_name(business_id, 3)
    assert db.session.execute(tuning._IS_VALID, {"name": name}).scalar()
    with tuning._alone() as connection:
        tuning._drop(connection, name)
