"""What a message holds beside its words, in one form for all channels: stored as JSON (`as_json`), read back by
`read`. Each can say itself in plain text: for the list, for the assistant, for a channel that knows no better."""

from abc import ABC, abstractmethod
from typing import Annotated, Any, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from app.core.translating import spoken
from app.lib.marking import kept

# What the list and a model read where there are no words: kept in English, `said` says it to a member.
MEDIA_SIGNS = {"image": kept("Picture"), "video": kept("Video"), "audio": kept("Voice message"), "document": kept("Document"),
               "sticker": kept("Sticker")}  # fmt: skip
LOCATION, CONTACT, ORDER = kept("Location"), kept("Contact"), kept("Order")
GET_STARTED = kept("Get started")
UNREADABLE = kept("A message that can’t be shown here")


class _Part(BaseModel, ABC):
    model_config = ConfigDict(extra="ignore", frozen=True)

    def as_json(self) -> dict[str, Any]:
        return self.model_dump(mode="json", exclude_none=True)

    @abstractmethod
    def plain(self) -> str: ...


class Words(_Part):
    type: Literal["text"] = "text"
    body: str
    subject: str | None = None  # e-mail alone

    def plain(self) -> str:
        return self.body


class Media(_Part):
    """Incoming ones have their file as a MessageFile; outgoing ones name it by `file_id` (of message_files)."""

    type: Literal["media"] = "media"
    kind: Literal["image", "video", "audio", "document", "sticker"]
    caption: str = ""
    file_id: int | None = None
    mime: str = ""
    name: str = ""
    is_voice: bool = False

    def plain(self) -> str:
        return (
            self.caption or (self.name if self.kind == "document" else "") or MEDIA_SIGNS[self.kind]
        )


class Button(_Part):
    id: str
    title: str
    description: str = ""  # of a list's row

    def plain(self) -> str:
        return self.title


class Buttons(_Part):
    type: Literal["buttons"] = "buttons"
    body: str
    buttons: list[Button]
    header: str = ""
    footer: str = ""

    def plain(self) -> str:
        return self.body


class Section(_Part):
    title: str = ""
    rows: list[Button]

    def plain(self) -> str:
        return self.title


class Menu(_Part):
    """A list behind one button."""

    type: Literal["list"] = "list"
    body: str
    label: str  # of the button
    sections: list[Section]
    header: str = ""
    footer: str = ""

    def plain(self) -> str:
        return self.body


class Link(_Part):
    """Words with a button that opens a page."""

    type: Literal["link"] = "link"
    body: str
    label: str
    url: str

    def plain(self) -> str:
        return f"{self.body}\n{self.url}"


class AskLocation(_Part):
    type: Literal["location_request"] = "location_request"
    body: str

    def plain(self) -> str:
        return self.body


class AskContact(_Part):
    """For somebody's telephone number."""

    type: Literal["contact_request"] = "contact_request"
    body: str

    def plain(self) -> str:
        return self.body


class Template(_Part):
    """An approved template as it goes out: `components` in the provider's form, `body` as it will be read. The
    file of a header (of `files`) is handed over when it is sent; its parameter is empty till then."""

    type: Literal["template"] = "template"
    template_id: int
    name: str
    language: str
    category: str
    components: list[dict[str, Any]]
    body: str
    buttons: list[str] = []
    header_file_id: int | None = None

    def plain(self) -> str:
        return self.body


class Location(_Part):
    type: Literal["location"] = "location"
    latitude: float
    longitude: float
    name: str = ""
    address: str = ""

    def plain(self) -> str:
        said = ", ".join(part for part in (self.name, self.address) if part)
        return f"{LOCATION}: {said or f'{self.latitude}, {self.longitude}'}"


class Card(_Part):
    """A person's card that somebody sent."""

    name: str
    phones: list[str] = []
    emails: list[str] = []
    company: str = ""

    def plain(self) -> str:
        return ", ".join([self.name, *self.phones, *self.emails])


class Cards(_Part):
    type: Literal["contacts"] = "contacts"
    cards: list[Card]
    is_own_number: bool = False  # the answer to AskContact

    def plain(self) -> str:
        return f"{CONTACT}: " + "; ".join(card.plain() for card in self.cards)


class Choice(_Part):
    """A button or a list's row that was tapped, or a form that was filled in."""

    type: Literal["choice"] = "choice"
    id: str
    title: str
    description: str = ""
    fields: dict[str, Any] = {}

    def plain(self) -> str:
        return self.title

    @property
    def said(self) -> str:
        """To a member: a title that isn't the business's own, in their language."""
        is_ours = self.fields or self.id.startswith("call_permission:") or self.title == GET_STARTED
        return spoken(self.title) if is_ours else self.title


class OrderLine(_Part):
    product: str
    quantity: int
    price: str = ""  # as the provider has it
    currency: str = ""

    def plain(self) -> str:
        return f"{self.quantity} × {self.product}"


class Order(_Part):
    type: Literal["order"] = "order"
    lines: list[OrderLine]
    text: str = ""

    def plain(self) -> str:
        said = ", ".join(line.plain() for line in self.lines)
        return f"{ORDER}: {said}" + (f"\n{self.text}" if self.text else "")


class Unreadable(_Part):
    """Something that the channel, or we, can't show. The update's payload has all of it."""

    type: Literal["unsupported"] = "unsupported"
    what: str = ""

    def plain(self) -> str:
        return UNREADABLE


Content = Annotated[
    Words | Media | Buttons | Menu | Link | AskLocation | AskContact | Template | Location | Cards
    | Choice | Order | Unreadable,
    Field(discriminator="type"),
]  # fmt: skip
_adapter: TypeAdapter[Content] = TypeAdapter(Content)


def read(stored: dict[str, Any]) -> Content:
    return _adapter.validate_python(stored)


def said(plain: str) -> str:
    """A message's words as a list shows them to a member: of a picture or a place, in their language."""
    sign, colon, rest = plain.partition(": ")
    if plain in (*MEDIA_SIGNS.values(), UNREADABLE):
        return spoken(plain)
    return f"{spoken(sign)}: {rest}" if colon and sign in (LOCATION, CONTACT, ORDER) else plain
