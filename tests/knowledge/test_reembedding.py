"""Another embedding model: the old vectors answer until the new ones are there, and then the new ones do."""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

import pytest
from flask import Flask
from sqlalchemy import func, select, text, update

from app.assistant import grouping, likeness  # noqa: F401  grouping follows a change
from app.assistant.models import Gap
from app.businesses.models import Business
from app.config import OUR_MODEL, ROOT, Config
from app.core import tenancy
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import commit, unit_of_work
from app.extensions import db
from app.knowledge import answering, indexing, reembedding, retrieval
from app.knowledge.embeddings import ModelMissing
from app.knowledge.embeddings import current as models
from app.knowledge.embeddings.current import encode
from app.knowledge.models import NextVector, Source
from tests.conftest import Cast, locked
from tests.knowledge import other_models
from tests.knowledge.other_models import FLOAT, SMALL, SMALL_DIMENSIONS
from tests.knowledge.teaching import paragraph, qa, store, teach

SUBJECTS = ("roses", "ferns", "tulips", "lilies", "apples", "pears", "plums", "herbs")
ASKED = "How much is delivery to Ashcombe?"
FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."


@pytest.fixture(scope="module", autouse=True)
def built(app: Flask, config: Config) -> None:
    with locked("embedding"):
        other_models.build_float(config.EMBEDDING_DIR)
        other_models.build_small(config.EMBEDDING_DIR)


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        teach(
            "Plants",
            *(paragraph(f"Our {name} need water twice a week. " * 12) for name in SUBJECTS),
        )
        teach("Delivery", qa("Do you deliver?", FACT))
        commit()
        yield
        db.session.rollback()


@pytest.fixture
def configure(app: Flask, monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str, int], None]]:
    """`configure(SMALL, 256)`: what the environment would say from the next start on."""
    loaded = dict(app.extensions["embedders"])

    def change(model: str, dimensions: int) -> None:
        monkeypatch.setitem(app.config, "EMBEDDING_MODEL", model)
        monkeypatch.setitem(app.config, "EMBEDDING_DIMENSIONS", dimensions)

    yield change
    app.extensions["embedders"] = loaded


def said(question: str = ASKED) -> str:
    return answering.answer(question, encode).answer


def lengths(table: str = "chunk_vectors") -> set[int]:
    return set(db.session.scalars(text(f"SELECT vector_dims(embedding) FROM {table}")))


def made() -> int:
    return db.session.scalar(select(func.count()).select_from(NextVector)) or 0


def business() -> Business:
    found = db.session.get_one(Business, tenancy.current_business_id())
    db.session.refresh(found)
    return found


class Killed(Exception):
    pass


@pytest.fixture
def killed_after(monkeypatch: pytest.MonkeyPatch) -> Callable[[int], None]:
    """The job ends in the middle of its next batch after this many; nothing of that batch is kept."""

    def arm(batches: int) -> None:
        monkeypatch.setattr(reembedding, "BATCH", 2)
        left = iter([True] * batches)

        def encode_many(texts: Sequence[str], model: str | None = None) -> Any:
            if not next(left, False):
                raise Killed
            return models.encode_many(texts, model)

        monkeypatch.setattr(reembedding, "encode_many", encode_many)
        with pytest.raises(Killed):
            reembedding.reembed()
        db.session.rollback()
        monkeypatch.undo()

    return arm


@pytest.mark.parametrize(("model", "dimensions"), [(FLOAT, 384), (SMALL, SMALL_DIMENSIONS)])
def test_the_new_model_s_vectors_serve_after_the_change(configure, model, dimensions):
    before = retrieval.search(ASKED, encode).hits[0]
    configure(model, dimensions)
    reembedding.reembed()
    assert business().embedding_model == model
    assert (lengths(), lengths("sentences"), made()) == ({dimensions}, {dimensions}, 0)
    after = retrieval.search(ASKED, encode).hits[0]
    assert (after.text, FACT in said()) == (before.text, True)
    assert after.cosine != before.cosine
    stored = db.session.scalar(
        text("SELECT embedding::text FROM chunk_vectors WHERE chunk_id = :id"),
        {"id": after.chunk_id},
    )
    expected = encode([indexing.passage_text("", after.question, after.text)], model)[0]
    cosine = sum(a * b for a, b in zip(map(float, stored[1:-1].split(",")), expected, strict=True))
    assert cosine > 0.98


def test_the_old_vectors_answer_until_all_of_the_new_are_there(configure, monkeypatch):
    before = retrieval.search(ASKED, encode).hits[0]
    configure(SMALL, SMALL_DIMENSIONS)
    monkeypatch.setattr(reembedding, "BATCH", 2)
    seen = []

    def watching(texts: Sequence[str], model: str | None = None) -> Any:
        seen.append((retrieval.search(ASKED, encode).hits[0].cosine, FACT in said(), lengths()))
        commit()
        return models.encode_many(texts, model)

    monkeypatch.setattr(reembedding, "encode_many", watching)
    reembedding.reembed()
    assert seen == [(before.cosine, True, {384})] * 5
    assert lengths() == {SMALL_DIMENSIONS}


def test_what_was_embedded_before_a_kill_is_not_embedded_again(configure, monkeypatch, app):
    configure(SMALL, SMALL_DIMENSIONS)
    monkeypatch.setattr(reembedding, "BATCH", 2)
    passages = []

    def failing(texts: Sequence[str], model: str | None = None) -> Any:
        passages.extend(each for each in texts if each.count("\n") or each.count("Our ") > 1)
        if len(passages) == 6:
            raise Killed
        return models.encode_many(texts, model)

    monkeypatch.setattr(reembedding, "encode_many", failing)
    with pytest.raises(Killed):
        reembedding.reembed()
    db.session.rollback()
    assert reembedding.progress(business()) == reembedding.Progress(done=4, total=9)
    assert FACT in said()
    assert lengths() == {384}
    reembedding.reembed()
    assert lengths() == {SMALL_DIMENSIONS}
    assert len(passages) == 9 + 2  # the batch that was lost, and nothing else, twice


KILL_ME = """
import sys, time
from dataclasses import replace
from pathlib import Path
from app import create_core
from app.config import read
from app.core.tenancy import business_scope
from app.knowledge import reembedding
from app.knowledge.embeddings import current
import app.models
def slowly(texts, model=None):
    time.sleep(.3)
    return current.encode_many(texts, model)
reembedding.BATCH, reembedding.encode_many = 1, slowly
with create_core().app_context(), business_scope(int(sys.argv[1])):
    reembedding.reembed()
"""


def test_a_killed_process_leaves_what_the_next_one_goes_on_with(configure, config, cast):
    configure(SMALL, SMALL_DIMENSIONS)
    environ = os.environ | {
        "DATABASE_URL": config.DATABASE_URL,
        "REDIS_URL": config.REDIS_URL,
        "EMBEDDING_DIR": str(config.EMBEDDING_DIR),
        "EMBEDDING_MODEL": SMALL,
        "EMBEDDING_DIMENSIONS": str(SMALL_DIMENSIONS),
    }
    command = [sys.executable, "-c", KILL_ME, str(cast.business_id)]
    process = subprocess.Popen(command, cwd=ROOT, env=environ)
    patience = time.monotonic() + 60
    while made() < 3 and process.poll() is None and time.monotonic() < patience:
        commit()
        time.sleep(0.05)
    process.send_signal(signal.SIGKILL)
    process.wait()
    commit()
    kept = set(db.session.scalars(select(NextVector.chunk_id)))
    assert 0 < len(kept) < 9
    assert (FACT in said(), business().next_embedding_model) == (True, SMALL)
    reembedding.reembed()
    assert (lengths(), made(), FACT in said()) == ({SMALL_DIMENSIONS}, 0, True)


def test_what_is_imported_meanwhile_is_right_under_both(configure, killed_after):
    configure(SMALL, SMALL_DIMENSIONS)
    killed_after(2)
    configure(SMALL, SMALL_DIMENSIONS)
    teach("Parking", qa("Where can I park?", "Behind the shop, for free."))
    commit()
    assert lengths() == {384}
    assert "Behind the shop" in said("Where can I park?")
    reembedding.reembed()
    assert lengths() == {SMALL_DIMENSIONS}
    assert "Behind the shop" in said("Where can I park?")


def test_a_source_that_is_deleted_meanwhile_is_gone_from_both(configure, killed_after):
    configure(SMALL, SMALL_DIMENSIONS)
    killed_after(2)
    configure(SMALL, SMALL_DIMENSIONS)
    db.session.delete(db.session.scalars(select(Source).where(Source.name == "Plants")).one())
    commit()
    assert made() == 0
    reembedding.reembed()
    assert (lengths(), FACT in said()) == ({SMALL_DIMENSIONS}, True)


def test_a_source_that_is_deleted_while_its_vectors_are_made_is_no_failure(configure, monkeypatch):
    configure(SMALL, SMALL_DIMENSIONS)

    def deleting(texts: Sequence[str], model: str | None = None) -> Any:
        plants = db.session.scalar(select(Source).where(Source.name == "Plants"))
        if plants is not None:
            db.session.delete(plants)
            commit()
        return models.encode_many(texts, model)

    monkeypatch.setattr(reembedding, "encode_many", deleting)
    reembedding.reembed()
    assert db.session.scalar(text("SELECT count(*) FROM chunk_vectors")) == 1
    assert (lengths(), FACT in said()) == ({SMALL_DIMENSIONS}, True)


def test_the_questions_that_lack_an_answer_change_with_it(configure):
    (vector,) = encode([ASKED])
    gap = Gap(
        question=ASKED,
        asked_count=1,
        first_asked_at=now(),
        last_asked_at=now(),
        status="open",
        embedding=vector,
    )
    db.session.add(gap)
    commit()
    configure(SMALL, SMALL_DIMENSIONS)
    reembedding.reembed()
    assert lengths("gaps") == {SMALL_DIMENSIONS}
    found = likeness.nearest(ASKED, encode([ASKED])[0])
    assert found is not None
    assert found.question == ASKED


def test_another_business_is_untouched(configure, cast):
    with cast.neighbour_scope():
        teach("Delivery", qa("Do you deliver?", "We never do."))
        commit()
    configure(SMALL, SMALL_DIMENSIONS)
    reembedding.reembed()
    with cast.neighbour_scope():
        assert (lengths(), business().embedding_model) == ({384}, OUR_MODEL)
        assert "We never do." in said("Do you deliver?")


def in_between(app: Flask, cast: Cast) -> None:
    """The whole change, by somebody else."""

    def change() -> None:
        with app.app_context(), cast.scope():
            reembedding.reembed()

    other = threading.Thread(target=change)
    other.start()
    other.join()


def test_a_question_that_was_encoded_before_the_switch_is_encoded_again(configure, app, cast):
    configure(SMALL, SMALL_DIMENSIONS)
    used: list[str | None] = []

    def late(texts: Sequence[str], model: str | None = None) -> Any:
        used.append(model)
        vectors = encode(texts, model)
        if len(used) == 1:
            in_between(app, cast)
        return vectors

    assert FACT in answering.answer(ASKED, late).answer
    assert used == [OUR_MODEL, SMALL]


def test_an_import_that_encoded_before_the_switch_encodes_again(configure, app, cast):
    source = store("Parking", [qa("Where can I park?", "Behind the shop, for free.")])
    commit()
    configure(SMALL, SMALL_DIMENSIONS)
    used: list[str | None] = []

    def late(texts: Sequence[str], model: str | None = None) -> Any:
        used.append(model)
        vectors = encode(texts, model)
        if len(used) == 1:
            in_between(app, cast)
        return vectors

    assert indexing.embed_pending(source.id, late) == 1
    commit()
    assert used == [OUR_MODEL, SMALL]
    assert lengths() == {SMALL_DIMENSIONS}


@pytest.fixture
def others_are_done(cast: Cast) -> Iterator[None]:
    """Businesses of other tests, which the clock would see too."""
    others = Business.id.not_in([cast.business_id, cast.neighbour_business_id])
    served = db.session.execute(select(Business.id, Business.embedding_model).where(others)).all()
    db.session.execute(update(Business).where(others).values(embedding_model=SMALL))
    commit()
    yield
    for business_id, model in served:
        db.session.execute(
            update(Business).where(Business.id == business_id).values(embedding_model=model)
        )
    commit()


def test_the_clock_asks_once_for_one_business_at_a_time(configure, others_are_done, run_jobs, cast):
    configure(SMALL, SMALL_DIMENSIONS)
    for _turn in range(3):
        reembedding.notice_change()
    open_jobs = select(OutboxJob.business_id, OutboxJob.queue).where(
        OutboxJob.name == "knowledge.reembed", OutboxJob.done_at.is_(None)
    )
    assert db.session.execute(open_jobs).all() == [(cast.business_id, "bulk")]
    commit()
    run_jobs()
    assert business().embedding_model == SMALL
    reembedding.notice_change()
    assert db.session.execute(open_jobs).all() == [(cast.neighbour_business_id, "bulk")]
    commit()
    run_jobs()
    reembedding.notice_change()
    assert db.session.execute(open_jobs).all() == []


def test_a_configuration_that_is_changed_back_throws_away_what_was_made(configure, killed_after):
    configure(SMALL, SMALL_DIMENSIONS)
    killed_after(2)
    assert made() > 0
    reembedding.reembed()
    commit()
    assert (made(), business().next_embedding_model, lengths()) == (0, None, {384})


def test_a_third_model_throws_away_what_the_second_made(configure, killed_after):
    configure(SMALL, SMALL_DIMENSIONS)
    killed_after(2)
    configure(FLOAT, 384)
    reembedding.reembed()
    assert (lengths(), business().embedding_model) == ({384}, FLOAT)


def test_the_old_model_is_released_once_nobody_needs_it(configure, app):
    configure(SMALL, SMALL_DIMENSIONS)
    reembedding.reembed()
    assert {OUR_MODEL, SMALL} <= set(app.extensions["embedders"])
    db.session.execute(update(Business).values(embedding_model=SMALL))
    models.release_unused()
    assert set(app.extensions["embedders"]) == {SMALL}
    db.session.rollback()


def test_a_model_of_another_length_than_configured_is_refused(configure):
    configure(SMALL, 384)
    with pytest.raises(ModelMissing, match="EMBEDDING_DIMENSIONS is 384, but minilm-256 makes"):
        reembedding.reembed()
    db.session.rollback()
    assert FACT in said()


def test_a_model_that_is_not_there_is_named_with_what_to_do(configure):
    configure("nowhere", 100)
    with pytest.raises(ModelMissing, match=r"nowhere is not in .*flask embeddings build"):
        reembedding.reembed()
    db.session.rollback()
    assert FACT in said()


def test_a_new_business_begins_with_the_configured_model(configure, app):
    from app.businesses.services import create_business

    configure(SMALL, SMALL_DIMENSIONS)
    with unit_of_work():
        assert create_business("New").embedding_model == SMALL
