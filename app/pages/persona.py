"""How the assistant speaks."""

from flask import Blueprint, Response, flash
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import TextAreaField
from wtforms.validators import DataRequired, Length

from app.channels import services as channels
from app.channels.models import Channel
from app.core import web
from app.core.access import Permission, requires

persona = Blueprint("persona", __name__)

MAX_GREETING = 200  # characters: four lines of the chat on a phone


class PersonaForm(FlaskForm):
    greeting = TextAreaField(
        "Greeting",
        [
            DataRequired("Write what the chat says first."),
            Length(max=MAX_GREETING, message=f"This is too long: {MAX_GREETING} characters fit."),
        ],
        description="The first words in an opened chat.",
    )


@persona.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    form = PersonaForm(formdata=None, data={"greeting": Channel.of_kind("website").greeting})
    return web.page("assistant/persona.html", form=form)


@persona.post("/")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = PersonaForm()
    if not form.validate():
        return web.page("assistant/persona.html", 422, form=form)
    channels.change_greeting(form.greeting.data.strip())
    flash("Saved. Your website shows it within five minutes.", "success")
    return web.go(".show")
