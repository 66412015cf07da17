"""Opening hours as people type them."""

import pytest

from app.lib.hours_typed import NotHours, parse, written


@pytest.mark.parametrize(
    ("typed", "means"),
    [
        ("9-17", "9:00–17:00"),
        ("9:00–17:30", "9:00–17:30"),
        (" 9.30 to 18 ", "9:30–18:00"),
        ("9am to 1pm, 2pm-6pm", "9:00–13:00, 14:00–18:00"),
        ("14:00-18:00 and 9:00-12:00", "9:00–12:00, 14:00–18:00"),
        ("1-5pm", "13:00–17:00"),
        ("9 a.m. - 5 p.m.", "9:00–17:00"),
        ("9-5pm", "9:00–17:00"),
        ("12am-1am", "0:00–1:00"),
        ("noon-5pm", "12:00–17:00"),
        ("10 to midnight", "10:00–24:00"),
        ("18-0", "18:00–24:00"),
        ("20:00–02:00", "20:00–2:00"),
        ("8pm-2am", "20:00–2:00"),
        ("24 hours", "24 hours"),
        ("0:00-24:00", "24 hours"),
        ("Closed", ""),
        ("", ""),
        ("–", ""),
    ],
)
def test_what_is_typed_is_understood(typed: str, means: str) -> None:
    assert written(parse(typed)) == means
    assert parse(written(parse(typed))) == parse(typed)


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("nine to five", "“nine to five” is no opening."),
        ("9", "“9” is no opening."),
        ("9-5", "Did you mean 9:00–17:00?"),
        ("25-26", "there is no 25:00 on a clock"),
        ("9:75-10", "there is no 9:75 on a clock"),
        ("13pm-14pm", "13 pm is no time of the day"),
        ("9-9", "opens and closes at the same time"),
        ("9-12, 11-13", "9:00–12:00 and 11:00–13:00 overlap"),
        (", ".join(f"{hour}-{hour + 1}" for hour in range(7, 21, 2)), "6 openings at most"),
    ],
)
def test_what_is_not_understood_is_asked_back(typed: str, told: str) -> None:
    with pytest.raises(NotHours) as refusal:
        parse(typed)
    assert told in str(refusal.value)
