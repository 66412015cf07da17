"""How a website's chat looks and behaves: what its owner set, read from `Channel.settings`.

Every field has a default, so that a row from before a field was known is read as well.
"""

from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

from app.channels.models import DEFAULT_GREETING, Channel
from app.channels.website_texts import BUILT_IN, FALLBACK, spoken

MAX_RULES = 5
MAX_QUESTIONS = 4
DETAILS = ("name", "email", "phone", "text")


class _Part(BaseModel):
    model_config = ConfigDict(extra="ignore")


class Texts(_Part):
    """In one language. Empty: ours is said."""

    title: str = Field(default="", max_length=60)
    greeting: str = Field(default="", max_length=200)
    launcher: str = Field(default="", max_length=40)
    offline: str = Field(default="", max_length=300)
    consent: str = Field(default="", max_length=1000)

    @property
    def is_empty(self) -> bool:
        return not any(self.model_dump().values())


class Proactive(_Part):
    """A message beside the launcher, before any click. `page` is a path in which * stands for anything."""

    page: str = Field(default="/*", max_length=200)
    seconds: int = Field(default=10, ge=0, le=600)
    once: Literal["session", "visitor"] = "session"
    texts: dict[str, str] = {}


class Asked(_Part):
    """What the chat asks of who writes."""

    kind: Literal["name", "email", "phone", "text"]
    label: str = Field(default="", max_length=80)  # of "text": the question itself
    required: bool = False


class WebsiteSettings(_Part):
    side: Literal["right", "left"] = "right"
    edge: int = Field(default=20, ge=0, le=120)  # pixels from the page's edges
    launcher: Literal["icon", "label"] = "icon"
    hide_on_phones: bool = False
    avatar_file_id: int | None = None  # a picture of core.storage, shown in the opened chat
    avatar_sha256: str = ""
    language: str = ""  # of everybody's chat; empty: each visitor's own
    texts: dict[str, Texts] = {}  # by language
    bubble_seconds: int | None = Field(
        default=None, ge=0, le=600
    )  # the greeting beside the launcher
    proactive: list[Proactive] = []
    asked: list[Asked] = []
    asked_when: Literal["before", "after"] = "after"  # the first message; the first answer
    show_hours: bool = True
    show_reply_time: bool = True
    files: bool = True
    sound: bool = True
    consent_required: bool = False
    consent_version: int = 1  # one more when what is agreed to changes
    questions_from: Literal["knowledge", "own", "none"] = "knowledge"
    questions: list[str] = []
    signed_only: bool = False  # what the page says of a visitor counts only with a signature
    hosted: bool = True  # the page of its own, for a link or a QR code
    hosted_indexed: bool = False  # search engines may list it

    @classmethod
    def of(cls, channel: Channel) -> "WebsiteSettings":
        return cls.model_validate(channel.settings or {})

    def keep_in(self, channel: Channel) -> None:
        channel.settings = (channel.settings or {}) | self.model_dump(mode="json")

    def said(self, what: str, language: str, channel: Channel) -> str:
        """The owner's words in that language, else ours. The greeting under Assistant is for all languages
        that have none of their own."""
        language = spoken(language)
        own = getattr(self.texts.get(language), what, "")
        if not own and what == "greeting" and channel.greeting != DEFAULT_GREETING:
            own = channel.greeting
        return own or BUILT_IN[language][what].format(name=channel.name)

    def in_all(self, what: str, channel: Channel) -> dict[str, str]:
        """By language, without those that say the same as English."""
        said = {each: self.said(what, each, channel) for each in BUILT_IN}
        if self.language:
            return {FALLBACK: said[spoken(self.language)]}
        return {
            each: text for each, text in said.items() if each == FALLBACK or text != said[FALLBACK]
        }
