"""When it suits somebody, in the chat's languages; and what has to be asked again."""

from datetime import datetime

import pytest
from babel import Locale

from app.lib.times_said import NO_DAY, PAST, oddity, speaks

AT = datetime(2026, 11, 22, 15, 30)  # noqa: DTZ001  a Sunday, where the business is
LANGUAGES = ("en", "es", "pt", "fr", "de", "hi", "ar")


@pytest.mark.parametrize(
    "text",
    [
        "tomorrow at 9", "Mondays after 5", "after 5 pm", "today at 5", "today before 9", "in the morning", "whenever", "12 March",
        "mañana a las 9", "mañana por la mañana", "pasado mañana por la tarde", "cuando quiera", "después de las 17:30",
        "amanhã às 9", "depois de amanhã às 15h", "qualquer hora", "demain à 9h", "demain à neuf heures", "n’importe quand",
        "morgen um 9", "heute um 9 Uhr", "übermorgen ab 17 Uhr", "jederzeit", "कल सुबह 9 बजे", "आज शाम ५ बजे", "कभी भी", "kal subah 9 baje",
        "5 दिसंबर", "غدًا الساعة ٩", "بعد الساعة ٥", "في أي وقت", "يوم الاثنين صباحًا", "5 ديسمبر",
    ],
)  # fmt: skip
def test_a_time_that_can_be_kept(text):
    assert speaks(text)
    assert oddity(text, AT) == ""


@pytest.mark.parametrize(
    "text",
    [
        "yesterday", "today at 9 am", "this morning", "20 November at 9", "ayer", "hoy a las 9 de la mañana", "ontem", "hoje de manhã",
        "hier", "aujourd’hui à 9h du matin", "ce matin", "gestern", "heute Vormittag", "heute 15:00", "आज सुबह", "أمس", "اليوم صباحًا",
    ],
)  # fmt: skip
def test_a_time_that_is_over(text):
    assert oddity(text, AT) == PAST


@pytest.mark.parametrize(
    "text",
    ["at 9", "9 am", "a las nueve", "às 9", "à 15h", "um neun Uhr", "9.30 Uhr", "९ बजे", "الساعة التاسعة"],
)  # fmt: skip
def test_an_hour_of_no_day(text):
    assert oddity(text, AT) == NO_DAY


@pytest.mark.parametrize(
    "text", ["no idea", "Anna Ruiz", "Zoë O’Neill", "guten Morgen", "order 4711", "at 4711", ""]
)
def test_what_is_none(text):
    assert not speaks(text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_days_of_each_language_are_known(language):
    names = Locale(language).days["format"]["wide"].values()
    assert [name for name in names if not speaks(name)] == []
