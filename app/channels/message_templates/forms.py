"""The form that a template is written in. limits.py says what WhatsApp takes; the form only carries it."""

from collections.abc import Iterable
from typing import Any

from flask import request
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

from app.channels.message_templates import limits, variables
from app.channels.message_templates.drafts import (
    Button,
    Draft,
    name_of,
    title_of,
)
from app.channels.message_templates.languages import LANGUAGES

HEADER_CHOICES = [("", "None"), ("TEXT", "Text"), ("IMAGE", "Picture"), ("VIDEO", "Video"),
                  ("DOCUMENT", "Document")]  # fmt: skip
CATEGORY_CHOICES = [
    ("UTILITY", "Utility: about something that they booked, ordered or asked for"),
    ("MARKETING", "Marketing: offers, news, an invitation to come back"),
]
BUTTON_CHOICES = [("", "No button"), ("QUICK_REPLY", "Quick reply"), ("URL", "Link"),
                  ("PHONE_NUMBER", "Call"), ("COPY_CODE", "Copy a code")]  # fmt: skip
MOST_VARIABLES = 50


def _plain(text: str | None) -> str:
    return (text or "").replace("\r\n", "\n").strip()


class ButtonForm(Form):
    kind = SelectField("Kind", choices=BUTTON_CHOICES, validate_choice=False)
    text = StringField("Words on it", filters=[_plain])
    value = StringField("Value", filters=[_plain])
    example = StringField("Example of the whole address", filters=[_plain])


class VariableForm(Form):
    name = HiddenField()
    example = StringField("Example", filters=[_plain])
    fallback = StringField("If we don’t know it", filters=[_plain])


class TemplateForm(FlaskForm):
    account_id = SelectField("Account", validate_choice=False)
    title = StringField("Title", filters=[_plain], description="Seen by your team alone.")
    language = SelectField("Language", choices=list(LANGUAGES.items()), validate_choice=False)
    category = RadioField("What it is for", choices=CATEGORY_CHOICES, validate_choice=False)
    header_kind = SelectField("Header", choices=HEADER_CHOICES, validate_choice=False)
    header_text = StringField("Header’s words", filters=[_plain])
    header_file = FileField("File")
    body = TextAreaField("Message", filters=[_plain])
    footer = StringField("Footer", filters=[_plain], description="Small print under the message.")
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

    def settle(self, draft: Draft, business_name: str) -> None:
        """Its rows as the draft has them: no empty button but one at the end, a row for each variable."""
        _refill(
            self.buttons,
            [
                {"kind": each.kind, "text": each.text, "value": each.value, "example": each.example}
                for each in draft.buttons
            ]
            + [{}],
        )
        _refill(
            self.variables,
            [
                {"name": name, "fallback": draft.fallbacks.get(name, ""),
                 "example": draft.examples.get(name) or variables.example_of(name, business_name)}
                for name in draft.variable_names
            ],
        )  # fmt: skip

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

    @property
    def button_kinds(self) -> str:
        """By which a page knows whether its rows still fit."""
        return ",".join(entry.form.kind.data or "" for entry in self.buttons)

    @property
    def variable_names(self) -> str:
        return ",".join(entry.form.name.data for entry in self.variables)


def _part(field: Any, name: str) -> Field:
    found: Field = field[name] if isinstance(field, Form) else field.form[name]
    return found


def _refill(rows: FieldList, data: list[dict[str, Any]]) -> None:
    while len(rows):
        rows.pop_entry()
    for each in data[: rows.max_entries]:
        rows.append_entry(each)
