"""A template as WhatsApp shows it: the bubble beside the form, in the list and in the composer."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass

from flask_babel import lazy_gettext as _l

from app.channels.message_templates import variables
from app.channels.message_templates.drafts import COPY_LABEL, MEDIA_HEADERS, Draft
from app.channels.message_templates.languages import is_right_to_left
from app.core.translating import spoken

_MARKED = re.compile(
    r"```(?P<mono>.+?)```"
    r"|(?<!\w)\*(?P<bold>\S(?:[^*\n]*\S)?)\*(?!\w)"
    r"|(?<!\w)_(?P<italic>\S(?:[^_\n]*\S)?)_(?!\w)"
    r"|(?<!\w)~(?P<strike>\S(?:[^~\n]*\S)?)~(?!\w)"
    r"|(?P<gap>\{\{(?:[a-z][a-z0-9_]*|[1-9]\d?)\}\})",
    re.S,
)
ICONS = {"URL": "external-link", "PHONE_NUMBER": "phone", "COPY_CODE": "copy"}
MEDIA_ICONS = {"IMAGE": "paperclip", "VIDEO": "paperclip", "DOCUMENT": "file-text"}
MEDIA_WORDS = {"IMAGE": _l("Picture"), "VIDEO": _l("Video"), "DOCUMENT": _l("Document")}


@dataclass(frozen=True, slots=True)
class Piece:
    """`style`: "", bold, italic, strike, mono, or gap for what is filled in later."""

    text: str
    style: str = ""


@dataclass(frozen=True, slots=True)
class Bubble:
    media: str  # Picture, Video, Document or ""
    media_icon: str
    header: list[Piece]
    body: list[Piece]
    footer: str
    buttons: list[tuple[str, str]]  # icon, words
    is_right_to_left: bool


def bubble(draft: Draft, values: Mapping[str, str]) -> Bubble:
    """With these values in the gaps; those without one stay to be seen."""
    prefix = variables.header_prefix(draft.parameter_format)
    header = draft.header_text if draft.header_kind == "TEXT" else ""
    is_media = draft.header_kind in MEDIA_HEADERS
    return Bubble(
        media=str(MEDIA_WORDS[draft.header_kind]) if is_media else "",
        media_icon=MEDIA_ICONS[draft.header_kind] if is_media else "",
        header=list(pieces(_filled(header, values, prefix))),
        body=list(pieces(_filled(draft.body, values))),
        footer=draft.footer,
        buttons=[
            (
                ICONS.get(each.kind, ""),
                spoken(COPY_LABEL) if each.kind == "COPY_CODE" else each.text,
            )
            for each in draft.buttons
        ],
        is_right_to_left=is_right_to_left(draft.language),
    )


def _filled(text: str, values: Mapping[str, str], prefix: str = "") -> str:
    given = {name: value for name, value in values.items() if value.strip()}
    return variables.filled(text, given, prefix)


def pieces(text: str) -> Iterator[Piece]:
    """WhatsApp's own marks: *bold*, _italic_, ~struck~, ```as typed```."""
    at = 0
    for found in _MARKED.finditer(text):
        if found.start() > at:
            yield Piece(text[at : found.start()])
        style = str(found.lastgroup)
        yield Piece(found[style], style)
        at = found.end()
    if at < len(text):
        yield Piece(text[at:])
