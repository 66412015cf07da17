"""How a member wants to be told."""

from datetime import time
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    BooleanField,
    SelectField,
    SelectMultipleField,
    TimeField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired
from wtforms.widgets import CheckboxInput, ListWidget

from app.lib.dates import time_zones

DAYS = (
    (0, _l("Monday")), (1, _l("Tuesday")), (2, _l("Wednesday")), (3, _l("Thursday")), (4, _l("Friday")),
    (5, _l("Saturday")), (6, _l("Sunday")),
)  # fmt: skip
_CLOCK = _l("Type a time, like 22:00.")


class ClockField(TimeField):
    def process_formdata(self, valuelist: list[str]) -> None:
        try:
            super().process_formdata(valuelist)
        except ValueError as error:
            raise ValueError(str(_CLOCK)) from error


class QuietForm(FlaskForm):
    days = SelectMultipleField(
        _l("Days on which they begin"),
        choices=[SelectChoice(*each) for each in DAYS],
        coerce=int,
        widget=ListWidget(prefix_label=False),
        option_widget=CheckboxInput(),
    )
    begins = ClockField(_l("From"), [InputRequired(_CLOCK)])
    ends = ClockField(_l("To"), [InputRequired(_CLOCK)])
    time_zone = SelectField(_l("Time zone"), default="")
    shows_text = BooleanField(_l("Show what was written"))

    def offer_zones(self, of_business: str) -> "QuietForm":
        same = _("The business’s (%(zone)s)", zone=of_business)
        self.time_zone.choices = [
            SelectChoice("", same),
            *(SelectChoice(zone, zone) for zone in sorted(time_zones())),
        ]
        return self

    @property
    def chosen(self) -> dict[str, Any]:
        return {
            "quiet_days": sorted(set(self.days.data or ())),
            "quiet_from": _minutes(self.begins.data),
            "quiet_to": _minutes(self.ends.data),
            "time_zone": self.time_zone.data or "",
            "shows_text": self.shows_text.data,
        }


def clock(minutes: int) -> time:
    return time(*divmod(minutes, 60))


def _minutes(at: time) -> int:
    return at.hour * 60 + at.minute
