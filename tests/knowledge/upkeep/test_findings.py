"""What upkeep finds in a knowledge, what it leaves alone, and what is remembered."""

from collections.abc import Callable, Iterator
from datetime import timedelta

import pytest
from sqlalchemy import func, select, text, update

from app.accounts.models import User
from app.businesses import hours
from app.core.db import now
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import notes, services
from app.knowledge.models import Chunk, Document, Finding, Source, Upkeep, WebPage
from app.knowledge.upkeep import ageing, duplicates, listing, running, statements
from tests.conftest import Cast
from tests.knowledge.teaching import paragraph, qa, teach

LONG = (
    "Bare-root roses are lifted in November and should be planted within two days. Soak the roots in a "
    "bucket of water first, dig a hole as deep as a spade, and firm the soil with your heel."
)


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def know(*texts: str) -> None:
    """Each a file of its own."""
    with unit_of_work():
        for number, each in enumerate(texts):
            source = teach(f"file {number}", paragraph(each))
            source.status, source.ready_at = "ready", now()


def look() -> list[Finding]:
    with unit_of_work():
        running.run()
    return list(db.session.scalars(select(Finding).order_by(Finding.kind, Finding.weight.desc())))


def pairs() -> set[tuple[str, str]]:
    """Figures against figures of all contradictions, the smaller text first."""
    found = [each for each in look() if each.kind == "contradiction"]
    return {
        tuple(sorted((each.detail["figures"], each.detail["other_figures"])))  # type: ignore[misc]
        for each in found
    }


@pytest.mark.parametrize(
    ("one", "other", "figures"),
    [
        ("A Nordmann fir costs £42.", "Nordmann firs are £45 each.", ("£42", "£45")),
        ("Delivery costs 4.95 euro.", "We charge 5.95 euro for delivery.", ("4.95 euro", "5.95 euro")),
        ("You can return plants within 30 days.", "Plants can be returned within 14 days.", ("14 days", "30 days")),
        ("Members get 10% off.", "Members get 15 % off everything.", ("10%", "15 %")),
        ("On Saturday we are open from 9:00 to 17:00.", "On Saturdays we are open from 9:00 to 16:00.", ("16:00", "17:00")),
        ("The workshop is on 12 December.", "The workshop takes place on 19 December.", ("12 December", "19 December")),
    ],
)  # fmt: skip
def test_different_figures_for_the_same_thing_are_found(
    one: str, other: str, figures: tuple[str, str]
) -> None:
    know(one, other)
    assert pairs() == {figures}


@pytest.mark.parametrize(
    ("one", "other"),
    [
        ("A Nordmann fir costs £42.", "A Fraser fir costs £46."),
        (
            "On Saturday we are open from 9:00 to 17:00.",
            "On Sunday we are open from 10:00 to 16:00.",
        ),
        ("In summer we close at 18:00.", "In winter we close at 17:00."),
        ("A 5 ft fir costs £32.", "A 6 ft fir costs £42."),
        ("Delivery costs £5.", "Delivery costs £5 and takes 3 days."),
        ("Workshops last 2 hours.", "Parking is free for 4 hours."),
        ("Entry is £5.", "Entry is 5 pounds."),
        ("On 24 December 2026 we are closed.", "On 31 December 2026 we are closed."),
    ],
)
def test_what_is_about_different_things_is_left_alone(one: str, other: str) -> None:
    know(one, other)
    assert pairs() == set()


def test_an_answer_is_compared_with_its_question() -> None:
    with unit_of_work():
        teach("one", qa("How much is a Nordmann fir?", "It is £42."))
        teach("other", qa("What does a Nordmann fir cost?", "It is £45."))
        teach("third", qa("What does a wreath cost?", "It is £15."))
    assert pairs() == {("£42", "£45")}


def test_the_same_text_in_two_sources_is_found_once() -> None:
    know(LONG, LONG.replace("dig a hole", "dig a big hole"), "Ferns like the shade of old trees.")
    found = [each for each in look() if each.kind == "duplicate"]
    assert len(found) == 1
    assert found[0].chunk_id > found[0].other_chunk_id


def test_the_same_text_twice_in_one_source_is_no_finding() -> None:
    with unit_of_work():
        teach("one", paragraph(LONG), paragraph(LONG))
    assert look() == []


def test_a_sentence_whose_day_is_over_is_found() -> None:
    know("The offer is valid until 31 March 2024. Come soon.", "We opened on 1 May 1974.")
    found = look()
    assert [each.detail["quote"] for each in found] == ["The offer is valid until 31 March 2024."]


def test_old_files_expired_notes_and_failing_pages_are_found() -> None:
    know("A file.")
    with unit_of_work():
        db.session.execute(update(Source).values(ready_at=now() - timedelta(days=400)))
        note = notes.add("", "Closed today.", hours.today(), None)
        note.status = "expired"
        site = Source(kind="website", name="example.com", status="ready")
        db.session.add(site)
        db.session.flush()
        page = Document(source_id=site.id, title="Page", url="https://example.com/a")
        db.session.add(page)
        db.session.flush()
        for url, document_id in ((page.url, page.id), ("https://example.com/new", None)):
            db.session.add(
                WebPage(
                    source_id=site.id, document_id=document_id, url=url, depth=0, status="failed"
                )
            )
    found = {each.detail["why"]: each.detail for each in look()}
    assert set(found) == {"file", "note", "pages"}
    assert found["pages"]["pages"] == 1


def test_what_was_never_quoted_is_found_once_visitors_ask_enough(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    know("Old and silent.", "Young and silent.")
    with unit_of_work():
        old = db.session.scalars(select(Document).order_by(Document.id)).first()
        assert old is not None
        old.created_at = now() - timedelta(days=40)
    assert look() == []
    monkeypatch.setattr(ageing, "MIN_TRAFFIC", 0)
    assert [each.detail["title"] for each in look()] == ["file 0"]


def test_looking_again_finds_the_same_once_and_forgets_what_is_put_right() -> None:
    know("A Nordmann fir costs £42.", "Nordmann firs are £45 each.")
    first = [each.id for each in look()]
    db.session.rollback()
    assert [each.id for each in look()] == first
    db.session.rollback()
    with unit_of_work():
        services.remove(db.session.scalars(select(Source).order_by(Source.id.desc())).first())
    assert look() == []


def test_what_is_fine_stays_so_until_a_passage_changes(cast: Cast) -> None:
    know("A Nordmann fir costs £42.", "Nordmann firs are £45 each.")
    with unit_of_work():
        listing.dismiss(look()[0], db.session.get_one(User, cast.owner.id))
    assert look()[0].dismissed_at is not None
    assert listing.counts() == {
        "contradiction": 0, "duplicate": 0, "stale": 0, "uncited": 0, "dismissed": 1,
    }  # fmt: skip
    db.session.rollback()
    with unit_of_work():
        services.remove(db.session.scalars(select(Source).order_by(Source.id.desc())).first())
        teach("file 3", paragraph("Nordmann firs are £47 each."))
    assert [each.dismissed_at for each in look()] == [None]


def test_a_run_is_noted_and_asks_for_the_next(run_jobs: Callable[[], int]) -> None:
    know(LONG)
    look()
    run = db.session.scalars(select(Upkeep)).one()
    assert (run.passages, run.is_partial) == (1, False)
    waiting = db.session.scalars(
        select(OutboxJob).where(
            OutboxJob.name == "knowledge.upkeep",
            OutboxJob.done_at.is_(None),
            OutboxJob.available_at > now() + timedelta(hours=23),
            OutboxJob.business_id == run.business_id,
        )
    ).all()
    assert len(waiting) == 1


def test_an_empty_knowledge_asks_for_nothing(cast: Cast) -> None:
    assert look() == []
    assert not db.session.scalar(
        select(func.count()).where(
            OutboxJob.name == "knowledge.upkeep", OutboxJob.business_id == cast.business_id
        )
    )


def test_more_than_can_be_compared_is_told(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(duplicates, "MOST_PASSAGES", 2)
    monkeypatch.setattr(statements, "MOST", 1)
    know(LONG, "A fir costs £42.", "Firs cost £45.")
    assert look() == []
    run = db.session.scalars(select(Upkeep)).one()
    assert (run.passages, run.is_partial) == (2, True)


def test_what_is_not_live_is_not_looked_at() -> None:
    know("A Nordmann fir costs £42.", "Nordmann firs are £45 each.")
    with unit_of_work():
        db.session.execute(text("UPDATE chunk_vectors SET is_live = false"))
    assert look() == []


def test_another_business_is_not_looked_at(cast: Cast) -> None:
    know("A Nordmann fir costs £42.")
    with cast.neighbour_scope():
        know("Nordmann firs are £45 each.")
        assert look() == []
    assert look() == []


def test_a_new_source_is_looked_at_soon(run_jobs: Callable[[], int], cast: Cast) -> None:
    with unit_of_work():
        services.add_question("Open?", "Yes.", None)
    run_jobs()
    asked = db.session.scalars(
        select(OutboxJob).where(
            OutboxJob.name == "knowledge.upkeep", OutboxJob.business_id == cast.business_id
        )
    ).one()
    assert timedelta(minutes=8) < asked.available_at - now() < timedelta(minutes=11)


def test_a_passage_that_goes_meanwhile_takes_its_finding_along() -> None:
    know("A Nordmann fir costs £42.", "Nordmann firs are £45 each.")
    look()
    with unit_of_work():
        db.session.execute(text("DELETE FROM chunks"))
    assert db.session.scalars(select(Finding)).all() == []
    assert db.session.scalars(select(Chunk)).all() == []
