"""The form that connects a channel, made of the fields that its adapter asks for."""

from collections.abc import Callable
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import Field, PasswordField, RadioField, StringField
from wtforms.fields import SelectChoice
from wtforms.validators import DataRequired, Length, Optional, Regexp, ValidationError

from app.channels.border import Adapter, ConnectField

MAX_CHARACTERS = 2000
CONFIRMATION = _l("disconnect")


class DisconnectForm(FlaskForm):
    typed = StringField(
        _l("Type “%(confirmation)s”", confirmation=CONFIRMATION),
        [DataRequired(_l("Type the word to confirm it."))],
    )

    def validate_typed(self, field: StringField) -> None:
        if (field.data or "").strip(" “”\"'").casefold() != CONFIRMATION.casefold():
            raise ValidationError(_("Type the word “%(confirmation)s”.", confirmation=CONFIRMATION))


def connect_form(
    provider: Adapter, kept: frozenset[str] = frozenset(), **options: Any
) -> FlaskForm:
    """`kept` are the secrets that are stored already: an empty field means those."""
    made = {each.name: _field(each, is_kept=each.name in kept) for each in provider.fields}
    form: FlaskForm = type("ConnectForm", (FlaskForm,), made)(**options)
    return form


def typed_in(form: FlaskForm, provider: Adapter, stored: dict[str, str]) -> dict[str, str]:
    """What was typed; for a secret that was left empty, what is stored."""
    values = {}
    for each in provider.fields:
        value = form[each.name].data or ""
        values[each.name] = value or (stored.get(each.name, "") if each.is_secret else "")
    return values


def _field(asked: ConnectField, *, is_kept: bool) -> Any:
    rules = [
        _needed(asked, is_kept=is_kept),
        Length(max=MAX_CHARACTERS, message=_("This is too long.")),
    ]
    if asked.pattern:
        rules.append(Regexp(f"(?:{asked.pattern})\\Z", message=_looks_like(asked)))
    if asked.choices:
        return RadioField(
            asked.label,
            choices=[SelectChoice(*each) for each in asked.choices],
            default=asked.choices[0][0],
        )
    made: Callable[..., Field] = PasswordField if asked.is_secret else StringField
    return made(asked.label, rules, description=asked.hint, filters=[_clean])


def _needed(asked: ConnectField, *, is_kept: bool) -> Any:
    if asked.is_optional or is_kept:
        return Optional()
    return DataRequired(
        _("Copy the %(label)s into this field.", label=asked.label[:1].lower() + asked.label[1:])
    )


def _looks_like(asked: ConnectField) -> str:
    if not asked.example:
        return _("This can’t be it.")
    return _("This can’t be it. It looks like %(example)s.", example=asked.example)


def _clean(value: str | None) -> str:
    """As it is copied: with spaces and line ends around it."""
    return (value or "").replace("\x00", "").strip()
