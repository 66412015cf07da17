"""A cell says what its owner sees in it."""

from datetime import datetime, time, timedelta

import pytest

from app.knowledge.parsing.formats import shown

EVE = datetime.fromisoformat("2026-12-24")


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (42, '"£"#,##0.00', "£42.00"),
        (1234.5, "[$£-809]#,##0.00", "£1,234.50"),
        (1234.5, "#,##0.00\\ [$€-407]", "1,234.50 €"),
        (-5, '_-"£"* #,##0.00_-;-"£"* #,##0.00_-', "-£5.00"),
        (0.2, "0%", "20%"),
        (0.175, "0.0%", "17.5%"),
        (0.005, "0.00", "0.01"),
        (-0.001, "0.00", "0.00"),
        (7, '0" kg"', "7 kg"),
        (2, "0.##", "2"),
        (12, "00000", "00012"),
        (1500000, '#,##0.0,,"M"', "1.5M"),
        (0.5, "# ?/?", "0.5"),
        (441632, "00-00", "441632"),
        (42.0, "General", "42"),
        (0.1 + 0.2, "General", "0.3"),
        (10**15, "General", "1000000000000000"),
        (1e300, "0.00", "1e+300"),
        (True, "General", "yes"),
        (None, "General", ""),
        ("6ft", "@", "6ft"),
    ],
)
def test_numbers_keep_their_currency_percent_and_places(value, code, text):
    assert shown(value, code) == text


@pytest.mark.parametrize(
    ("value", "code", "text"),
    [
        (EVE, "mm-dd-yy", "24 December 2026"),
        (EVE, "dd/mm/yyyy", "24 December 2026"),
        (EVE, "General", "24 December 2026"),
        (EVE, "mmm\\-yy", "December 2026"),
        (EVE, "d mmm", "24 December"),
        (EVE, "dddd", "Thursday"),
        (EVE.replace(hour=17, minute=30), "dd/mm/yyyy hh:mm", "24 December 2026 17:30"),
        (EVE.replace(hour=9, minute=5), "h:mm", "9:05"),
        (time(9), "hh:mm", "09:00"),
        (time(17, 30), "h:mm AM/PM", "5:30 pm"),
        (timedelta(hours=26, minutes=5), "[h]:mm", "26:05"),
    ],
)
def test_dates_name_the_month_and_times_stay_clock_times(value, code, text):
    assert shown(value, code) == text
