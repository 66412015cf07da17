"""Dates in what visitors write; and what only looks like one."""

from datetime import date

import pytest

from app.lib.dates_said import SaidDate, find

TODAY = date(2026, 11, 21)  # a Saturday


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("Can I come next Friday at 3pm, or 12 March?", {"next Friday": "2026-11-27", "12 March": "2027-03-12"}),
        ("is it open on sunday morning?", {"sunday": "2026-11-22"}),
        ("on saturday", {"saturday": "2026-11-21"}),
        ("next saturday", {"next saturday": "2026-11-28"}),
        ("the day after tomorrow", {"the day after tomorrow": "2026-11-23"}),
        ("March 12th, 2027", {"March 12th, 2027": "2027-03-12"}),
        ("2027-01-05", {"2027-01-05": "2027-01-05"}),
        ("on 5/6", {"5/6": "2027-06-05"}),
        ("12/25/2026", {"12/25/2026": "2026-12-25"}),
        ("3 November", {"3 November": "2026-11-03"}),  # only just been
        ("mañana por la mañana, o el 5 de enero", {"mañana": "2026-11-22", "5 de enero": "2027-01-05"}),
        ("el viernes que viene", {"viernes que viene": "2026-11-27"}),
        ("am 3.5. oder am 24.12.2026", {"3.5.": "2027-05-03", "24.12.2026": "2026-12-24"}),
        ("kann ich morgen kommen? Oder übermorgen", {"morgen": "2026-11-22", "übermorgen": "2026-11-23"}),
        ("am 15. März 2027", {"15. März 2027": "2027-03-15"}),
        ("le 1er décembre ou après-demain", {"1er décembre": "2026-12-01", "après-demain": "2026-11-23"}),
        ("dia 5 de janeiro ou amanhã", {"5 de janeiro": "2027-01-05", "amanhã": "2026-11-22"}),
    ],
)  # fmt: skip
def test_a_date_is_found_in_the_visitor_s_own_words(text: str, days: dict[str, str]) -> None:
    assert {each.words: each.day.isoformat() for each in find(text, TODAY)} == days


@pytest.mark.parametrize(
    "text",
    [
        "I may come with 5 people", "mon chat est sur le toit", "guten Morgen", "todas las mañanas",
        "it costs 3.50 or 12.30", "open 24/7", "1/2 price", "size 10/12", "31/02/2027", "30 February",
        "020 7946 0018", "version 1.2.3.4", "I sat in the sun", "12.12.1985", "99.99.2026", "",
    ],
)  # fmt: skip
def test_what_only_looks_like_one_is_none(text: str) -> None:
    assert find(text, TODAY) == []


def test_americans_write_the_month_first() -> None:
    assert find("on 5/6", TODAY, month_first=True) == [SaidDate("5/6", date(2027, 5, 6))]
    assert find("on 25/12", TODAY, month_first=True) == [SaidDate("25/12", date(2026, 12, 25))]


def test_a_day_said_twice_counts_once() -> None:
    assert len(find("tomorrow, I said tomorrow, 22 November!", TODAY)) == 1


def test_a_leap_day_that_is_none_next_year() -> None:
    assert find("29 February", TODAY) == []
    assert find("29 February 2028", TODAY) == [SaidDate("29 February 2028", date(2028, 2, 29))]
