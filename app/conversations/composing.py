"""What a member may write to a visitor just now, and in which forms: by the channel, its window, and who is blocked."""

from dataclasses import dataclass
from datetime import datetime

from flask_babel import lazy_gettext as _l

from app.channels import adapters, consents
from app.channels.border import Adapter, Limits
from app.channels.content import AskContact, AskLocation, Button, Buttons, Content, Link, Words
from app.channels.models import Channel, VisitorAddress
from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core.db import now
from app.core.translating import spoken

MOST_UPLOAD_BYTES = (
    16 * 1024 * 1024
)  # of a member's file; a worker holds a whole one while it is sent
LOCKED = {
    "blocked": _l("You blocked this person. Unblock them to write to them."),
    "off": _l("This channel is disconnected. Connect it again under Settings, then send this."),
    "refused": _l("This person asked not to be contacted at all."),
    "window": _l(
        "The time for free replies is over. Send a template now, or wait until they write again."
    ),
}
MOST_BUTTONS = 5  # that the composer has fields for
SENDABLE = ("image", "video", "audio", "document")  # a sticker is never made of a picture
SAMPLES: dict[str, Content] = {
    "buttons": Buttons(body="?", buttons=[Button(id="1", title="?")]),
    "link": Link(body="?", label="?", url="https://example.com"),
    "location": AskLocation(body="?"),
    "contact": AskContact(body="?"),
}


@dataclass(frozen=True, slots=True)
class Composer:
    """`offers` are the forms beside plain words that the channel takes: buttons, link, location, contact."""

    channel: Channel
    visitor: Visitor
    limits: Limits
    offers: tuple[str, ...]
    refusal: str = ""  # of consent, in words

    @property
    def is_own(self) -> bool:
        return self.channel.is_own

    @property
    def has_window(self) -> bool:
        return self.limits.window is not None

    @property
    def window_until(self) -> datetime | None:
        return self.visitor.window_until if self.has_window else None

    @property
    def is_window_open(self) -> bool:
        until = self.window_until
        return not self.has_window or (until is not None and until > now())

    @property
    def minutes_left(self) -> int:
        until = self.window_until
        return max(0, int((until - now()).total_seconds() // 60)) if until else 0

    @property
    def left(self) -> str:
        """Of the window, in words: “21 h 4 min”. The page counts on by itself."""
        hours, minutes = divmod(self.minutes_left, 60)
        return f"{hours} h {minutes} min" if hours else f"{minutes} min"

    @property
    def is_blocked(self) -> bool:
        return self.visitor.blocked_at is not None

    @property
    def locked(self) -> str:
        """Why nothing but notes can be written now: blocked, off, consent, window; "" when it can."""
        if self.is_blocked:
            return "blocked"
        if self.channel.state == "off":
            return "off"
        if self.refusal:
            return "consent"
        return "" if self.is_window_open else "window"

    @property
    def lock_words(self) -> str:
        """Why it is locked, as a member is told; "" when it isn't."""
        words = LOCKED.get(self.locked)
        return str(words) if words else spoken(self.refusal if self.locked else "")

    @property
    def file_limits(self) -> dict[str, int]:
        """By type: how many bytes fit."""
        media = self.limits.media
        kinds = [kind for kind in SENDABLE if kind in media]
        return {mime: self.most_bytes(kind) for kind in kinds for mime in media[kind][0]}

    @property
    def accept(self) -> str:
        """As a file's field wants it."""
        return ",".join(sorted(self.file_limits))

    @property
    def has_hints(self) -> bool:
        """The adapter may have something to say of what is typed."""
        return not self.is_own and _says_hints(self.channel.kind)

    @property
    def button_count(self) -> int:
        return min(self.limits.buttons, MOST_BUTTONS)

    def most_bytes(self, kind: str) -> int:
        return min(self.limits.media[kind][1], MOST_UPLOAD_BYTES)


def of(conversation: Conversation) -> Composer:
    channel, visitor = conversation.channel, conversation.visitor
    return Composer(
        channel, visitor, adapters.limits(channel.kind), offers(channel.kind), _refusal(channel, visitor)
    )  # fmt: skip


def _refusal(channel: Channel, visitor: Visitor) -> str:
    """Of an answer; offers and news are refused where they are sent."""
    if channel.is_own:
        return ""
    addresses = VisitorAddress.of_visitor(visitor.id)
    return consents.refusal(channel.kind, addresses, "service") or ""


def hint(channel: Channel, text: str) -> str:
    """What one should know of it before it is sent."""
    if not text.strip() or not _says_hints(channel.kind):
        return ""
    return spoken(adapters.adapter(channel.kind).hint(Words(body=text)))


def _says_hints(kind: str) -> bool:
    return kind in adapters.PLACES and type(adapters.adapter(kind)).hint is not Adapter.hint


def offers(kind: str) -> tuple[str, ...]:
    """The adapter decides: what it has nothing to say against."""
    if kind not in adapters.PLACES:
        return ()
    takes = adapters.adapter(kind).problems
    return tuple(name for name, sample in SAMPLES.items() if not takes(sample))


def problems(channel: Channel, part: Content | str) -> list[str]:
    """Why the channel wouldn't take it, in plain words; in a job in English, to be kept."""
    if channel.kind not in adapters.PLACES:
        return []
    part = Words(body=part) if isinstance(part, str) else part
    return [spoken(each) for each in adapters.adapter(channel.kind).problems(part)]
