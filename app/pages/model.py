"""Which language model writes the answers: Claude, one of the owner's own, or none."""

from collections.abc import Callable
from typing import Any

from flask import Blueprint, Response, current_app, flash, g
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import BooleanField, Field, PasswordField, RadioField, StringField
from wtforms.validators import ValidationError

from app.assistant import model_choice, model_trial
from app.assistant.model_choice import Endpoint
from app.assistant.model_trial import Trial
from app.assistant.models import AssistantSettings
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.extensions import limiter

model = Blueprint("model", __name__)

TRIALS = "6 per minute"  # each costs the owner two answers, and calls an address that they typed


def cleaned(
    clean: Callable[[str], Any], *, required: bool = False
) -> Callable[[FlaskForm, Field], None]:
    """A validator that puts the cleaned value in the field's `clean`. Only the chosen provider's fields count."""

    def validate(form: FlaskForm, field: Field) -> None:
        if form.provider.data != "own":
            return
        try:
            field.clean = clean(field.data or "")
        except Invalid as refusal:
            raise ValidationError(refusal.message) from refusal

    validate.field_flags = {"required": required}  # type: ignore[attr-defined]
    return validate


class ModelForm(FlaskForm):
    provider = RadioField(
        _l("Who writes the answers?"),
        choices=[("claude", _l("Claude")), ("own", _l("Your own")), ("none", _l("Nobody"))],
    )
    own_base_url = StringField(
        _l("Address"),
        [cleaned(model_choice.clean_address, required=True)],
        description="The part before /chat/completions, like https://llm.example.com/v1.",
    )
    own_model = StringField(
        _l("Model"),
        [cleaned(model_choice.clean_model, required=True)],
        description=_l(
            "Its name as the endpoint spells it, like llama3.3:70b. It has to know tools."
        ),
    )
    own_key = PasswordField(_l("Key"), [cleaned(model_choice.clean_key)])
    no_key = BooleanField(_l("It needs no key"))
    own_read_price = StringField(
        _l("Dollars per million tokens read"), [cleaned(model_choice.clean_price)]
    )
    own_written_price = StringField(
        _l("Dollars per million tokens written"), [cleaned(model_choice.clean_price)]
    )

    def validate_own_key(self, field: PasswordField) -> None:
        """An empty field keeps the stored key, for the same server."""
        if self.provider.data != "own" or self.own_base_url.errors or field.errors:
            return
        settings = AssistantSettings.current()
        if self.no_key.data:
            field.clean = ""
        elif not field.clean:
            field.clean = model_choice.kept_key(settings, self.own_base_url.clean)
            if not field.clean and model_choice.end_of_key(settings):
                raise ValidationError(_("The address has changed, so type the key for it."))

    def validate_own_written_price(self, field: StringField) -> None:
        prices = (self.own_read_price, field)
        if self.provider.data != "own" or any(each.errors for each in prices):
            return
        if len([each for each in prices if each.clean is None]) == 1:
            raise ValidationError(_("Give both prices or neither."))

    @property
    def endpoint(self) -> Endpoint:
        return Endpoint(
            self.own_base_url.clean,
            self.own_model.clean,
            self.own_key.clean,
            self.own_read_price.clean,
            self.own_written_price.clean,
        )


@model.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    settings = AssistantSettings.current()
    form = ModelForm(
        formdata=None,
        provider=settings.provider,
        own_base_url=settings.own_base_url,
        own_model=settings.own_model,
        own_read_price=_typed(settings.own_read_price),
        own_written_price=_typed(settings.own_written_price),
    )
    return _page(form)


@model.post("/")
@requires(Permission.SETTINGS_WRITE)
def change() -> Response | BaseResponse:
    form = ModelForm()
    if not form.validate():
        return _page(form, 422)
    if form.provider.data == "own":
        model_choice.choose_own(form.endpoint, current_user)
    else:
        model_choice.choose(form.provider.data, current_user)
    flash(_("Saved. The next answer is written that way."), "success")
    return web.go(".show")


@model.post("/trial")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit(TRIALS, key_func=lambda: f"business-{g.business.id}")
def trial() -> Response:
    """What is typed, and not saved."""
    form = ModelForm()
    if not form.validate() or form.provider.data != "own":
        return _refused(form)
    outcome = model_trial.run(form.endpoint)
    if web.is_htmx():
        return web.fragment("assistant/_model_trial.html", trial=outcome)
    return _page(form, trial=outcome)


def _refused(form: ModelForm) -> Response:
    if web.is_htmx():
        told = [f"{field.label.text}: {field.errors[0]}" for field in form if field.errors]
        raise Invalid(next(iter(told), _("Choose your own model first.")), code="trial")
    return _page(form, 422)


def _page(form: ModelForm, status: int = 200, trial: Trial | None = None) -> Response:
    settings = AssistantSettings.current()
    return web.page(
        "assistant/model.html", status,
        form=form,
        end_of_key=model_choice.end_of_key(settings),
        has_claude=bool(current_app.config["ANTHROPIC_API_KEY"]),
        claude_model=current_app.config["ANTHROPIC_MODEL"],
        may_be_private=current_app.config["OWN_MODEL_PRIVATE_ADDRESSES"],
        trial=trial,
    )  # fmt: skip


def _typed(price: float | None) -> str:
    return "" if price is None else f"{price:g}"
