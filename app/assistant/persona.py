"""How the assistant speaks: its name, its tone, and what it never says."""

from collections.abc import Collection
from dataclasses import asdict, dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.assistant.guarding import lines
from app.assistant.models import AssistantSettings
from app.core.errors import Invalid
from app.extensions import db

MAX_NAME = 40  # characters
MAX_NOTES = 1000
MAX_RULES = 30  # things never to say
MAX_RULE = 120
MIN_RULE = 2  # a single letter stands in every answer


@dataclass(frozen=True, slots=True)
class Tone:
    name: str
    title: str
    text: str
    sample: str  # an answer in it


ASKED = _l("Do you deliver on Saturdays?")  # what the samples answer
TONES = (
    Tone(
        "warm",
        _l("Warm"),
        _l("Friendly, as you would speak to a regular."),
        _l(
            "Yes, we do! On Saturdays we’re out with the van until 2 pm. Shall I tell you what it costs?"
        ),
    ),
    Tone(
        "plain",
        _l("Plain"),
        _l("Short and to the point."),
        _l("Yes, on Saturdays until 2 pm."),
    ),
    Tone(
        "formal",
        _l("Formal"),
        _l("Polite and a little distant."),
        _l(
            "Yes. We deliver on Saturdays until 2 pm. Please let us know if you would like the prices."
        ),
    ),
)


@dataclass(frozen=True, slots=True)
class Persona:
    """What is saved, or a draft that is only tried."""

    assistant_name: str
    tone: str
    style_notes: str
    never_say: str

    @classmethod
    def of(cls, settings: AssistantSettings) -> "Persona":
        return cls(settings.assistant_name, settings.tone, settings.style_notes, settings.never_say)

    @classmethod
    def typed(cls, assistant_name: str, tone: str, style_notes: str, never_say: str) -> "Persona":
        """Cleaned. Raises Invalid with the field's name as its code."""
        return cls(_name(assistant_name), _tone(tone), _notes(style_notes), _rules(never_say))


def save(persona: Persona, switched_off: Collection[str] | None = None) -> None:
    """`switched_off` are names of tools; None leaves them as they are."""
    fields: dict[str, object] = asdict(persona)
    if switched_off is not None:
        fields["switched_off_tools"] = sorted(switched_off)
    AssistantSettings.change(**fields)


def draft(persona: Persona) -> AssistantSettings:
    """The business's settings as they would be with it. Nothing that is done to them is stored."""
    settings = AssistantSettings.current()
    if settings in db.session:
        _ = settings.own_key  # read late otherwise, and then there is no session to read from
        db.session.expunge(settings)
    for name, value in asdict(persona).items():
        setattr(settings, name, value)
    return settings


def _name(typed: str) -> str:
    name = " ".join(typed.replace("\x00", "").split())
    if len(name) > MAX_NAME:
        raise Invalid(
            gettext("A name may have %(most)s characters.", most=MAX_NAME), code="assistant_name"
        )
    return name


def _tone(chosen: str) -> str:
    if chosen not in {tone.name for tone in TONES}:
        raise Invalid(gettext("Choose one of the tones."), code="tone")
    return chosen


def _notes(typed: str) -> str:
    notes = typed.replace("\x00", "").replace("\r\n", "\n").strip()
    if len(notes) > MAX_NOTES:
        raise Invalid(
            gettext("Your notes may have %(most)s characters.", most=f"{MAX_NOTES:,}"),
            code="style_notes",
        )
    return notes


def _rules(typed: str) -> str:
    rules: dict[str, str] = {}
    for line in lines(typed.replace("\x00", "")):
        rules.setdefault(line.casefold(), _rule(" ".join(line.split())))
    if len(rules) > MAX_RULES:
        raise Invalid(gettext("Up to %(most)s lines fit.", most=MAX_RULES), code="never_say")
    return "\n".join(rules.values())


def _rule(line: str) -> str:
    if len(line) > MAX_RULE:
        words = gettext(
            "“%(line)s…” is too long: a line may have %(most)s characters.",
            line=line[:30],
            most=MAX_RULE,
        )
        raise Invalid(words, code="never_say")
    if sum(each.isalnum() for each in line) < MIN_RULE:
        words = gettext("“%(line)s” is too short: nearly every answer would have it.", line=line)
        raise Invalid(words, code="never_say")
    return line
