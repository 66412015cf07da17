"""Rules that begin with time: somebody waits, opening hours begin or end."""

from datetime import UTC, datetime, timedelta

import pytest

from app.automations import by_hours, events
from app.automations.seen import Seen
from app.businesses import hours
from app.conversations import services as conversations
from app.core import jobs
from app.core.db import now
from app.core.errors import OutsideError
from app.core.outbox import OutboxJob
from app.extensions import db
from app.lib.hours import Hours, Range

MONDAY = datetime(2026, 11, 23, tzinfo=UTC)
NINE_TO_FIVE = Hours("UTC", dict.fromkeys(range(5), (Range(540, 1020),)))


@pytest.fixture
def pass_by(shop, monkeypatch):
    """`pass_by(minutes)`: what waits for its time is due, and what happened lies that far back."""

    def passed(talk, minutes):
        ago = timedelta(minutes=minutes)
        with shop.inside():
            row = shop.conversation(talk)
            row.last_message_at -= ago
            row.waiting_since = row.waiting_since and row.waiting_since - ago
            timers = db.session.query(OutboxJob).filter_by(
                name="automations.idle", business_id=shop.cast.business_id, done_at=None
            )
            for timer in timers:
                timer.available_at -= ago
        shop.run_jobs()

    return passed


def notes(shop, talk):
    return [body for kind, _, body in shop.lines(talk) if kind == "note"]


def test_who_waits_for_us_is_noticed_once(shop, pass_by):
    shop.rule("idle_us", ("note", "Somebody waits."), event_value=15)
    talk = shop.writes("Hello?")
    pass_by(talk, 10)
    assert notes(shop, talk) == []
    pass_by(talk, 6)
    assert notes(shop, talk) == ["Somebody waits."]
    pass_by(talk, 60)
    assert len(notes(shop, talk)) == 1


@pytest.mark.parametrize("act", [conversations.resolve, "reply"])
def test_what_happens_meanwhile_cancels_it(shop, pass_by, act):
    shop.rule("idle_us", ("note", "Somebody waits."), event_value=15)
    talk = shop.writes("Hello?")
    with shop.inside():
        row, by = shop.conversation(talk), shop.owner()
        conversations.reply(row, by, "Hi!", "key") if act == "reply" else act(row, by)
    pass_by(talk, 20)
    assert notes(shop, talk) == []


def test_who_doesn_t_answer_us_is_noticed_but_not_a_rule_s_own_words(shop, pass_by):
    shop.rule("idle_them", ("reply", "Are you still there?"), event_value=60)
    talk = shop.writes("Hello?")
    with shop.inside():
        conversations.reply(shop.conversation(talk), shop.owner(), "Which size?", "key")
    pass_by(talk, 61)
    pass_by(talk, 61)
    assert [body for *_, body in shop.lines(talk)].count("Are you still there?") == 1


def test_a_timer_of_a_rule_that_is_off_does_nothing(shop, pass_by):
    rule = shop.rule("idle_us", ("note", "Somebody waits."), event_value=15)
    talk = shop.writes("Hello?")
    shop.change(rule, lambda row: setattr(row, "is_enabled", False))
    pass_by(talk, 20)
    assert notes(shop, talk) == []


@pytest.mark.parametrize(
    ("after", "until", "found"),
    [
        (8, 8.5, []),
        (8, 9, [("opened", 9)]),
        (8, 18, [("opened", 9), ("closed", 17)]),
        (9, 9.5, []),
        (17, 20, []),
    ],
)
def test_what_of_the_hours_lies_between(after, until, found):
    at = [MONDAY + timedelta(hours=each) for each in (after, until)]
    assert by_hours.changes(NINE_TO_FIVE, *at) == [
        (name, MONDAY + timedelta(hours=hour)) for name, hour in found
    ]


def test_when_we_open_those_who_wait_are_met_once(shop):
    opened = now() - timedelta(minutes=5)
    with shop.inside():
        minutes = opened.hour * 60 + opened.minute
        hours.change_week(dict.fromkeys(range(7), (Range(minutes, minutes + 120),)))
    shop.rule("opened", ("note", "We are open."))
    waits, answered = shop.writes("Hello?"), shop.writes("Hello!")
    with shop.inside():
        conversations.reply(shop.conversation(answered), shop.owner(), "Hi!", "key")
    for _ in range(2):
        with shop.inside():
            by_hours.look((opened - timedelta(minutes=10)).isoformat())
        shop.run_jobs()
    assert (notes(shop, waits), notes(shop, answered)) == (["We are open."], [])


@pytest.mark.parametrize(("hour", "is_open"), [(10, True), (18, False)])
def test_closed_is_asked_for_the_time_of_the_message(shop, hour, is_open):
    talk = shop.writes("Hello?")
    with shop.inside():
        hours.change_week(NINE_TO_FIVE.week)
        event = events.Event("message", "-", MONDAY + timedelta(hours=hour))
        assert Seen(shop.conversation(talk), event).is_open is is_open


def test_the_clock_of_the_hours_goes_on_only_while_a_rule_wants_it(shop):
    shop.rule("closed", ("note", "Closed."))
    shop.run_jobs()
    with shop.inside():
        clocks = db.session.query(OutboxJob).filter_by(
            name="automations.look_at_hours", business_id=shop.cast.business_id, done_at=None
        )
        assert [each.available_at > jobs.now() for each in clocks] == [True]


def test_the_clock_of_the_hours_outlives_a_job_that_was_given_up(shop, monkeypatch):
    def broken(_since):
        raise OutsideError("odd", permanent=True)

    monkeypatch.setattr(by_hours, "look", broken)
    shop.rule("closed", ("note", "Closed."))
    shop.run_jobs()
    with shop.inside():
        clock = db.session.query(OutboxJob).filter_by(
            name="automations.look_at_hours", business_id=shop.cast.business_id, failed_at=None
        )
        assert clock.one().available_at > jobs.now()
