"""The form of a contact's record: the fields of every business, and its own."""

from typing import Any, TypeVar

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import DateField, Field, IntegerField, SelectField, StringField, TextAreaField
from wtforms.validators import Length, Optional
from wtforms.widgets import DateInput, HiddenInput, URLInput

from app.contacts import companies, fields, records
from app.contacts.models import Contact, ContactField
from app.contacts.records import LANGUAGES, Written
from app.core.errors import FrontdeskError
from app.lib.dates import time_zones

UNKNOWN = ("", _l("Not known"))
CUSTOM = "custom_"  # before the key of an own field
Form = TypeVar("Form", bound="ContactRecordForm")
PLAIN = ("name", "company", "language", "time_zone", "note")


class ContactRecordForm(FlaskForm):
    """Make one by of(): it has the business's own fields too."""

    name = StringField(_l("Name"), [Length(max=200)])
    company = StringField(_l("Company"), [Length(max=companies.MAX_NAME)])
    language = SelectField(
        _l("Language"),
        choices=[UNKNOWN, *sorted(LANGUAGES.items(), key=lambda each: each[1])],
        validate_choice=False,  # records.read() does
    )
    time_zone = SelectField(
        _l("Time zone"),
        choices=lambda: [UNKNOWN, *((z, z) for z in sorted(time_zones()))],
        validate_choice=False,
    )
    birthday = DateField(_l("Birthday"), [Optional()])
    note = TextAreaField(_l("Good to know"), description=_l("The one thing to see first. Your team alone reads it."))  # fmt: skip
    version = IntegerField(validators=[Optional()], widget=HiddenInput())

    def validate_birthday(self, field: DateField) -> None:
        if field.errors:
            field.errors = [_("Choose a day, like 31 May 1990.")]

    @property
    def custom_fields(self) -> list[Field]:
        return [each for each in self if each.name.startswith(CUSTOM)]

    def read(self) -> Written:
        """Raises Invalid."""
        custom = {each.name.removeprefix(CUSTOM): each.data or "" for each in self.custom_fields}
        plain = {name: self[name].data or "" for name in PLAIN}
        return records.read(**plain, birthday=self.birthday.data, custom=custom)

    def refuse(self, refusal: FrontdeskError) -> None:
        """Beside the field that it speaks of."""
        name = refusal.code.replace("custom.", CUSTOM)
        if name in self:
            self[name].errors = [*self[name].errors, refusal.message]
        else:
            self.form_errors.append(refusal.message)


class NewContactForm(ContactRecordForm):
    email = StringField(_l("E-mail"))
    phone = StringField(_l("Phone"), description=_l("With its country code, unless it is one of your country."))  # fmt: skip


def blank(**options: Any) -> NewContactForm:
    """For a new contact; `formdata=None` for an empty one."""
    return _with_own(NewContactForm)(**options)


def typed() -> ContactRecordForm:
    return _with_own(ContactRecordForm)()


def of(contact: Contact) -> ContactRecordForm:
    own = {
        CUSTOM + each.key: fields.typed(each, contact.custom.get(each.key))
        for each in ContactField.all()
    }
    company = contact.company.name if contact.company else ""
    values = {name: getattr(contact, name) or "" for name in PLAIN if name != "company"}
    return _with_own(ContactRecordForm)(
        formdata=None,
        data=values | own | {"company": company, "birthday": contact.birthday, "version": contact.version},
    )  # fmt: skip


def _with_own(base: type[Form]) -> type[Form]:
    made = {CUSTOM + each.key: _field(each) for each in ContactField.all()}
    return type(base.__name__, (base,), made)


def _field(field: ContactField) -> Any:
    if field.kind in ("choice", "yes_no"):
        named = field.choices if field.kind == "choice" else [_("Yes"), _("No")]
        values = named if field.kind == "choice" else ["yes", "no"]
        return SelectField(
            field.label, choices=[UNKNOWN, *zip(values, named, strict=True)], validate_choice=False
        )
    widget = {"date": DateInput(), "link": URLInput()}.get(field.kind)
    return StringField(field.label, **({"widget": widget} if widget else {}))
