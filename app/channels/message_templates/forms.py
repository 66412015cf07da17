"""The form that a template is written in. limits.py says what WhatsApp takes; the form only carries it."""

from collections.abc import Iterable
from dataclasses import replace
from typing import Any, ClassVar

from flask import request
from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from wtforms import (
    Field,
    FieldList,
    FileField,
    Form,
    FormField,
    HiddenField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice

from app.channels.message_templates import languages, limits, variables
from app.channels.message_templates.drafts import (
    Button,
    Draft,
    name_of,
    title_of,
)

HEADER_CHOICES = [
    SelectChoice("", _l("None")),
    SelectChoice("TEXT", _l("Text")),
    SelectChoice("IMAGE", _l("Picture")),
    SelectChoice("VIDEO", _l("Video")),
    SelectChoice("DOCUMENT", _l("Document")),
]
CATEGORY_CHOICES = [
    SelectChoice("UTILITY", _l("Utility: about something that they booked, ordered or asked for")),
    SelectChoice("MARKETING", _l("Marketing: offers, news, an invitation to come back")),
]
BUTTON_CHOICES = [
    SelectChoice("", _l("No button")),
    SelectChoice("QUICK_REPLY", _l("Quick reply")),
    SelectChoice("URL", _l("Link")),
    SelectChoice("PHONE_NUMBER", _l("Call")),
    SelectChoice("COPY_CODE", _l("Copy a code")),
]
MOST_VARIABLES = 50


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class Needed:
    """Marks a field; limits.py refuses it when it is empty, and a draft may be kept without it."""

    field_flags: ClassVar = {"required": True}

    def __call__(self, form: Form, field: Field) -> None: ...


class ButtonForm(Form):
    kind = SelectField(_l("Kind"), choices=BUTTON_CHOICES, validate_choice=False)
    text = StringField(_l("Words on it"), [Needed()], filters=[_plain])
    value = StringField(_l("Value"), [Needed()], filters=[_plain])
    example = StringField(_l("Example of the whole address"), [Needed()], filters=[_plain])

    @property
    def parts(self) -> set[str]:
        """Which of its fields its kind has."""
        kind, value = self.kind.data, self.value.data or ""
        wanted = {
            "kind": True,
            "text": bool(kind) and kind != "COPY_CODE",
            "value": kind in ("URL", "PHONE_NUMBER", "COPY_CODE"),
            "example": kind == "URL" and "{{" in value,
        }
        return {part for part, is_wanted in wanted.items() if is_wanted}


class VariableForm(Form):
    name = HiddenField()
    example = StringField(_l("Example"), [Needed()], filters=[_plain])
    fallback = StringField(_l("If we don’t know it"), filters=[_plain])


class TemplateForm(FlaskForm):
    account_id = SelectField(_l("Account"), validate_choice=False)
    title = StringField(
        _l("Title"), [Needed()], filters=[_plain], description=_l("Seen by your team alone.")
    )
    language = SelectField(
        _l("Language"),
        choices=lambda: [SelectChoice(*each) for each in languages.choices()],
        validate_choice=False,
    )
    category = RadioField(_l("What it is for"), choices=CATEGORY_CHOICES, validate_choice=False)
    header_kind = SelectField(_l("Header"), choices=HEADER_CHOICES, validate_choice=False)
    header_text = StringField(_l("Header’s words"), [Needed()], filters=[_plain])
    header_file = FileField(_l("File"))
    body = TextAreaField(_l("Message"), [Needed()], filters=[_plain])
    footer = StringField(
        _l("Footer"), filters=[_plain], description=_l("Small print under the message.")
    )
    buttons = FieldList(FormField(ButtonForm), max_entries=limits.MAX_BUTTONS)
    variables = FieldList(FormField(VariableForm), max_entries=MOST_VARIABLES)

    @classmethod
    def of(cls, draft: Draft) -> "TemplateForm":
        return cls(
            formdata=None,
            data={
                "title": title_of(draft.name),
                "language": draft.language,
                "category": draft.category,
                "header_kind": draft.header_kind,
                "header_text": draft.header_text,
                "body": draft.body,
                "footer": draft.footer,
                "buttons": [
                    {"kind": each.kind, "text": each.text, "value": each.value, "example": each.example}
                    for each in draft.buttons
                ],
                "variables": [
                    {"name": name, "example": draft.examples.get(name, ""),
                     "fallback": draft.fallbacks.get(name, "")}
                    for name in draft.variable_names
                ],
            },
        )  # fmt: skip

    def draft(self, kept: Draft | None = None, *, is_new: bool) -> Draft:
        """What is typed. Of one that the provider has, name, language and the kind of variables are `kept`."""
        rows = [row.form for row in self.variables]
        name = name_of(self.title.data or "")
        return Draft(
            name=name if is_new or kept is None else kept.name,
            language=(self.language.data or "") if is_new or kept is None else kept.language,
            category=self.category.data or (kept.category if kept else ""),
            header_kind=self.header_kind.data or "",
            header_text=self.header_text.data if self.header_kind.data == "TEXT" else "",
            body=self.body.data or "",
            footer=self.footer.data or "",
            buttons=tuple(
                Button(row.kind.data, row.text.data, row.value.data, row.example.data)
                for row in (entry.form for entry in self.buttons)
                if row.kind.data
            ),
            examples={row.name.data: row.example.data for row in rows},
            fallbacks={row.name.data: row.fallback.data for row in rows if row.fallback.data},
            parameter_format=kept.parameter_format if kept else "named",
            has_file=bool(self.header_file.data) or bool(kept and kept.has_file),
        )

    def settle(self, draft: Draft, business_name: str) -> Draft:
        """Its rows as the draft has them: no empty button but one at the end, a row for each variable. Those
        that we fill in have an example by themselves: the draft with them."""
        _refill(
            self.buttons,
            [
                {"kind": each.kind, "text": each.text, "value": each.value, "example": each.example}
                for each in draft.buttons
            ]
            + [{}],
        )
        examples = {
            name: draft.examples.get(name) or variables.example_of(name, business_name)
            for name in draft.variable_names
        }
        rows = [
            {"name": name, "example": example, "fallback": draft.fallbacks.get(name, "")}
            for name, example in examples.items()
        ]
        _refill(self.variables, rows)
        return replace(draft, examples=examples)

    def tell(self, problems: Iterable[limits.Problem]) -> None:
        """Each under its field."""
        for problem in problems:
            field: Any = self
            for part in problem.field.split("-"):
                field = field[int(part)] if part.isdigit() else _part(field, part)
            field.errors = [*field.errors, problem.words]

    @property
    def is_handed_in(self) -> bool:
        return request.form.get("action") == "submit"

    def shown_rows(self) -> tuple[set[str], set[str]]:
        """The fields of buttons and of variables that the page has."""
        return (
            {name for name in request.form if name.startswith("buttons-")},
            {row.form.name.data for row in self.variables},
        )

    def wanted_rows(self) -> tuple[set[str], set[str]]:
        buttons = {f"{row.name}-{part}" for row in self.buttons for part in row.form.parts}
        return buttons, {row.form.name.data for row in self.variables}


def _part(field: Any, name: str) -> Field:
    found: Field = field[name] if isinstance(field, Form) else field.form[name]
    return found


def _refill(rows: FieldList, data: list[dict[str, Any]]) -> None:
    while len(rows):
        rows.pop_entry()
    for each in data[: rows.max_entries]:
        rows.append_entry(each)
