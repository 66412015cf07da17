"""The form of Settings → Website chat, and the way from it to `WebsiteSettings` and back."""

import re
from collections.abc import Iterator
from typing import Any

from flask_babel import gettext as _
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
    SelectChoice("no", _l("Don’t ask")),
    SelectChoice("ask", _l("Ask")),
    SelectChoice("must", _l("Must be answered")),
]


def _fits(most: int) -> Length:
    return Length(max=most, message=_l("This is too long: %(count)s characters fit.", count=most))


class TextsForm(Form):
    """What the chat says in one language; empty is ours."""

    title = StringField(_l("Title"), [_fits(60)])
    greeting = TextAreaField(_l("Greeting"), [_fits(200)])
    launcher = StringField(_l("Words on the button"), [_fits(40)])
    offline = TextAreaField(_l("While you are closed"), [_fits(300)])
    consent = TextAreaField(_l("What a visitor agrees to"), [_fits(1000)])


class RuleForm(Form):
    page = StringField(
        _l("On pages"), [_fits(200)], description=_l("A path; * stands for anything: /shop/*")
    )
    seconds = IntegerField(
        _l("After seconds"),
        [Optional(), NumberRange(0, 600, _l("From 0 to 600 seconds."))],
    )
    once = SelectField(
        _l("How often"),
        choices=[
            SelectChoice("session", _l("Once a visit")),
            SelectChoice("visitor", _l("Once a visitor")),
        ],
        default="session",
    )

    def validate_page(self, field: StringField) -> None:
        if field.data and not PAGE.fullmatch(field.data.strip()):
            raise ValidationError(_("Write a path that begins with / or *, like /shop/*."))
        if (field.data or "").count("*") > MAX_STARS:
            raise ValidationError(_("Up to %(most)s stars, please.", most=MAX_STARS))

    @property
    def texts(self) -> dict[str, str]:
        said = {each: (self[f"text_{each}"].data or "").strip() for each in LANGUAGES}
        return {language: text for language, text in said.items() if text}


for _language, _name in LANGUAGES.items():
    setattr(RuleForm, f"text_{_language}", StringField(_name, [_fits(MAX_MESSAGE)]))


class WebsiteForm(FlaskForm):
    colour = ColorField(
        _l("Colour"),
        [
            DataRequired(_l("Choose a colour.")),
            Regexp(HEX_COLOUR.pattern + "$", HEX_COLOUR.flags, _l("Choose a colour like #0f7a55.")),
        ],
        description=_l("Of the button, the header and the visitor’s own words."),
    )
    side = RadioField(
        _l("Side"), choices=[SelectChoice("right", _l("Right")), SelectChoice("left", _l("Left"))]
    )
    edge = IntegerField(
        _l("Distance from the edge"),
        [
            InputRequired(_l("Write a number of pixels.")),
            NumberRange(0, 120, _l("From 0 to 120 pixels.")),
        ],
        description=_l("In pixels."),
    )
    launcher = RadioField(
        _l("Button"),
        choices=[SelectChoice("icon", _l("Icon")), SelectChoice("label", _l("Icon and words"))],
    )
    hide_on_phones = BooleanField(_l("Hide the button on phones"))
    picture = FileField(_l("Picture"), description=_l("Your logo or face, in the head of the opened chat. PNG, JPEG or WebP, up to 200 KB."))  # fmt: skip
    remove_picture = BooleanField(_l("Remove the picture"))
    bubble = BooleanField(_l("Show the greeting beside the button"))
    bubble_seconds = IntegerField(
        _l("After seconds"), [Optional(), NumberRange(0, 600, _l("From 0 to 600 seconds."))]
    )
    rules = FieldList(FormField(RuleForm), max_entries=MAX_RULES)
    ask_name = SelectField(_l("Name"), choices=ASK)
    ask_email = SelectField(_l("E-mail"), choices=ASK)
    ask_phone = SelectField(_l("Telephone"), choices=ASK)
    ask_text = SelectField(_l("A question of your own"), choices=ASK)
    ask_label = StringField(_l("The question"), [_fits(80)])
    asked_when = RadioField(
        _l("When"),
        choices=[
            SelectChoice("after", _l("After the first answer")),
            SelectChoice("before", _l("Before the first message")),
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
    consent_required = BooleanField(_l("A visitor must agree before the first message"))
    show_hours = BooleanField(_l("Say when you are open"))
    show_reply_time = BooleanField(_l("Say how soon your team usually replies"))
    files = BooleanField(_l("Visitors may send files"))
    sound = BooleanField(_l("A sound when an answer comes"))
    questions_from = RadioField(
        _l("Questions to begin with"),
        choices=[
            SelectChoice("knowledge", _l("From your knowledge")),
            SelectChoice("own", _l("Your own")),
            SelectChoice("none", _l("None")),
        ],
    )
    questions = TextAreaField(
        _l("Your own questions"), description=_l("One a line, up to %(most)s.", most=MAX_QUESTIONS)
    )
    allowed_sites = TextAreaField(
        _l("Allowed websites"),
        description=_l(
            "One per line, like https://www.example.com. The chat then opens on these alone; empty means on every website."
        ),
    )
    signed_only = BooleanField(
        _l("Only signed details count"),
        description=_l(
            "What a page says of a visitor’s name, e-mail and telephone without a signature is left out."
        ),
    )
    hosted = BooleanField(_l("Your chat has a page of its own"))
    hosted_indexed = BooleanField(_l("Search engines may list it"))

    def validate_allowed_sites(self, field: TextAreaField) -> None:
        try:
            self.origins = site_origins(field.data or "")
        except SiteError as problem:
            raise ValidationError(str(problem)) from problem

    def validate_questions(self, field: TextAreaField) -> None:
        lines = _lines(field.data)
        if len(lines) > MAX_QUESTIONS:
            raise ValidationError(
                _(
                    "%(most)s questions fit; these are %(count)s.",
                    most=MAX_QUESTIONS,
                    count=len(lines),
                )
            )
        if any(len(line) > MAX_QUESTION for line in lines):
            raise ValidationError(_("A question may have %(most)s characters.", most=MAX_QUESTION))
        if self.questions_from.data == "own" and not lines:
            raise ValidationError(_("Write at least one question, or choose another."))

    def validate_ask_label(self, field: StringField) -> None:
        if self.ask_text.data != "no" and not (field.data or "").strip():
            raise ValidationError(_("Write the question."))

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
        "bubble_seconds": 3 if settings.bubble_seconds is None else settings.bubble_seconds,
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
