"""What a visitor is told to expect: others' real waits, or when the business opens."""

from datetime import UTC, date, datetime, timedelta

import pytest

from app.businesses import hours
from app.conversations import services
from app.frontdesk import hand_off_settings
from app.frontdesk.hand_off_clock import LEAVE_MESSAGE
from app.lib.hours import Range
from tests.frontdesk.conftest import MONDAY, Waiting

NINE_TO_FIVE = (Range(9 * 60, 17 * 60),)


@pytest.fixture
def ask(app, cast, clock):
    """`ask()` is a visitor who asks for a person now; `ask(minutes=2)` one who got an answer after two."""

    def asking(minutes=None, *, nobody=False):
        talk = Waiting(app, cast, "Hello?")
        talk.ask_for_person()
        if minutes is not None:
            clock.travel.shift(timedelta(minutes=minutes))
            talk.do(services.reply, cast.agent, "Here I am", "k")
        if nobody:
            clock.travel.shift(timedelta(minutes=10))
            clock.run_jobs()
        return talk

    return asking


@pytest.fixture
def open_week(inside):
    def opened(week=None, zone="Europe/London"):
        with inside():
            hours.change_zone(zone)
            hours.change_week(week or dict.fromkeys(range(5), NINE_TO_FIVE))

    return opened


def told(talk):
    hand_off = talk.hand_off()
    return hand_off.summary["told"], hand_off.promised_seconds


FREE = ("Somebody will answer as soon as they are free.", None)


def test_a_new_business_gives_no_figure(ask):
    assert told(ask()) == FREE


def test_after_five_answers_three_of_four_are_told(ask):
    for minutes in (1, 2, 3, 3.5):
        ask(minutes)
    assert told(ask()) == FREE
    ask(8)
    assert told(ask()) == ("Most people get an answer within 4 minutes.", 240)


def test_who_was_never_answered_counts(ask):
    for _ in range(5):
        ask(1)
    ask(nobody=True)
    assert told(ask())[1] == 60
    ask(nobody=True)
    assert told(ask()) == FREE


def test_older_than_thirty_days_is_forgotten(ask, clock):
    for _ in range(5):
        ask(1)
    clock.travel.shift(timedelta(days=30))
    assert told(ask()) == FREE


def test_what_came_outside_opening_hours_does_not_count(ask, clock, open_week):
    open_week()
    clock.set(MONDAY.replace(hour=20))
    for _ in range(6):
        ask(1)
    clock.set(MONDAY + timedelta(days=1))
    assert told(ask()) == FREE


def test_another_business_s_waits_are_not_ours(ask, app, cast, clock):
    for _ in range(5):
        ask(1)
    from app.frontdesk import expecting

    with app.app_context(), cast.neighbour_scope():
        assert expecting.wait().seconds is None


@pytest.mark.parametrize(
    ("at", "opens"),
    [
        (MONDAY.replace(hour=8), ("today at 9:00", 1)),
        (MONDAY.replace(hour=20), ("tomorrow at 9:00", 13)),
        (datetime(2026, 11, 27, 18, tzinfo=UTC), ("on Monday at 9:00", 63)),
    ],
)
def test_closed_it_is_said_when_it_opens(ask, clock, open_week, at, opens):
    open_week()
    clock.set(at)
    words, wait = opens
    assert told(ask()) == (f"We are closed now and open again {words}.", wait * 3600)


def test_a_long_holiday_has_a_date(ask, clock, open_week, inside):
    open_week()
    with inside():
        hours.add_exception(date(2026, 11, 23), date(2026, 12, 4), "Holiday", ())
    assert told(ask())[0] == "We are closed now and open again on 7 December at 9:00."


def test_never_open_again_it_is_said_without_a_day(ask, open_week):
    open_week({0: ()})
    assert told(ask()) == FREE  # hours that nobody typed say nothing


def test_closed_a_person_is_called_all_the_same_unless_it_is_set_otherwise(ask, clock, open_week):
    open_week()
    clock.set(MONDAY.replace(hour=20))
    assert ask().state() == "waiting"


def test_closed_the_callback_comes_at_once_where_it_is_set_so(ask, clock, open_week, inside, mailbox):  # fmt: skip
    open_week()
    with inside():
        hand_off_settings.change([], 10, [], "take_message")
    clock.set(MONDAY.replace(hour=20))
    talk = ask()
    assert talk.state() == "assistant"
    assert talk.last_words() == LEAVE_MESSAGE
    assert talk.hand_off().outcome == "returned"
    clock.at(30)
    assert mailbox.mails == []
    clock.set(MONDAY + timedelta(days=1))
    assert ask().state() == "waiting"
