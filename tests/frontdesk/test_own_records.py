"""Hours and profile stand in the assistant's knowledge in the transaction that changes them, and answers
quote them exactly."""

from collections.abc import Callable, Iterator
from datetime import date, timedelta

import pytest
from flask import Flask
from sqlalchemy import func, select, update

from app.businesses import hours
from app.businesses.models import OpeningException
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.jobs import OutboxJob
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import own_records
from app.knowledge import answering, records
from app.knowledge.blocks import Block
from app.knowledge.embeddings.current import encode
from app.knowledge.models import Chunk, Document, Source
from app.lib.hours_typed import parse
from app.lib.hours_words import in_words
from tests.conftest import Cast

Run = Callable[[], int]
USUAL = {**{day: parse("9:00-17:30") for day in range(5)}, 5: parse("10-16")}


@pytest.fixture(autouse=True)
def scope(context: None, cast: Cast) -> Iterator[None]:
    with cast.scope():
        yield
        db.session.rollback()


def change_week(week: dict[int, tuple] = USUAL, zone: str = "Europe/London") -> None:
    with unit_of_work():
        own_records.change_week(week, zone)


def add_day(day: date, name: str = "", typed: str = "", last: date | None = None) -> None:
    with unit_of_work():
        own_records.add_exception(day, last, name, parse(typed))


def source(origin: str = "hours") -> Source | None:
    return db.session.scalar(
        select(Source).where(Source.origin == origin).execution_options(populate_existing=True)
    )


def said(question: str) -> str:
    found = answering.answer(question, encode)
    assert found.confident, (question, found.score)
    return found.answer


@pytest.mark.parametrize(
    ("question", "answer"),
    [
        ("Are you open on Sunday?", "On Sunday we are closed."),
        ("when do you close on Fridays?", "On Friday we are open from 9:00 to 17:30."),
        ("are you open on weekends", "On Saturday we are open from 10:00 to 16:00."),
        (
            "opening times",
            "We are open Monday to Friday from 9:00 to 17:30; on Saturday from 10:00",
        ),
        ("what time do you close?", "We are open Monday to Friday from 9:00 to 17:30"),
        ("are you open now?", "We are open Monday to Friday from 9:00 to 17:30"),
    ],
)
def test_answers_quote_the_hours_exactly(run_jobs: Run, question: str, answer: str) -> None:
    change_week()
    run_jobs()
    assert answer in said(question)


def test_a_holiday_is_said_with_its_date_and_name(run_jobs: Run) -> None:
    day = hours.today() + timedelta(days=40)
    change_week()
    add_day(day, "Founders’ Day")
    run_jobs()
    assert said("Are you open on Founders’ Day?") == (
        f"On {in_words(day)} (Founders’ Day) we are closed."
    )


def test_a_change_takes_over_and_only_what_changed_is_embedded_again(run_jobs: Run) -> None:
    change_week()
    run_jobs()
    before = {chunk.text: chunk.id for chunk in db.session.scalars(select(Chunk))}
    db.session.rollback()
    change_week({**USUAL, 4: parse("9:00-20:00")})
    run_jobs()
    after = {chunk.text: chunk.id for chunk in db.session.scalars(select(Chunk))}
    monday = "On Monday we are open from 9:00 to 17:30."
    assert after[monday] == before[monday]
    assert "On Friday we are open from 9:00 to 17:30." not in after
    assert said("When do you close on Fridays?") == "On Friday we are open from 9:00 to 20:00."


def test_saving_the_same_again_reads_nothing_again(run_jobs: Run) -> None:
    change_week()
    run_jobs()
    change_week()
    assert run_jobs() == 0


def test_no_hours_at_all_are_no_knowledge(run_jobs: Run) -> None:
    change_week()
    run_jobs()
    change_week({})
    assert source() is None


def test_what_is_refused_changes_nothing_that_is_said(run_jobs: Run) -> None:
    change_week()
    with pytest.raises(Invalid):
        change_week({5: parse("20:00-3:00"), 6: parse("2:00-10:00")})
    with pytest.raises(Invalid):
        change_week(zone="Europe/Atlantis")
    with pytest.raises(Invalid):
        add_day(hours.today() - timedelta(days=1))
    with pytest.raises(Invalid):
        add_day(hours.today(), last=hours.today() - timedelta(days=1))
    add_day(hours.today(), "Stocktaking", last=hours.today() + timedelta(days=3))
    with pytest.raises(Conflict):
        add_day(hours.today() + timedelta(days=2))
    known = hours.current()
    assert (known.zone, known.week, len(known.specials)) == ("Europe/London", USUAL, 1)


def test_the_same_day_again_is_changed(run_jobs: Run) -> None:
    day = hours.today() + timedelta(days=7)
    change_week()
    add_day(day, "Party")
    add_day(day, "Party", "10-12")
    assert [each.ranges for each in hours.current().specials] == [parse("10-12")]


def test_when_a_special_day_is_over_it_is_no_longer_said(run_jobs: Run) -> None:
    tomorrow = hours.today() + timedelta(days=1)
    change_week()
    add_day(tomorrow, "Stocktaking")
    run_jobs()
    waiting = select(OutboxJob).where(
        OutboxJob.name == "frontdesk.tell_hours", OutboxJob.done_at.is_(None)
    )
    asked_for = db.session.scalars(waiting.order_by(OutboxJob.id.desc())).first()
    assert asked_for is not None
    assert timedelta(days=1) < asked_for.available_at - now() < timedelta(days=3)
    yesterday = hours.today() - timedelta(days=1)
    with unit_of_work():
        db.session.execute(update(OpeningException).values(first_day=yesterday, last_day=yesterday))
        asked_for.available_at = now()
    run_jobs()
    texts = db.session.scalars(select(Chunk.text)).all()
    assert texts
    assert not any("Stocktaking" in text or str(tomorrow.year) in text for text in texts)


def test_the_profile_is_said_as_it_stands(run_jobs: Run) -> None:
    with unit_of_work():
        own_records.change_profile(
            "Mill Lane 1\nAshcombe", "01632 960147", "Hello@Example.com ", "Turn left at the mill."
        )
    run_jobs()
    assert said("What is your address?") == "The address of Test Shop is Mill Lane 1, Ashcombe."
    assert said("what's your phone number") == "You can call us on 01632 960147."
    assert said("How do I find you?") == "Turn left at the mill."
    assert "Hello@example.com" in said("What is your email address?")


@pytest.mark.parametrize(
    ("phone", "email"), [("ring us", ""), ("12", ""), ("", "hello@"), ("", "@example.com")]
)
def test_a_wrong_number_or_address_is_refused(phone: str, email: str) -> None:
    with pytest.raises(Invalid):
        own_records.change_profile("", phone, email, "")
    assert source("profile") is None


def test_any_domain_keeps_its_records_and_forgets_them(run_jobs: Run) -> None:
    with unit_of_work():
        records.keep("service:1", "Haircut", "A haircut costs 30 pounds.", url="https://x.test/cut")
        records.keep(
            "service:2", "Shave", [Block("qa", "20 pounds.", question="How much is a shave?")]
        )
    run_jobs()
    assert said("What does a haircut cost?") == "A haircut costs 30 pounds."
    assert db.session.scalars(select(Document.url).order_by(Document.id)).first() == (
        "https://x.test/cut"
    )
    db.session.rollback()
    with unit_of_work():
        records.keep(
            "service:1", "Haircut", "A haircut costs 35 pounds.", url="https://x.test/hair"
        )
        records.forget("service:2")
        records.forget("service:2")
    run_jobs()
    assert said("What does a haircut cost?") == "A haircut costs 35 pounds."
    assert db.session.scalars(select(Document.url)).all() == ["https://x.test/hair"]
    assert db.session.scalars(select(Chunk.text)).all() == ["A haircut costs 35 pounds."]


def test_a_record_that_is_rolled_back_was_never_said(run_jobs: Run) -> None:
    records.keep("service:1", "Haircut", "A haircut costs 30 pounds.")
    db.session.rollback()
    assert run_jobs() == 0
    assert source("service:1") is None


def test_hours_belong_to_one_business(app: Flask, cast: Cast) -> None:
    change_week()
    with cast.neighbour_scope():
        assert not hours.current().are_known
        assert db.session.scalar(select(func.count()).select_from(Source)) == 0
