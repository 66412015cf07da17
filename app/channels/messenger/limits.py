"""What Messenger takes, and why it wouldn't take something, in plain words."""

from datetime import timedelta

from app.channels.border import Limits
from app.channels.content import (
    AskContact,
    AskLocation,
    Button,
    Buttons,
    Content,
    Link,
    Media,
    Menu,
    Words,
)
from app.lib.marking import kept

MB = 1024 * 1024
TEXT = 2000
MAX_REPLIES = 13
REPLY_TITLE = 20
PAYLOAD = 1000
TEMPLATE_TEXT = 640
KINDS = {
    "image": "image", "video": "video", "audio": "audio", "document": "file", "sticker": "image",
}  # fmt: skip
_PICTURES = frozenset({"image/jpeg", "image/png", "image/gif", "image/webp"})

LIMITS = Limits(
    text=TEXT,
    buttons=MAX_REPLIES,
    button_title=REPLY_TITLE,
    list_rows=MAX_REPLIES,
    window=timedelta(hours=24),
    has_receipts=True,
    has_typing=True,
    media={
        "image": (_PICTURES, 8 * MB),
        "audio": (frozenset({"audio/aac", "audio/mpeg", "audio/mp4", "audio/wav"}), 25 * MB),
        "video": (frozenset({"video/mp4", "video/quicktime", "video/webm"}), 25 * MB),
        "document": (
            frozenset({
                "application/pdf", "text/plain", "application/msword", "application/vnd.ms-excel",
                "application/vnd.ms-powerpoint",
                "application/vnd.openxmlformats-officedocument.wordprocessingml.document",
                "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
                "application/vnd.openxmlformats-officedocument.presentationml.presentation",
            }),
            25 * MB,
        ),
        "sticker": (_PICTURES, 8 * MB),
    },
    per_second=10,  # ten a second with sound or film; it takes three hundred of text
)  # fmt: skip


def problems(content: Content) -> list[str]:
    if isinstance(content, Media):
        return _of_media(content)
    if isinstance(content, Buttons | Menu | Link | AskContact | Words):
        return _of_text(content)
    if isinstance(content, AskLocation):
        return [kept("Messenger can’t ask for a place. Ask for it in words.")]
    return [kept("Messenger can’t send this.")]


def _of_media(media: Media) -> list[str]:
    mimes, _ = LIMITS.media[media.kind]
    if media.mime and plain_mime(media.mime) not in mimes:
        kinds = ", ".join(sorted(mime.partition("/")[2] for mime in mimes if "." not in mime))
        return [kept("Messenger takes no file of this type. It takes %(kinds)s.", kinds=kinds)]
    return []


def _of_text(content: Words | Buttons | Menu | Link | AskContact) -> list[str]:
    found = []
    choices = choices_of(content)
    if isinstance(content, Buttons) and not choices:
        found.append(kept("There is no button."))
    if isinstance(content, Menu) and not choices:
        found.append(kept("The list has no rows."))
    if len(choices) > MAX_REPLIES:
        found.append(
            kept(
                "Messenger shows %(most)s buttons at most; this has %(count)s.",
                most=MAX_REPLIES,
                count=len(choices),
            )
        )
    text = text_of(content)
    if not text.strip():
        found.append(kept("There are no words in it."))
    if len(text) > TEXT:
        found.append(
            kept(
                "The text has %(count)s characters; Messenger takes %(most)s.",
                count=f"{len(text):,}",
                most=f"{TEXT:,}",
            )
        )
    return found


def choices_of(content: Content) -> list[Button]:
    """What can be tapped, of buttons and lists alike."""
    if isinstance(content, Buttons):
        return content.buttons
    if isinstance(content, Menu):
        return [row for section in content.sections for row in section.rows]
    return []


def text_of(content: Content) -> str:
    """With what its buttons have no room for."""
    parts = [content.plain()]
    if isinstance(content, Buttons | Menu):
        lines = [_line(each) for each in choices_of(content) if _is_more(each)]
        parts = [content.header, content.body, "\n".join(lines), content.footer]
    return "\n\n".join(part for part in parts if part)


def title_of(button: Button) -> str:
    if len(button.title) <= REPLY_TITLE:
        return button.title
    return button.title[: REPLY_TITLE - 1].rstrip() + "…"


def plain_mime(mime: str) -> str:
    return mime.partition(";")[0].strip().lower()


def _is_more(button: Button) -> bool:
    return bool(button.description) or len(button.title) > REPLY_TITLE


def _line(button: Button) -> str:
    return f"• {button.title}: {button.description}" if button.description else f"• {button.title}"
