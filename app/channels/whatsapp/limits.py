"""What WhatsApp takes, and why it wouldn't take something, in plain words."""

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from flask_babel import gettext

from app.channels.border import Limits
from app.channels.content import (
    AskContact,
    AskLocation,
    Buttons,
    Content,
    Link,
    Media,
    Menu,
    Section,
    Template,
    Words,
)
from app.lib.marking import kept

MB = 1024 * 1024
MAX_ROWS = 10
MAX_SECTIONS = 10
INTERACTIVE_TEXT = 1024
MENU_TEXT = 4096
FOOTER = HEADER = 60
ROW_ID, BUTTON_ID = 200, 256
ROW_TITLE = SECTION_TITLE = 24
ROW_DESCRIPTION = 72
URL = 2000

LIMITS = Limits(
    text=4096,
    caption=1024,
    buttons=3,
    button_title=20,
    list_rows=MAX_ROWS,
    window=timedelta(hours=24),
    costs=True,
    has_templates=True,
    has_receipts=True,
    has_typing=True,
    media={
        "image": (frozenset({"image/jpeg", "image/png"}), 5 * MB),
        "audio": (
            frozenset({"audio/aac", "audio/amr", "audio/mpeg", "audio/mp4", "audio/ogg"}),
            16 * MB,
        ),
        "video": (frozenset({"video/mp4", "video/3gpp"}), 16 * MB),
        "document": (
            frozenset({
                "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            }),
            100 * MB,
        ),
        "sticker": (frozenset({"image/webp"}), 500 * 1024),
    },
    pair_burst=45,
    pair_seconds=6,
    per_second=80,
)  # fmt: skip


def problems(content: Content) -> list[str]:
    check = _CHECKS.get(type(content))
    return check(content) if check else [kept("WhatsApp can’t send this.")]


def _of_words(content: Words) -> list[str]:
    return _text(content.body, LIMITS.text)


def _of_question(content: AskLocation | AskContact) -> list[str]:
    return _text(content.body, INTERACTIVE_TEXT)


def _of_template(_content: Template) -> list[str]:
    return []  # its words are checked where its variables are filled


def _of_media(media: Media) -> list[str]:
    found = []
    mimes, _ = LIMITS.media[media.kind]
    if media.mime and plain_mime(media.mime) not in mimes:
        kinds = ", ".join(sorted(mime.partition("/")[2] for mime in mimes if "." not in mime))
        found.append(kept("WhatsApp takes no file of this type. It takes %(kinds)s.", kinds=kinds))
    if media.caption and media.kind in ("audio", "sticker"):
        found.append(kept("A voice message or sticker has no caption."))
    if len(media.caption) > LIMITS.caption:
        found.append(_too_long(kept("The caption"), media.caption, LIMITS.caption))
    return found


def _of_buttons(content: Buttons) -> list[str]:
    if len(content.buttons) > LIMITS.buttons:
        return _of_menu(as_menu(content))
    found = _text(content.body, INTERACTIVE_TEXT) + _around(content.header, content.footer)
    if not content.buttons:
        found.append(kept("There is no button."))
    for button in content.buttons:
        found += _title(button.title, LIMITS.button_title)
        found += _id(button.id, BUTTON_ID)
    return found + _twins([button.title for button in content.buttons])


def _of_menu(menu: Menu) -> list[str]:
    rows = [row for section in menu.sections for row in section.rows]
    found = _text(menu.body, MENU_TEXT) + _around(menu.header, menu.footer)
    found += _title(menu.label, LIMITS.button_title)
    if not rows:
        found.append(kept("The list has no rows."))
    if len(rows) > MAX_ROWS:
        found.append(
            kept(
                "A list has %(most)s rows at most; this has %(count)s.",
                most=MAX_ROWS,
                count=len(rows),
            )
        )
    for row in rows:
        found += _title(row.title, ROW_TITLE) + _id(row.id, ROW_ID)
        if len(row.description) > ROW_DESCRIPTION:
            found.append(
                _too_long(
                    kept("The words under “%(title)s”", title=row.title),
                    row.description,
                    ROW_DESCRIPTION,
                )
            )
    found += _of_sections(menu.sections)
    if len({row.id for row in rows}) < len(rows):
        found.append(kept("Two rows of the list are the same."))
    return found


def _of_sections(sections: list[Section]) -> list[str]:
    found = []
    if len(sections) > 1 and not all(section.title for section in sections):
        found.append(kept("Each part of a list with several parts needs a title."))
    for section in sections:
        if section.title:
            found += _title(section.title, SECTION_TITLE)
    return found


def _of_link(link: Link) -> list[str]:
    found = _text(link.body, INTERACTIVE_TEXT) + _title(link.label, LIMITS.button_title)
    if not link.url.startswith(("https://", "http://")) or len(link.url) > URL:
        found.append(kept("The link must begin with https://."))
    return found


def _text(text: str, most: int) -> list[str]:
    if not text.strip():
        return [kept("There are no words in it.")]
    return [_too_long(kept("The text"), text, most)] if len(text) > most else []


def _around(header: str, footer: str) -> list[str]:
    found = [_too_long(kept("The heading"), header, HEADER)] if len(header) > HEADER else []
    return found + ([_too_long(kept("The footer"), footer, FOOTER)] if len(footer) > FOOTER else [])


def _title(title: str, most: int) -> list[str]:
    if not title.strip():
        return [kept("What can be tapped needs words.")]
    return [_too_long(f"“{title}”", title, most)] if len(title) > most else []


def _id(id_: str, most: int) -> list[str]:
    return [] if 0 < len(id_) <= most else [kept("A button’s inner name is missing or too long.")]


def _twins(titles: list[str]) -> list[str]:
    is_double = len(set(titles)) < len(titles)
    return [kept("Two buttons have the same words.")] if is_double else []


def _too_long(what: str, text: str, most: int) -> str:
    return kept(
        "%(what)s has %(count)s characters; WhatsApp takes %(most)s.",
        what=what,
        count=f"{len(text):,}",
        most=f"{most:,}",
    )


def as_menu(content: Buttons) -> Menu:
    """More buttons than WhatsApp has become a list behind one."""
    return Menu(
        body=content.body,
        label=gettext("Choose"),
        sections=[Section(rows=content.buttons)],
        header=content.header,
        footer=content.footer,
    )


def plain_mime(mime: str) -> str:
    """Without what follows a semicolon: audio/ogg; codecs=opus."""
    return mime.partition(";")[0].strip().lower()


_CHECKS: dict[type, Callable[[Any], list[str]]] = {
    Words: _of_words,
    Media: _of_media,
    Buttons: _of_buttons,
    Menu: _of_menu,
    Link: _of_link,
    AskLocation: _of_question,
    AskContact: _of_question,
    Template: _of_template,
}
