"""What WhatsApp takes of a template; asked while one types, and before it is handed in. Pure.

The figures are Meta's. Two rules are known by their refusals alone, and ours is the cautious side of them: how
many variables a text may have for its length, and that two may not touch.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from urllib.parse import urlsplit

from flask_babel import gettext

from app.channels.message_templates import variables
from app.channels.message_templates.drafts import (
    BUTTON_KINDS,
    HEADERS,
    MAX_NAME,
    MEDIA_HEADERS,
    Button,
    Draft,
)
from app.channels.message_templates.languages import LANGUAGES

MAX_HEADER = 60
MAX_BODY = 1024
MAX_FOOTER = 60
MAX_BUTTONS = 10
MAX_BUTTON_TEXT = 25
MAX_URL = 2000
MAX_PHONE = 20
MAX_CODE = 15
MAX_VALUE = 1024
MOST_OF_KIND = {"URL": 2, "PHONE_NUMBER": 1, "COPY_CODE": 1}
CREATABLE = ("UTILITY", "MARKETING")
NAME = re.compile(rf"[a-z0-9_]{{1,{MAX_NAME}}}")

_EMOJI = re.compile("[\U0001f000-\U0001faff\u2600-\u27bf\u2b00-\u2bff\ufe0f]")
_TOUCHING = re.compile(r"\}\}\s*\{\{")
_BROKEN_VALUE = re.compile(r"[\n\r\t]| {5,}")


@dataclass(frozen=True, slots=True)
class Problem:
    """`field` as the form names it."""

    field: str
    words: str


def problems(draft: Draft) -> list[Problem]:
    """All of them, in the order of the form. None: WhatsApp can be asked."""
    rules: tuple[Callable[[Draft], Iterator[Problem]], ...] = (
        _of_name, _of_header, _of_body, _of_footer, _of_buttons, _of_examples,
    )  # fmt: skip
    return [problem for rule in rules for problem in rule(draft)]


def value_problem(value: str) -> str | None:
    """Why WhatsApp wouldn't take this in the place of a variable."""
    if not value.strip():
        return gettext("Fill this in.")
    if _BROKEN_VALUE.search(value):
        return gettext("Here it must be one line, without tabs or more than four spaces in a row.")
    if len(value) > MAX_VALUE:
        return gettext("This is too long: %(most)s characters fit.", most=f"{MAX_VALUE:,}")
    return None


def _of_name(draft: Draft) -> Iterator[Problem]:
    if not NAME.fullmatch(draft.name):
        yield Problem(
            "title", gettext("Give it a title with letters or figures of the Latin alphabet.")
        )
    if draft.category not in CREATABLE:
        yield Problem("category", gettext("Choose what it is for."))
    if draft.language not in LANGUAGES:
        yield Problem("language", gettext("Choose one of WhatsApp’s languages."))


def _of_header(draft: Draft) -> Iterator[Problem]:
    if draft.header_kind not in HEADERS:
        yield Problem("header_kind", gettext("Choose one of these."))
    if draft.header_kind in MEDIA_HEADERS and not draft.has_file:
        yield Problem("header_file", gettext("Choose a file: WhatsApp wants to see an example."))
    if draft.header_kind == "TEXT":
        for words in _header_text(draft):
            yield Problem("header_text", words)


def _header_text(draft: Draft) -> Iterator[str]:
    text = draft.header_text
    if not text.strip():
        yield gettext("Write the header, or choose “None”.")
    yield from _too_long(text, MAX_HEADER)
    if len(variables.ANY.findall(text)) > 1:
        yield gettext("A header may have one variable.")
    if "\n" in text:
        yield gettext("A header is one line.")
    if _EMOJI.search(text) or re.search(r"[*_~`]", variables.ANY.sub("", text)):
        yield gettext("A header has no emoji and no *, _, ~ or `.")
    yield from _odd(text, draft.parameter_format)


def _of_body(draft: Draft) -> Iterator[Problem]:
    text = draft.body
    if not text.strip():
        yield Problem("body", gettext("Write the message."))
        return
    for words in (*_too_long(text, MAX_BODY), *_odd(text, draft.parameter_format), *_placing(text)):
        yield Problem("body", words)


def _placing(text: str) -> Iterator[str]:
    """Where variables stand, and how many there are for the words around them."""
    text = text.strip()
    found = list(variables.ANY.finditer(text))
    if not found:
        return
    if found[0].start() == 0:
        yield gettext("A message can’t begin with a variable: put a word before it.")
    if not re.search(r"\w", text[found[-1].end() :]):
        yield gettext("A message can’t end with a variable: put some words behind it.")
    if _TOUCHING.search(text):
        yield gettext("Put words between two variables.")
    words = len(re.findall(r"\w+", variables.ANY.sub(" ", text)))
    if words < 2 * len(found) + 1:
        yield (
            gettext(
                "Too many variables for so few words: %(count)s want at least %(value)s other words, and there are %(words)s.",
                count=len(found),
                value=2 * len(found) + 1,
                words=words,
            )
        )
    numbers = [int(each[1]) for each in found if each[1].isdigit()]
    if numbers and sorted(set(numbers)) != list(range(1, max(numbers) + 1)):
        yield gettext("Number the variables from 1, without a gap.")


def _of_footer(draft: Draft) -> Iterator[Problem]:
    for words in _too_long(draft.footer, MAX_FOOTER):
        yield Problem("footer", words)
    if variables.BRACES.search(draft.footer):
        yield Problem("footer", gettext("A footer can’t have variables."))
    if "\n" in draft.footer:
        yield Problem("footer", gettext("A footer is one line."))


def _of_buttons(draft: Draft) -> Iterator[Problem]:
    if len(draft.buttons) > MAX_BUTTONS:
        yield Problem("buttons", gettext("%(most)s buttons fit.", most=MAX_BUTTONS))
    kinds = [button.kind for button in draft.buttons]
    for kind, most in MOST_OF_KIND.items():
        if kinds.count(kind) > most:
            yield Problem("buttons", _too_many(kind))
    runs = [
        kind for at, kind in enumerate(_sorts(kinds)) if at == 0 or kind != _sorts(kinds)[at - 1]
    ]
    if len(runs) > 2:
        yield Problem(
            "buttons",
            gettext(
                "Keep the quick replies together: all before the other buttons, or all behind."
            ),
        )
    seen: Counter[str] = Counter()
    for index, button in enumerate(draft.buttons):
        for part, words in _of_button(button):
            yield Problem(f"buttons-{index}-{part}", words)
        label = button.text.strip().casefold()
        if button.kind != "COPY_CODE" and label and seen[label]:
            yield Problem(f"buttons-{index}-text", gettext("Another button says the same."))
        seen[label] += 1


def _sorts(kinds: list[str]) -> list[str]:
    return ["reply" if kind == "QUICK_REPLY" else "other" for kind in kinds]


def _too_many(kind: str) -> str:
    return {
        "URL": gettext("Two links at most."),
        "PHONE_NUMBER": gettext("One button that calls at most."),
        "COPY_CODE": gettext("One button with a code at most."),
    }[kind]


def _of_button(button: Button) -> Iterator[tuple[str, str]]:
    if button.kind not in BUTTON_KINDS:
        yield "kind", gettext("Choose one of these.")
        return
    if button.kind != "COPY_CODE":
        if not button.text.strip():
            yield "text", gettext("Write what stands on the button.")
        for words in _too_long(button.text, MAX_BUTTON_TEXT):
            yield "text", words
        if variables.BRACES.search(button.text) or "\n" in button.text:
            yield "text", gettext("A button’s words are one line without variables.")
    yield from {"URL": _of_link, "PHONE_NUMBER": _of_phone, "COPY_CODE": _of_code}.get(
        button.kind, lambda _: iter(())
    )(button)


def _of_link(button: Button) -> Iterator[tuple[str, str]]:
    found = variables.BRACES.findall(button.value)
    yield from (("value", words) for words in _too_long(button.value, MAX_URL))
    if found and (found != ["{{1}}"] or not button.value.endswith("{{1}}")):
        yield "value", "A link may have one gap, {{1}}, at its end."
    elif not _is_web(button.value.removesuffix("{{1}}")):
        yield "value", "This is no web address. One is https://example.com/bookings."
    elif found and not (
        _is_web(button.example) and button.example.startswith(button.value.removesuffix("{{1}}"))
    ):
        yield (
            "example",
            gettext("Give the whole address as it will be, so that WhatsApp can look at it."),
        )


def _is_web(url: str) -> bool:
    try:
        parts = urlsplit(url)
    except ValueError:
        return False
    host = parts.hostname or ""
    return parts.scheme in ("http", "https") and "." in host and not re.search(r"\s", url)


def _of_phone(button: Button) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(r"\+[1-9]\d{5,18}", button.value):
        yield (
            "value",
            gettext("This is no telephone number with its country code. One is +442079460018."),
        )


def _of_code(button: Button) -> Iterator[tuple[str, str]]:
    if not re.fullmatch(rf"[A-Za-z0-9]{{1,{MAX_CODE}}}", button.value):
        yield (
            "value",
            gettext(
                "Give an example of a code: up to %(most)s letters and figures.", most=MAX_CODE
            ),
        )


def _of_examples(draft: Draft) -> Iterator[Problem]:
    """A fallback may be missing: then the value is asked for when somebody sends it."""
    for index, name in enumerate(draft.variable_names):
        words = value_problem(draft.examples.get(name, ""))
        if words:
            shown = (
                gettext("Give an example for {{%(name)s}}.", name=name.removeprefix("header:"))
                if "Fill" in words
                else words
            )
            yield Problem(f"variables-{index}-example", shown)
        fallback = draft.fallbacks.get(name, "")
        if fallback and (broken := value_problem(fallback)):
            yield Problem(f"variables-{index}-fallback", broken)


def _too_long(text: str, most: int) -> Iterator[str]:
    if len(text) > most:
        yield gettext(
            "This is too long by %(value)s: %(most)s characters fit.",
            value=f"{len(text) - most:,}",
            most=f"{most:,}",
        )


def _odd(text: str, parameter_format: str) -> Iterator[str]:
    for found in variables.odd_ones(text)[:1]:
        yield gettext(
            "“%(found)s” is no variable. One is {{first_name}}: small letters, figures and _.",
            found=found[:40],
        )
    sorts = {name.isdigit() for name in variables.names_in(text)}
    if sorts - {parameter_format != "named"}:
        yield (
            "Give each variable a name, like {{first_name}}."
            if parameter_format == "named"
            else "This template’s variables are numbered, like {{1}}."
        )
