"""Settings of handing over to people: who is mailed in which order, when the assistant comes back, and which
topics it leaves to you."""

from typing import Any

from flask import Blueprint, Response, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import FieldList, IntegerField, RadioField, SelectField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, NumberRange, ValidationError

from app.assistant.models import AssistantSettings
from app.core import mail, web
from app.core.access import Permission, requires
from app.frontdesk import colleagues, hand_off_settings
from app.frontdesk.hand_off_settings import (
    LEAST_MINUTES,
    MAX_TOPIC,
    MAX_TOPICS,
    MOST_MINUTES,
    PLACES,
    topics_in,
)

hand_off = Blueprint("hand_off", __name__)

_RANGE = _l(
    "Type a whole number from %(least_minutes)s to %(most_minutes)s.",
    least_minutes=LEAST_MINUTES,
    most_minutes=MOST_MINUTES,
)


class HandOffForm(FlaskForm):
    order = FieldList(SelectField(coerce=int), _l("Who gets the e-mail"), max_entries=PLACES)
    minutes = IntegerField(
        _l("Minutes until the assistant comes back"),
        [InputRequired(_RANGE), NumberRange(LEAST_MINUTES, MOST_MINUTES, _RANGE)],
        description=_l("It says that nobody could come, and offers to be called back."),
    )
    topics = TextAreaField(
        _l("Topics that you answer yourself"),
        description=_l(
            "One a line, like “complaints” or “wedding flowers”. When a visitor asks about one, a person is called at once."
        ),
    )
    out_of_hours = RadioField(
        _l("When you are closed"),
        choices=[
            SelectChoice("call", _l("Call a person all the same")),
            SelectChoice("take_message", _l("Take a callback at once")),
        ],
        validators=[InputRequired(_l("Choose one."))],
    )

    def name_places(self, people: list[Any]) -> "HandOffForm":
        """A list to choose from for each place; more places than people would stay empty."""
        while len(self.order) < min(len(people), PLACES):
            self.order.append_entry(0)
        for place, field in enumerate(self.order):
            field.label.text = _("First") if place == 0 else _("Number %(value)s", value=place + 1)
            field.choices = [
                SelectChoice(0, "nobody"),
                *(SelectChoice(each.id, each.name) for each in people),
            ]
        return self

    def validate_order(self, _field: FieldList) -> None:
        chosen = self.people
        if len(set(chosen)) < len(chosen):
            raise ValidationError(_("Somebody stands here twice."))

    def validate_topics(self, field: TextAreaField) -> None:
        topics = topics_in(field.data or "")
        if len(topics) > MAX_TOPICS:
            raise ValidationError(
                _("%(most)s topics fit; these are %(count)s.", most=MAX_TOPICS, count=len(topics))
            )
        if any(len(topic) > MAX_TOPIC for topic in topics):
            raise ValidationError(_("A topic may have %(most)s characters.", most=MAX_TOPIC))

    @property
    def people(self) -> list[int]:
        return [field.data for field in self.order if field.data]


@hand_off.get("/hand-off")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    settings = AssistantSettings.current()
    called = [each.id for each in colleagues.in_order()][:PLACES]
    form = HandOffForm(
        formdata=None,
        order=called,
        minutes=settings.hand_off_minutes,
        topics="\n".join(settings.hand_off_topics),
        out_of_hours=settings.out_of_hours,
    )
    return _page(form.name_places(colleagues.who_may_answer()))


@hand_off.post("/hand-off")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = HandOffForm().name_places(colleagues.who_may_answer())
    if not form.validate():
        return _page(form, 422)
    hand_off_settings.change(
        form.people, form.minutes.data, topics_in(form.topics.data or ""), form.out_of_hours.data
    )
    flash(_("Saved. It holds from the next hand-off on."), "success")
    return web.go(".show")


def _page(form: HandOffForm, status: int = 200) -> Response:
    return web.page(
        "hand_off/settings.html",
        status,
        form=form,
        called=colleagues.in_order(),
        minutes=AssistantSettings.current().hand_off_minutes,
        mail_problem=mail.problem(),
    )
