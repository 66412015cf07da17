"""Settings of the business itself: when it is open, and how it is found. The assistant is told of both."""

from collections.abc import Callable
from datetime import date

from flask import Blueprint, Response, flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import DateField, SelectField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length, Optional, ValidationError

from app.businesses import hours as opening
from app.businesses import profile as profiles
from app.businesses.models import BusinessProfile, OpeningException
from app.businesses.services import MAX_NAME, rename
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid
from app.frontdesk import own_records
from app.lib import hours_words
from app.lib.dates import time_zones
from app.lib.hours import Range, Special
from app.lib.hours_typed import NotHours, parse, written

business = Blueprint("business", __name__)


class HoursField(StringField):
    """Typed openings; `ranges` after it was validated."""

    def pre_validate(self, _form: object) -> None:
        try:
            self.ranges = parse(self.data or "")
        except NotHours as problem:
            raise ValidationError(str(problem)) from problem


class WeekForm(FlaskForm):
    monday = HoursField(_l("Monday"))
    tuesday = HoursField(_l("Tuesday"))
    wednesday = HoursField(_l("Wednesday"))
    thursday = HoursField(_l("Thursday"))
    friday = HoursField(_l("Friday"))
    saturday = HoursField(_l("Saturday"))
    sunday = HoursField(_l("Sunday"))
    time_zone = SelectField(_l("Time zone"), choices=lambda: sorted(time_zones()))

    @property
    def days(self) -> list[HoursField]:
        return [self[name.lower()] for name in hours_words.WEEKDAYS]

    @property
    def week(self) -> dict[int, tuple[Range, ...]]:
        return {number: field.ranges for number, field in enumerate(self.days) if field.ranges}


class ExceptionForm(FlaskForm):
    first_day = DateField(_l("Day"), [DataRequired(_l("Choose the day, like 24 December 2026."))])
    last_day = DateField(_l("Last day"), [Optional()], description=_l("For several days in a row."))
    name = StringField(_l("Name"), [Length(max=opening.MAX_NAME)])
    ranges = HoursField(_l("Opening hours"), description=_l("Empty means closed."))


class ProfileForm(FlaskForm):
    name = StringField(
        _l("Name"),
        [
            DataRequired(_l("Write the name of your business.")),
            Length(
                max=MAX_NAME,
                message=_l("This is too long: %(most)s characters fit.", most=MAX_NAME),
            ),
        ],
    )
    address = TextAreaField(_l("Address"), [Length(max=profiles.MAX_ADDRESS)])
    phone = StringField(_l("Telephone"))
    email = StringField(_l("E-mail"))
    directions = TextAreaField(
        _l("How to find you"),
        [Length(max=profiles.MAX_DIRECTIONS)],
        description=_l("Parking, bus and train, which door."),
    )


@business.get("/hours")
@requires(Permission.SETTINGS_READ)
def hours() -> Response:
    return _hours(_week_form(), ExceptionForm(formdata=None))


@business.post("/hours")
@requires(Permission.SETTINGS_WRITE)
def change_hours() -> Response | BaseResponse:
    form = WeekForm()
    if not _done(form, lambda: own_records.change_week(form.week, form.time_zone.data)):
        return _hours(form, ExceptionForm(formdata=None), 422)
    flash(_("Saved. Your assistant says these hours in a moment."), "success")
    return web.go(".hours")


@business.post("/hours/exceptions")
@requires(Permission.SETTINGS_WRITE)
def add_exception() -> Response | BaseResponse:
    form = ExceptionForm()
    if not _done(form, lambda: own_records.add_exception(
        form.first_day.data, form.last_day.data, form.name.data or "", form.ranges.ranges
    )):  # fmt: skip
        return _hours(_week_form(), form, 422)
    flash(_("Saved. Your assistant says it in a moment."), "success")
    return web.go(".hours")


@business.post("/hours/exceptions/<int:exception_id>/deletion")
@requires(Permission.SETTINGS_WRITE)
def delete_exception(exception_id: int) -> BaseResponse:
    own_records.remove_exception(exception_id)
    flash(_("Removed. The day is like its weekday again."), "success")
    return web.go(".hours")


@business.get("/profile")
@requires(Permission.SETTINGS_READ)
def profile() -> Response:
    form = ProfileForm(formdata=None, obj=BusinessProfile.current())
    form.name.data = g.business.name
    return web.page("pages/profile.html", form=form)


@business.post("/profile")
@requires(Permission.SETTINGS_WRITE)
def change_profile() -> Response | BaseResponse:
    form = ProfileForm()
    if not _done(form, lambda: _change_profile(form)):
        return web.page("pages/profile.html", 422, form=form)
    flash(_("Saved. Your assistant knows it in a moment."), "success")
    return web.go(".profile")


def _change_profile(form: ProfileForm) -> None:
    rename(form.name.data)
    own_records.change_profile(
        form.address.data or "", form.phone.data or "", form.email.data or "",
        form.directions.data or "",
    )  # fmt: skip


def _week_form() -> WeekForm:
    known = opening.current()
    typed = {
        name.lower(): written(known.week.get(number, ()))
        for number, name in enumerate(hours_words.WEEKDAYS)
    }
    return WeekForm(formdata=None, data=typed | {"time_zone": known.zone})


def _hours(form: WeekForm, exception_form: ExceptionForm, status: int = 200) -> Response:
    known, today = opening.current(), opening.today()
    return web.page(
        "pages/hours.html", status,
        form=form,
        exception_form=exception_form,
        exceptions=[(row, *_said(row, today)) for row in opening.exceptions()],
        today=today,
        said=[hours_words.of_weekday(known, number) for number in range(7)] if known.are_known else [],
    )  # fmt: skip


def _said(row: OpeningException, today: date) -> tuple[str, bool]:
    """In a sentence, and whether it is over."""
    ranges = tuple(Range(opens, closes) for opens, closes in row.ranges)
    special = Special(row.first_day, row.last_day, row.name, ranges)
    return hours_words.of_special(special), row.last_day < today


def _done(form: FlaskForm, change: Callable[[], object]) -> bool:
    """Do it, unless the form or a service refuses; then the form says why."""
    if not form.validate():
        return False
    try:
        change()
    except (Invalid, Conflict) as refusal:
        if refusal.code in form:
            form[refusal.code].errors = [refusal.message]
        else:
            form.form_errors.append(refusal.message)
        return False
    return True
