"""Settings → Ratings: whether people are asked how it was, when, where and in which words."""

from flask import Blueprint, Response, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, SelectField, SelectMultipleField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import Length, Optional

from app.channels.models import Channel
from app.conversations.chips import CHANNELS
from app.core import web
from app.core.access import Permission, requires
from app.ratings.models import DELAYS, RatingSettings

rating_settings = Blueprint("rating_settings", __name__)

MAX_QUESTION = 200  # characters


class RatingForm(FlaskForm):
    is_on = BooleanField(_l("Ask how it was when one of your team resolves a conversation"))
    channels = SelectMultipleField(_l("Where"))
    delay_minutes = SelectField(_l("When"), coerce=int)
    question = TextAreaField(
        _l("Question"),
        [Optional(), Length(max=MAX_QUESTION, message=_l("200 characters fit."))],
        description=_l(
            "Without words of yours it is “How was our help?”, in the customer’s language."
        ),
    )

    def offer(self, kinds: list[str]) -> "RatingForm":
        self.channels.choices = [SelectChoice(kind, CHANNELS.get(kind, kind)) for kind in kinds]
        self.delay_minutes.choices = [SelectChoice(each, _delay(each)) for each in DELAYS]
        return self


@rating_settings.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    form = RatingForm(formdata=None, obj=RatingSettings.current())
    return _page(form.offer(_kinds()))


@rating_settings.post("/")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = RatingForm().offer(_kinds())
    if not form.validate():
        return _page(form, 422)
    RatingSettings.change(
        is_on=form.is_on.data,
        channels=form.channels.data,
        delay_minutes=form.delay_minutes.data,
        question=" ".join((form.question.data or "").replace("\x00", "").split()),
    )
    flash(_("Saved. It holds for conversations that are resolved from now on."), "success")
    return web.go(".show")


def _kinds() -> list[str]:
    return ["website", *Channel.kinds_in_use()]


def _delay(minutes: int) -> str:
    if minutes < 60:
        later = ngettext("%(num)s minute later", "%(num)s minutes later", minutes)
        return later if minutes else _("At once")
    return ngettext("%(num)s hour later", "%(num)s hours later", minutes // 60)


def _page(form: RatingForm, status: int = 200) -> Response:
    return web.page("ratings/settings.html", status, form=form)
