"""What a member chooses for themselves: the language of the dashboard."""

import flask_babel
from flask import Blueprint, Response, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField

from app.core import web
from app.core.translating import NAMES, OF_MEMBERS

you = Blueprint("you", __name__)


class YouForm(FlaskForm):
    language = SelectField(
        _l("Language"),
        choices=[("", _l("As the browser")), *((name, NAMES[name]) for name in OF_MEMBERS)],
        description=_l("Of the dashboard, and of the e-mails you get."),
    )


@you.get("/")
def show() -> Response:
    """For any member."""
    return web.page("pages/you.html", form=YouForm(formdata=None, obj=current_user))


@you.post("/")
def change() -> Response | BaseResponse:
    form = YouForm()
    if not form.validate():
        return web.page("pages/you.html", 422, form=form)
    current_user.language = form.language.data or None
    flask_babel.refresh()
    flash(_("Saved."), "success")
    return web.go(".show")
