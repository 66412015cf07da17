"""What a chat shows: what its owner saved or, in the preview, what is typed and not saved yet."""

import re
from dataclasses import dataclass
from typing import Any
from urllib.parse import quote

from app.channels import website_drafts
from app.channels.models import DEFAULT_COLOUR, Channel
from app.channels.website import WebsiteSettings
from app.channels.website_texts import FALLBACK, direction
from app.lib.colour import HEX_COLOUR, ink_on


@dataclass(frozen=True, slots=True)
class Shown:
    channel: Channel
    settings: WebsiteSettings
    colour: str

    @classmethod
    def of(cls, channel: Channel, draft_id: str = "") -> "Shown":
        draft = website_drafts.find(draft_id) if draft_id and channel.is_preview else None
        if draft:
            return cls(channel, draft.settings, draft.colour)
        return cls(channel, WebsiteSettings.of(channel), channel.colour)

    @property
    def colours(self) -> tuple[str, str]:
        """The owner's colour and the text on it. They go into a style sheet: nothing but a plain colour
        does."""
        colour = self.colour if HEX_COLOUR.fullmatch(self.colour) else DEFAULT_COLOUR
        return colour, ink_on(colour)

    @property
    def rules(self) -> list[list[Any]]:
        """The messages beside the launcher, as the loader reads them: on which paths (a regular expression),
        after how many seconds, whether once for ever, and the words by language."""
        greeting = self.settings.bubble_seconds
        own: list[list[Any]] = [
            [
                _as_expression(rule.page),
                rule.seconds,
                int(rule.once == "visitor"),
                self._in_all(rule.texts),
            ]
            for rule in self.settings.proactive
            if any(rule.texts.values())
        ]
        if greeting is not None:
            own.append(["", greeting, 0, self.settings.in_all("greeting", self.channel)])
        if self.channel.is_preview:  # there each message stands, and soon
            return [["", min(each[1], 1), *each[2:]] for each in own]
        return own

    def _in_all(self, texts: dict[str, str]) -> dict[str, str]:
        """By language. Whoever speaks another reads the first that was written; all read the chat's, if it has one."""
        written = {language: text for language, text in texts.items() if text}
        chats = written.get(self.settings.language)
        return {FALLBACK: chats} if chats else {FALLBACK: next(iter(written.values()))} | written

    def told(self, language: str) -> dict[str, Any]:
        """What the frame is told, in the visitor's language."""
        said = {
            what: self.settings.said(what, language, self.channel)
            for what in ("title", "greeting", "offline", "consent")
        }
        chosen = self.settings.model_dump(
            include={
                "asked", "asked_when", "show_hours", "show_reply_time", "files", "sound",
                "consent_required", "consent_version",
            },
        )  # fmt: skip
        return chosen | said | {"language": language, "direction": direction(language)}


def _as_expression(page: str) -> str:
    """Of a path in which * stands for anything, for JavaScript and for Python alike."""
    paths = (quote(part, safe="/%!$&'()+,;=:@~") for part in re.split(r"\*+", page))
    parts = (re.sub(r"([^\w/~%-])", r"\\\1", path) for path in paths)
    return f"^{'.*'.join(parts)}$"
