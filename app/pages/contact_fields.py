"""Settings → Contact fields: what a business wants to know of its contacts beside name and address."""

from flask import Blueprint, Response, abort, flash
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import SelectField, StringField, TextAreaField
from wtforms.validators import InputRequired

from app.contacts import fields
from app.contacts.models import ContactField
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid

contact_fields = Blueprint("contact_fields", __name__)


class FieldForm(FlaskForm):
    label = StringField(
        _l("What it is called"), [InputRequired()], description=_l("Like “Skin type” or “Plate”.")
    )
    kind = SelectField(
        _l("What it holds"), choices=list(fields.KIND_LABELS.items()), validate_choice=False
    )
    choices = TextAreaField(_l("Choices"), description=_l("One a line, for a choice of a list."))

    @property
    def lines(self) -> list[str]:
        return (self.choices.data or "").splitlines()

    def refuse(self, refusal: Invalid | Conflict) -> None:
        if refusal.code in self:
            self[refusal.code].errors = [refusal.message]
        else:
            self.form_errors.append(refusal.message)


@contact_fields.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    return _page(FieldForm(formdata=None))


@contact_fields.post("/")
@requires(Permission.SETTINGS_WRITE)
def create() -> Response | BaseResponse:
    form = FieldForm()
    try:
        field = fields.create(form.label.data or "", form.kind.data or "", form.lines)
    except (Invalid, Conflict) as refusal:
        form.refuse(refusal)
        return _page(form, 422)
    flash(_("“%(label)s” is a field of every contact now.", label=field.label), "success")
    return web.go(".index")


@contact_fields.get("/<int:field_id>")
@requires(Permission.SETTINGS_WRITE)
def edit(field_id: int) -> Response:
    field = _load(field_id)
    typed = {"label": field.label, "choices": "\n".join(field.choices)}
    return _form(field, FieldForm(formdata=None, data=typed))


@contact_fields.post("/<int:field_id>")
@requires(Permission.SETTINGS_WRITE)
def change(field_id: int) -> Response | BaseResponse:
    field, form = _load(field_id), FieldForm()
    try:
        fields.change(field, form.label.data or "", form.lines)
    except (Invalid, Conflict) as refusal:
        form.refuse(refusal)
        return _form(field, form, 422)
    flash(_("Saved."), "success")
    return web.go(".index")


@contact_fields.post("/<int:field_id>/up")
@requires(Permission.SETTINGS_WRITE)
def move_up(field_id: int) -> BaseResponse:
    fields.move(_load(field_id), -1)
    return web.go(".index")


@contact_fields.post("/<int:field_id>/down")
@requires(Permission.SETTINGS_WRITE)
def move_down(field_id: int) -> BaseResponse:
    fields.move(_load(field_id), 1)
    return web.go(".index")


@contact_fields.post("/<int:field_id>/archive")
@requires(Permission.SETTINGS_WRITE)
def archive(field_id: int) -> BaseResponse:
    field = _load(field_id)
    fields.archive(field)
    flash(_("“%(label)s” is archived. What it holds is kept.", label=field.label), "success")
    return web.go(".index")


@contact_fields.post("/<int:field_id>/restoration")
@requires(Permission.SETTINGS_WRITE)
def restore(field_id: int) -> BaseResponse:
    field = _load(field_id)
    fields.restore(field)
    flash(_("“%(label)s” is back, with what it held.", label=field.label), "success")
    return web.go(".index")


def _load(field_id: int) -> ContactField:
    return ContactField.by_id(field_id) or abort(404)


def _page(form: FieldForm, status: int = 200) -> Response:
    return web.page(
        "contact_fields/index.html", status,
        form=form, fields=ContactField.all(), archived=ContactField.all(archived=True),
        kinds=fields.KIND_LABELS,
    )  # fmt: skip


def _form(field: ContactField, form: FieldForm, status: int = 200) -> Response:
    return web.page(
        "contact_fields/form.html", status, field=field, form=form, kinds=fields.KIND_LABELS
    )
