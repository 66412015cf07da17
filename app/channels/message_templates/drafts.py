"""A template as one writes it, and as the provider wants it: its components. Pure."""

import re
import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from app.channels.message_templates import variables
from app.lib.marking import kept

MAX_NAME = 512
MEDIA_HEADERS = ("IMAGE", "VIDEO", "DOCUMENT")
HEADERS = ("", "TEXT", *MEDIA_HEADERS)
BUTTON_KINDS = ("QUICK_REPLY", "URL", "PHONE_NUMBER", "COPY_CODE")
COPY_LABEL = kept("Copy offer code")  # the provider's own words, in the reader's language

Component = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Button:
    """`value` is the address, the number or the code; `example` a whole address where the value has a gap."""

    kind: str
    text: str = ""
    value: str = ""
    example: str = ""


@dataclass(frozen=True, slots=True)
class Draft:
    name: str
    category: str
    language: str
    body: str
    header_kind: str = ""  # HEADERS
    header_text: str = ""
    footer: str = ""
    buttons: tuple[Button, ...] = ()
    examples: Mapping[str, str] = field(default_factory=dict)
    fallbacks: Mapping[str, str] = field(default_factory=dict)
    parameter_format: str = "named"
    has_file: bool = False  # the header's picture, video or document
    is_sealed: bool = (
        False  # made at the provider's with parts that we don't know: never changed here
    )

    @property
    def header_names(self) -> list[str]:
        if self.header_kind != "TEXT":
            return []
        prefix = variables.header_prefix(self.parameter_format)
        return [prefix + name for name in variables.names_in(self.header_text)]

    @property
    def variable_names(self) -> list[str]:
        """Of the words. Those of buttons have their example beside the button."""
        return list(dict.fromkeys([*self.header_names, *variables.names_in(self.body)]))


def name_of(title: str) -> str:
    """`appointment_reminder` of “Appointment reminder”; "" when no letter or figure is left."""
    plain = unicodedata.normalize("NFKD", title.replace("ß", "ss")).lower()
    kept = "".join(each for each in plain if not unicodedata.combining(each))
    return re.sub(r"[^a-z0-9]+", "_", kept).strip("_")[:MAX_NAME]


def title_of(name: str) -> str:
    return name.replace("_", " ").strip().capitalize() or name


def components_of(draft: Draft) -> list[Component]:
    """In the provider's form. A media header's example is added when its file has been handed over."""
    parts = [_header(draft), _body(draft), _footer(draft), _buttons(draft)]
    return [part for part in parts if part]


def _header(draft: Draft) -> Component | None:
    if draft.header_kind in MEDIA_HEADERS:
        return {"type": "HEADER", "format": draft.header_kind}
    if draft.header_kind != "TEXT":
        return None
    part: Component = {"type": "HEADER", "format": "TEXT", "text": draft.header_text}
    names = draft.header_names
    if names and draft.parameter_format == "named":
        part["example"] = {"header_text_named_params": _named(draft, names)}
    elif names:
        part["example"] = {"header_text": [draft.examples.get(name, "") for name in names]}
    return part


def _body(draft: Draft) -> Component:
    part: Component = {"type": "BODY", "text": draft.body}
    names = variables.names_in(draft.body)
    if names and draft.parameter_format == "named":
        part["example"] = {"body_text_named_params": _named(draft, names)}
    elif names:
        ordered = sorted(names, key=int)
        part["example"] = {"body_text": [[draft.examples.get(name, "") for name in ordered]]}
    return part


def _named(draft: Draft, names: list[str]) -> list[dict[str, str]]:
    return [{"param_name": name, "example": draft.examples.get(name, "")} for name in names]


def _footer(draft: Draft) -> Component | None:
    return {"type": "FOOTER", "text": draft.footer} if draft.footer else None


def _buttons(draft: Draft) -> Component | None:
    if not draft.buttons:
        return None
    return {"type": "BUTTONS", "buttons": [_button(each) for each in draft.buttons]}


def _button(button: Button) -> Component:
    if button.kind == "COPY_CODE":
        return {"type": "COPY_CODE", "example": button.value}
    part: Component = {"type": button.kind, "text": button.text}
    if button.kind == "URL":
        part["url"] = button.value
        if variables.ANY.search(button.value):
            part["example"] = [button.example]
    elif button.kind == "PHONE_NUMBER":
        part["phone_number"] = button.value
    return part


def draft_of(
    template: Any, components: list[Component] | None = None, fallbacks: Any = None
) -> Draft:
    """Of a stored template (or of a change that waits for it): the way back."""
    parts = template.components if components is None else components
    by_type = {str(part.get("type", "")).upper(): part for part in parts}
    header, body = by_type.get("HEADER", {}), by_type.get("BODY", {})
    buttons = by_type.get("BUTTONS", {}).get("buttons") or []
    known = {"HEADER", "BODY", "FOOTER", "BUTTONS"}
    kind = str(header.get("format", "")).upper()
    return Draft(
        name=template.name,
        category=template.category,
        language=template.language,
        parameter_format=template.parameter_format,
        header_kind=kind if kind in HEADERS else "",
        header_text=header.get("text") or "",
        body=body.get("text") or "",
        footer=by_type.get("FOOTER", {}).get("text") or "",
        buttons=tuple(_read_button(each) for each in buttons),
        examples=_examples(template.parameter_format, header, body),
        fallbacks=template.fallbacks if fallbacks is None else fallbacks,
        has_file=template.header_file_id is not None,
        is_sealed=bool(by_type.keys() - known)
        or kind not in HEADERS
        or any(str(each.get("type", "")).upper() not in BUTTON_KINDS for each in buttons),
    )


def _read_button(part: Component) -> Button:
    kind = str(part.get("type", "")).upper()
    example = part.get("example") or ""
    example = str(example[0] if isinstance(example, list) else example)
    if kind == "COPY_CODE":
        return Button(kind, COPY_LABEL, example)
    value = part.get("url") or part.get("phone_number") or ""
    return Button(kind, str(part.get("text") or ""), str(value), example)


def _examples(parameter_format: str, header: Component, body: Component) -> dict[str, str]:
    of_header, of_body = header.get("example") or {}, body.get("example") or {}
    if parameter_format == "named":
        named = [
            *(of_header.get("header_text_named_params") or []),
            *(of_body.get("body_text_named_params") or []),
        ]
        return {str(each.get("param_name")): str(each.get("example", "")) for each in named}
    in_header = of_header.get("header_text") or []
    in_body = (of_body.get("body_text") or [[]])[0]
    return {f"header:{number}": str(each) for number, each in enumerate(in_header, 1)} | {
        str(number): str(each) for number, each in enumerate(in_body, 1)
    }
