"""The border to providers: what a channel's adapter is, and what passes through it.

Adding a channel is one class here, one folder beside this file, one stand-in in tests/standins, and a line in
`app/channels/adapters.py` (docs/channels.md lists the steps). An adapter never touches the database: it is given
a `Line`, and says what it heard as `News`.
"""

from abc import ABC, abstractmethod
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar

from app.channels.content import Content
from app.channels.setting_up import Checked, Connected, ConnectField, ConnectRefused, Finding
from app.core.errors import OutsideError
from app.lib.marking import kept

# What is to be done about a message that wasn't taken:
TROUBLES = (
    "retry",  # later, with growing gaps
    "wait",  # a day at least
    "template",  # outside the window: a template is needed
    "reconnect",  # the channel's token or permission
    "billing",  # the account or its payment
    "opted_out",  # never again
    "permanent",  # this message, as it is
    "unknown",  # it may have been taken: never sent again without proof that it wasn't
)


@dataclass(frozen=True, slots=True)
class Line:
    """A connected channel, for a call to its provider."""

    channel_id: int
    kind: str
    external_id: str
    settings: Mapping[str, Any]
    credentials: Mapping[str, str]
    hook_url: str = ""  # where its provider tells us things


@dataclass(frozen=True, slots=True)
class Address:
    kind: str  # as VisitorAddress has them
    value: str


@dataclass(frozen=True, slots=True)
class Limits:
    """What a channel can show and takes. 0: it knows no such thing."""

    text: int  # characters
    caption: int = 0
    buttons: int = 0
    button_title: int = 0
    list_rows: int = 0
    window: timedelta | None = None  # after the person's last message anything may be written
    costs: bool = False  # each reply: a burst becomes one turn
    has_templates: bool = False
    has_receipts: bool = False  # delivered and read
    has_typing: bool = False
    has_subject: bool = False
    sources: int = 2  # links to where an answer was found, at most
    answers_in_ten_minutes: int = 30  # of the assistant to one person; more is two machines talking
    media: Mapping[str, tuple[frozenset[str], int]] = field(
        default_factory=dict
    )  # kind: mimes, bytes
    pair_burst: int = (
        0  # messages at once to one person, and the seconds after which there is one more
    )
    pair_seconds: float = 0
    per_second: float = 0  # of the whole channel


# --- What comes in


@dataclass(frozen=True, slots=True)
class Hook:
    """A provider's request, as it came."""

    method: str
    url: str  # the public one, by configuration
    headers: Mapping[str, str]  # names in small letters
    args: Mapping[str, str]
    body: bytes


THIS_CHANNEL = "*"  # an Update's account: the channel that the webhook's address names


@dataclass(frozen=True, slots=True)
class Update:
    """One thing that a provider tells, cut out of its batch; cheap to make. `account` is the channel's
    external_id, or for notices of an account that several channels share what `settings` name it by."""

    account: str
    external_id: str  # the same when it is told again
    person: str  # "" when it is about the channel
    occurred_at: datetime
    payload: dict[str, Any]
    is_urgent: bool = True  # False: how far a message of ours got, which is worked off with others


class HookRefused(Exception):
    """Not the provider, or not for us. `status` 401 for a wrong signature, 400 for what can't be read."""

    def __init__(self, status: int, why: str) -> None:
        super().__init__(why)
        self.status = status


@dataclass(frozen=True, slots=True)
class Person:
    """Who wrote: every address that the provider names, the surest first, and what they call themselves."""

    addresses: tuple[Address, ...]
    name: str = ""
    is_attested: bool = True  # by the provider; anybody can write anybody's sender on a letter


@dataclass(frozen=True, slots=True)
class IncomingFile:
    kind: str
    mime: str
    name: str
    provider_ref: str
    sha256: str = ""  # hex
    byte_count: int | None = None
    body: bytes | None = None  # when the update carries it (e-mail)


@dataclass(frozen=True, slots=True)
class Incoming:
    """Somebody's message. `is_echo`: the business's own, written on another device or at the provider."""

    person: Person
    external_id: str
    content: Content
    occurred_at: datetime
    files: tuple[IncomingFile, ...] = ()
    reply_to: str | None = None  # the provider's id of what it quotes
    lead: Mapping[str, Any] | None = None  # the advertisement
    is_echo: bool = False
    is_automatic: bool = False  # nobody waits for an answer: an out-of-office mail
    payload: str = ""  # of a tapped button


@dataclass(frozen=True, slots=True)
class Status:
    """How far a message of ours got: sent, delivered, read, played, failed. `upto`: everything before that
    moment (Messenger tells no single ids)."""

    status: str
    occurred_at: datetime
    provider_id: str = ""
    token: str = ""
    upto: datetime | None = None
    person: Person | None = None
    failure: "SendFailed | None" = None
    pricing: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Reaction:
    person: Person
    external_id: str  # of the message that it is about
    emoji: str  # "": taken back
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Edited:
    external_id: str
    content: Content
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Revoked:
    external_id: str
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Renamed:
    """A person has another address now: a new number, a new user id."""

    old: Address
    new: tuple[Address, ...]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Came:
    """A person opened the conversation, by an advertisement or a link, and has written nothing."""

    person: Person
    occurred_at: datetime
    lead: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Preference:
    """The provider was told that the person wants no marketing, or wants it again."""

    person: Person
    purpose: str  # marketing, all
    state: str  # in, out
    occurred_at: datetime
    evidence: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Notice:
    """About the channel or its account: quality, tier, a restriction, a template's status. `kind` names it;
    channels/notices.py says what follows from it."""

    kind: str
    about: Mapping[str, Any]
    occurred_at: datetime


@dataclass(frozen=True, slots=True)
class Nothing:
    """Understood, and nothing follows from it."""

    why: str


News = (
    Incoming | Status | Reaction | Edited | Revoked | Renamed | Came | Preference | Notice | Nothing
)


class NotYetKnown(Exception):
    """What the news is about isn't there: it may come yet. Told again for a minute; nobody waits for it."""


# --- What goes out


class SendFailed(OutsideError):
    """`message` and `next_step` are in plain words, for the owner."""

    def __init__(
        self, trouble: str, message: str, *, next_step: str = "", code: str = "",
        retry_after: float | None = None,
    ) -> None:  # fmt: skip
        super().__init__(message, permanent=trouble not in ("retry", "wait", "unknown"))
        assert trouble in TROUBLES
        self.trouble = trouble
        self.next_step = next_step
        self.code = code
        self.retry_after = retry_after  # seconds


@dataclass(frozen=True, slots=True)
class Outgoing:
    """`file` is the media's content, where there is any."""

    to: tuple[Address, ...]
    content: Content
    token: str
    reply_to: str | None = None
    file: "OutgoingFile | None" = None
    thread: Mapping[str, Any] = field(default_factory=dict)  # e-mail: subject and references


@dataclass(frozen=True, slots=True)
class OutgoingFile:
    name: str
    mime: str
    body: bytes


@dataclass(frozen=True, slots=True)
class Sent:
    provider_id: str
    is_held: bool = False  # taken, but not on its way yet
    addresses: tuple[Address, ...] = ()  # what the provider told of the person


class Adapter(ABC):
    """One provider's channel. Methods that call the provider raise SendFailed and nothing else."""

    kind: ClassVar[str]
    label: ClassVar[str]
    limits: ClassVar[Limits]
    max_hook_bytes: ClassVar[int] = 3_000_000
    proves_name: ClassVar[bool] = True  # False: whoever connects an address may not be who has it
    signs_body: ClassVar[bool] = True  # False: a password in a header, so it is checked first
    has_names: ClassVar[bool] = False  # people's names are asked for, as messages don't bring them

    # Connecting: Settings → Channels builds its form and its steps of these, so a channel needs no page.
    fields: ClassVar[tuple[ConnectField, ...]] = ()
    intro: ClassVar[str] = ""  # what one needs for it, in a sentence or two
    steps: ClassVar[tuple[str, ...]] = ()  # where the provider shows what the fields want
    hook_steps: ClassVar[tuple[str, ...]] = ()  # what to do there with the webhook's address
    has_hook: ClassVar[bool] = True  # False: nothing is posted to us (IMAP)
    free_a_month: ClassVar[int] = 0  # replies that a number has for nothing

    # The webhook. These run in the web process: no network, no database.

    def answer_handshake(self, hook: Hook, credentials: Mapping[str, str]) -> str | None:
        """What a provider's GET wants to read; None when it isn't the provider's."""
        return None

    @abstractmethod
    def check_signature(self, hook: Hook, credentials: Mapping[str, str]) -> None:
        """Over the raw bytes. Raises HookRefused."""

    @abstractmethod
    def split(self, hook: Hook) -> list[Update]:
        """Each update of the batch. Raises HookRefused when it is no batch at all; what is odd inside one
        becomes an update as it is."""

    def reply_to_hook(self, hook: Hook) -> tuple[str, str]:
        """Body and content type of the answer."""
        return "", "text/plain"

    def facts(self, settings: Mapping[str, Any]) -> list[tuple[str, str]]:
        """Label and words, for the channel's page."""
        return []

    # In the worker.

    @abstractmethod
    def understand(self, payload: Mapping[str, Any], line: Line) -> list[News]:
        """Never raises for what a provider may send; what is unknown is a message of Unreadable, or Nothing."""

    @abstractmethod
    def send(self, line: Line, outgoing: Outgoing) -> Sent: ...

    def problems(self, content: Content) -> list[str]:
        """Why the channel wouldn't take this, in plain words; before it is sent."""
        return []

    def hint(self, content: Content) -> str:
        """What one should know before it is sent: that it is paid for as three messages."""
        return ""

    def as_read(self, line: Line, external_id: str, person: Person, *, is_typing: bool) -> None:
        """Mark a message as read; with a sign that an answer is being written. A courtesy."""

    def name_of(self, line: Line, person: Person) -> str:
        """What they call themselves, or "". A courtesy."""
        return ""

    def download(self, line: Line, provider_ref: str, max_bytes: int) -> tuple[bytes, str]:
        """A file's bytes and type. Raises SendFailed."""
        raise SendFailed("permanent", kept("This channel has no files."))

    def block(self, line: Line, person: Person, *, is_blocked: bool) -> None:
        """At the provider too, where it knows such a thing."""

    # Connecting and looking after it, in the worker.

    def connect(self, values: Mapping[str, str]) -> Connected:
        """Check what was typed with the provider, each value for itself where that can be told, and change
        nothing there. An empty optional value is "". Raises ConnectRefused; SendFailed when the provider
        can't be asked."""
        raise ConnectRefused({"": kept("%(label)s can’t be connected here.", label=self.label)})

    def listen(self, line: Line, hook_url: str) -> tuple[Finding, ...]:
        """The channel is stored: have its updates sent to us. Idempotent; each check asks it again. The
        provider may call `hook_url` at once, with `line.credentials["verify_token"]`."""
        return ()

    def begin(self, line: Line) -> None:
        """Once, after connecting: what the provider wants to be asked a single time. A courtesy."""

    def leave(self, line: Line) -> None:
        """The owner disconnects: take back what listen() did. A courtesy."""

    @abstractmethod
    def check(self, line: Line) -> Checked:
        """Ask the provider how the channel is."""
