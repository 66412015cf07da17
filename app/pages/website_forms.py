"""The form of Settings → Website chat, and the way from it to `WebsiteSettings` and back."""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import lazy_gettext as _l
from flask_wtf import FlaskForm
from flask_wtf.file import FileField
from wtforms import (
    BooleanField,
    ColorField,
    FieldList,
    Form,
    FormField,
    IntegerField,
    RadioField,
    SelectField,
    StringField,
    TextAreaField,
)
from wtforms.fields import SelectChoice
from wtforms.validators import (
    DataRequired,
    InputRequired,
    Length,
    NumberRange,
    Optional,
    Regexp,
    ValidationError,
)

from app.channels.models import Channel
from app.channels.sites import SiteError, site_origins
from app.channels.website import MAX_QUESTIONS, MAX_RULES, Asked, Proactive, Texts, WebsiteSettings
from app.channels.website_texts import LANGUAGES
from app.lib.colour import HEX_COLOUR

MAX_MESSAGE = 160  # characters beside the launcher: four lines
MAX_QUESTION = 70  # two lines on a phone
MAX_STARS = 5
PAGE = re.compile(r"[/*]\S*")
ASK = [
    SelectChoice("no", "Don’t ask"),
    SelectChoice("ask", "Ask"),
    SelectChoice("must", "Must be answered"),
]


def _fits(most: int) -> Length:
    return Length(max=most, message=f"This is too long: {most} characters fit.")


class TextsForm(Form):
    """What the chat says in one language; empty is ours."""

    title = StringField("Title", [_fits(60)])
    greeting = TextAreaField("Greeting", [_fits(200)])
    launcher = StringField("Words on the button", [_fits(40)])
    offline = TextAreaField("While you are closed", [_fits(300)])
    consent = TextAreaField("What a visitor agrees to", [_fits(1000)])


class RuleForm(Form):
    page = StringField(
        "On pages", [_fits(200)], description="A path; * stands for anything: /shop/*"
    )
    seconds = IntegerField(
        "After seconds",
        [Optional(), NumberRange(0, 600, "From 0 to 600 seconds.")],
    )
    once = SelectField(
        "How often",
        choices=[
            SelectChoice("session", "Once a visit"),
            SelectChoice("visitor", "Once a visitor"),
        ],
        default="session",
    )

    def validate_page(self, field: StringField) -> None:
        if field.data and not PAGE.fullmatch(field.data.strip()):
            raise ValidationError("Write a path that begins with / or *, like /shop/*.")
        if (field.data or "").count("*") > MAX_STARS:
            raise ValidationError(f"Up to {MAX_STARS} stars, please.")

    @property
    def texts(self) -> dict[str, str]:
        said = {each: (self[f"text_{each}"].data or "").strip() for each in LANGUAGES}
        return {language: text for language, text in said.items() if text}


for _language, _name in LANGUAGES.items():
    setattr(RuleForm, f"text_{_language}", StringField(_name, [_fits(MAX_MESSAGE)]))


class WebsiteForm(FlaskForm):
    colour = ColorField(
        "Colour",
        [
            DataRequired("Choose a colour."),
            Regexp(HEX_COLOUR.pattern + "$", HEX_COLOUR.flags, "Choose a colour like #0f7a55."),
        ],
        description="Of the button, the header and the visitor’s own words.",
    )
    side = RadioField(
        "Side", choices=[SelectChoice("right", "Right"), SelectChoice("left", "Left")]
    )
    edge = IntegerField(
        "Distance from the edge",
        [
            InputRequired("Write a number of pixels."),
            NumberRange(0, 120, "From 0 to 120 pixels."),
        ],
        description="In pixels.",
    )
    launcher = RadioField(
        "Button", choices=[SelectChoice("icon", "Icon"), SelectChoice("label", "Icon and words")]
    )
    hide_on_phones = BooleanField("Hide the button on phones")
    picture = FileField("Picture", description="Your logo or face, in the head of the opened chat. PNG, JPEG or WebP, up to 200 KB.")  # fmt: skip
    remove_picture = BooleanField("Remove the picture")
    bubble = BooleanField("Show the greeting beside the button")
    bubble_seconds = IntegerField(
        "After seconds", [Optional(), NumberRange(0, 600, "From 0 to 600 seconds.")]
    )
    rules = FieldList(FormField(RuleForm), max_entries=MAX_RULES)
    ask_name = SelectField("Name", choices=ASK)
    ask_email = SelectField("E-mail", choices=ASK)
    ask_phone = SelectField("Telephone", choices=ASK)
    ask_text = SelectField("A question of your own", choices=ASK)
    ask_label = StringField("The question", [_fits(80)])
    asked_when = RadioField(
        "When",
        choices=[
            SelectChoice("after", "After the first answer"),
            SelectChoice("before", "Before the first message"),
        ],
    )
    language = SelectField(
        _l("Language"),
        choices=[
            SelectChoice("", _l("Each visitor’s own")),
            *(SelectChoice(code, name) for code, name in LANGUAGES.items()),
        ],
        default="",
    )
    consent_required = BooleanField("A visitor must agree before the first message")
    show_hours = BooleanField("Say when you are open")
    show_reply_time = BooleanField("Say how soon your team usually replies")
    files = BooleanField("Visitors may send files")
    sound = BooleanField("A sound when an answer comes")
    questions_from = RadioField(
        "Questions to begin with",
        choices=[
            SelectChoice("knowledge", "From your knowledge"),
            SelectChoice("own", "Your own"),
            SelectChoice("none", "None"),
        ],
    )
    questions = TextAreaField(
        "Your own questions", description=f"One a line, up to {MAX_QUESTIONS}."
    )
    allowed_sites = TextAreaField(
        "Allowed websites",
        description="One per line, like https://www.example.com. "
        "The chat then opens on these alone; empty means on every website.",
    )
    signed_only = BooleanField(
        "Only signed details count",
        description="What a page says of a visitor’s name, e-mail and telephone without a signature is left out.",
    )
    hosted = BooleanField("Your chat has a page of its own")
    hosted_indexed = BooleanField("Search engines may list it")

    def validate_allowed_sites(self, field: TextAreaField) -> None:
        try:
            self.origins = site_origins(field.data or "")
        except SiteError as problem:
            raise ValidationError(str(problem)) from problem

    def validate_questions(self, field: TextAreaField) -> None:
        lines = _lines(field.data)
        if len(lines) > MAX_QUESTIONS:
            raise ValidationError(f"{MAX_QUESTIONS} questions fit; these are {len(lines)}.")
        if any(len(line) > MAX_QUESTION for line in lines):
            raise ValidationError(f"A question may have {MAX_QUESTION} characters.")
        if self.questions_from.data == "own" and not lines:
            raise ValidationError("Write at least one question, or choose another.")

    def validate_ask_label(self, field: StringField) -> None:
        if self.ask_text.data != "no" and not (field.data or "").strip():
            raise ValidationError("Write the question.")

    @classmethod
    def of(cls, channel: Channel) -> "WebsiteForm":
        return cls(formdata=None, data=typed(channel))

    @property
    def languages(self) -> list[tuple[str, str, Any]]:
        return [(code, name, self[f"texts_{code}"]) for code, name in LANGUAGES.items()]

    @property
    def problems(self) -> Iterator[tuple[str, str, str]]:
        """Of the fields inside fields too: id, label, message."""
        return _problems(self)

    def settings(self, before: WebsiteSettings) -> WebsiteSettings:
        """What was typed; only after it was validated. The picture stays as it was."""
        plain = (
            "language", "side", "edge", "launcher", "hide_on_phones", "asked_when", "show_hours", "show_reply_time",
            "files", "sound", "consent_required", "questions_from", "signed_only", "hosted",
            "hosted_indexed",
        )  # fmt: skip
        texts = {code: Texts(**_clean(part.data)) for code, _name, part in self.languages}
        made = WebsiteSettings(
            **{name: self[name].data for name in plain},
            texts={code: each for code, each in texts.items() if not each.is_empty},
            bubble_seconds=(self.bubble_seconds.data or 0) if self.bubble.data else None,
            proactive=[_rule(each.form) for each in self.rules if each.form.texts],
            asked=self._asked(),
            questions=_lines(self.questions.data),
            avatar_file_id=before.avatar_file_id,
            avatar_sha256=before.avatar_sha256,
        )
        changed = _agreed_to(made) != _agreed_to(before)
        made.consent_version = before.consent_version + changed
        return made

    def _asked(self) -> list[Asked]:
        label = (self.ask_label.data or "").strip()
        return [
            Asked(kind=kind, label=label if kind == "text" else "", required=choice == "must")
            for kind in ("name", "email", "phone", "text")
            if (choice := self[f"ask_{kind}"].data) != "no"
        ]


for _language, _name in LANGUAGES.items():
    setattr(WebsiteForm, f"texts_{_language}", FormField(TextsForm, _name))


def typed(channel: Channel) -> dict[str, Any]:
    """What is saved, as the form's fields have it; with an empty line for one more message."""
    settings = WebsiteSettings.of(channel)
    values = settings.model_dump(exclude={"texts", "proactive", "asked", "questions"})
    asked = {each.kind: each for each in settings.asked}
    values |= {
        f"ask_{kind}": ("must" if asked[kind].required else "ask") if kind in asked else "no"  # type: ignore[index]
        for kind in ("name", "email", "phone", "text")
    }
    values |= {
        f"texts_{code}": settings.texts.get(code, Texts()).model_dump() for code in LANGUAGES
    }
    rules: list[dict[str, Any]] = [
        each.model_dump() | {f"text_{code}": text for code, text in each.texts.items()}
        for each in settings.proactive
    ]
    empty = [{"page": "/*", "seconds": 10}] if len(rules) < MAX_RULES else []
    return values | {
        "colour": channel.colour,
        "allowed_sites": "\n".join(channel.allowed_sites),
        "bubble": settings.bubble_seconds is not None,
        "bubble_seconds": settings.bubble_seconds or 3,
        "ask_label": asked["text"].label if "text" in asked else "",
        "questions": "\n".join(settings.questions),
        "rules": rules + empty,
    }


def _rule(form: RuleForm) -> Proactive:
    return Proactive(
        page=(form.page.data or "").strip() or "/*",
        seconds=form.seconds.data or 0,
        once=form.once.data,
        texts=form.texts,
    )


def _clean(values: dict[str, str | None]) -> dict[str, str]:
    return {name: (value or "").replace("\r\n", "\n").strip() for name, value in values.items()}


def _lines(text: str | None) -> list[str]:
    return [" ".join(line.split()) for line in (text or "").splitlines() if line.strip()]


def _agreed_to(settings: WebsiteSettings) -> dict[str, str]:
    return {code: each.consent for code, each in settings.texts.items() if each.consent}


def _problems(fields: Any) -> Iterator[tuple[str, str, str]]:
    for field in fields:
        if isinstance(field, FormField | FieldList):
            yield from _problems(field)
        elif field.errors:
            yield field.id, field.label.text, field.errors[0]
