"""How the assistant speaks, and what it may do."""

from typing import Any

from flask import Blueprint, Response, flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField, SelectMultipleField, StringField, TextAreaField
from wtforms.validators import DataRequired, Length

from app.assistant import persona as personas
from app.assistant.models import AssistantSettings
from app.assistant.persona import Persona
from app.channels import services as channels
from app.channels.models import Channel
from app.core import tools, web
from app.core.access import Permission, requires
from app.core.errors import FrontdeskError, Invalid
from app.core.translating import spoken

persona = Blueprint("persona", __name__)

MAX_GREETING = 200  # characters: four lines of the chat on a phone


class VoiceForm(FlaskForm):
    """What can be tried on the test bench before it is saved."""

    assistant_name = StringField(
        _l("Name"),
        description=_l("How your assistant calls itself. Empty: the name of your business."),
    )
    tone = RadioField(
        _l("Tone"),
        choices=[(tone.name, tone.title) for tone in personas.TONES],
        validate_choice=False,
    )
    style_notes = TextAreaField(
        _l("How to speak"),
        description=_l(
            "In your own words: first names or not, words of your trade, what to mention."
        ),
    )
    never_say = TextAreaField(
        _l("Never say"),
        description=_l(
            "One thing a line. An answer in which a line stands as you wrote it is never sent."
        ),
    )

    @property
    def persona(self) -> Persona:
        """Raises Invalid."""
        typed = (self.assistant_name, self.tone, self.style_notes, self.never_say)
        return Persona.typed(*(field.data or "" for field in typed))

    def tell(self, refusal: FrontdeskError) -> None:
        """Beside the field that it is about."""
        if refusal.code in self:
            self[refusal.code].errors = [refusal.message]
        else:
            self.form_errors.append(refusal.message)


class PersonaForm(VoiceForm):
    greeting = TextAreaField(
        _l("Greeting"),
        [
            DataRequired(_l("Write what the chat says first.")),
            Length(
                max=MAX_GREETING,
                message=_l("This is too long: %(most)s characters fit.", most=MAX_GREETING),
            ),
        ],
        description=_l("The first words in an opened chat."),
    )
    tools = SelectMultipleField(
        _l("What it may do"),
        choices=lambda: [(each.name, spoken(each.title)) for each in tools.registry.values()],
    )

    @classmethod
    def of(cls, settings: AssistantSettings) -> "PersonaForm":
        return cls(
            formdata=None,
            obj=settings,
            greeting=Channel.of_kind("website").greeting,
            tools=tools.registry.keys() - set(settings.switched_off_tools),
        )

    @property
    def switched_off(self) -> set[str]:
        return tools.registry.keys() - set(self.tools.data)


@persona.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    return _page(PersonaForm.of(AssistantSettings.current()))


@persona.post("/")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = PersonaForm()
    if not _is_saved(form):
        return _page(form, 422)
    flash(
        _("Saved. Answers follow it at once; your website shows the greeting within five minutes."),
        "success",
    )
    return web.go(".show")


@persona.post("/preview")
@requires(Permission.SETTINGS_WRITE)
def preview() -> Response:
    """What is typed, and not saved."""
    return web.fragment("assistant/_persona_preview.html", **_shown(PersonaForm()))


def _is_saved(form: PersonaForm) -> bool:
    if not form.validate():
        return False
    try:
        personas.save(form.persona, form.switched_off)
    except Invalid as refusal:
        form.tell(refusal)
        return False
    channels.change_greeting(form.greeting.data.strip())
    return True


def _page(form: PersonaForm, status: int = 200) -> Response:
    return web.page(
        "assistant/persona.html", status,
        form=form, tones=personas.TONES, **_shown(form),
    )  # fmt: skip


def _shown(form: PersonaForm) -> dict[str, Any]:
    return {
        "shown_name": form.assistant_name.data or g.business.name,
        "greeting": form.greeting.data or "",
        "tone": next((each for each in personas.TONES if each.name == form.tone.data), None),
        "asked": personas.ASKED,
    }
