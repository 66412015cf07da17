"""The sentences that answers quote."""

from datetime import date

from app.lib.hours import DAY, Hours, Range, Special
from app.lib.hours_words import next_change, of_special, of_weekday, sayings, upcoming

TODAY = date(2026, 11, 21)
USUAL, LATE = (Range(540, 1050),), (Range(20 * 60, DAY + 120),)
EVE = Special(date(2026, 12, 24), date(2026, 12, 24), "Christmas Eve")
BREAK = Special(date(2027, 1, 4), date(2027, 1, 8), "Winter break")
LONG_AGO = Special(date(2026, 8, 31), date(2026, 8, 31), "Bank holiday")


def hours(*specials: Special) -> Hours:
    return Hours("Europe/London", {**dict.fromkeys(range(5), USUAL), 5: LATE}, specials)


def test_a_weekday_is_a_sentence() -> None:
    assert of_weekday(hours(), 0) == "On Monday we are open from 9:00 to 17:30."
    assert of_weekday(hours(), 5) == "On Saturday we are open from 20:00 to 2:00 the next day."
    assert of_weekday(hours(), 6) == "On Sunday we are closed."


def test_several_openings_stand_in_one_sentence() -> None:
    split = Hours("UTC", {0: (Range(540, 720), Range(840, 1080))})
    assert (
        of_weekday(split, 0) == "On Monday we are open from 9:00 to 12:00 and from 14:00 to 18:00."
    )
    assert of_weekday(Hours("UTC", {0: (Range(0, DAY),)}), 0) == "On Monday we are open 24 hours."


def test_a_special_day_is_a_sentence_with_its_name() -> None:
    assert of_special(EVE) == "On 24 December 2026 (Christmas Eve) we are closed."
    assert (
        of_special(BREAK) == "From 4 January 2027 to 8 January 2027 (Winter break) we are closed."
    )
    shorter = Special(date(2026, 12, 31), date(2026, 12, 31), "", (Range(600, 840),))
    assert of_special(shorter) == "On 31 December 2026 we are open from 10:00 to 14:00."


def test_the_whole_week_puts_like_days_together() -> None:
    said = sayings(hours(EVE), TODAY)[0].answer
    assert said == (
        "We are open Monday to Friday from 9:00 to 17:30; on Saturday from 20:00 to 2:00 the next day. "
        "We are closed on Sunday.\nOn 24 December 2026 (Christmas Eve) we are closed."
    )
    daily = Hours("UTC", dict.fromkeys(range(7), USUAL))
    assert sayings(daily, TODAY)[0].answer == "We are open every day from 9:00 to 17:30."


def test_a_day_that_is_over_is_not_said() -> None:
    known = hours(LONG_AGO, BREAK, EVE)
    assert upcoming(known, TODAY) == [EVE, BREAK]
    assert not any("August" in each.answer for each in sayings(known, TODAY))


def test_they_change_by_themselves_on_the_day_after_a_special_day() -> None:
    assert next_change(hours(EVE, BREAK), TODAY) == date(2026, 12, 25)
    assert next_change(hours(EVE, BREAK), date(2026, 12, 25)) == date(2027, 1, 9)
    assert next_change(hours(LONG_AGO), TODAY) is None


def test_a_far_day_is_said_once_it_comes_nearer() -> None:
    far = Special(date(2028, 12, 24), date(2028, 12, 24), "Christmas Eve")
    begins = next_change(hours(far), TODAY)
    assert begins is not None
    assert not upcoming(hours(far), TODAY)
    assert upcoming(hours(far), begins) == [far]


def test_nothing_is_said_of_unknown_hours() -> None:
    assert sayings(Hours("UTC", {}, (EVE,)), TODAY) == []
