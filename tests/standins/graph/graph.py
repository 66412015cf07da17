"""The state of it, what a test does with it, and what it saw."""

import random
import re
import threading
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from tests.standins.graph.numbers import Number
from tests.standins.graph.people import Person, digest
from tests.standins.graph.refusals import Refused
from tests.standins.graph.telling import Telling
from tests.standins.graph.things import (
    MANAGEMENT,
    MESSAGING,
    App,
    Media,
    Sent,
    Template,
    Token,
    Waba,
)

PREFIXES = {"44": "GB", "1": "US", "49": "DE", "33": "FR", "34": "ES", "55": "BR", "91": "IN"}


@dataclass
class Fault:
    """What goes wrong the next times something is asked `at`."""

    kind: str  # fails, hangs, cuts
    at: str
    times: int
    code: int = 0
    status: int | None = None
    seconds: float = 0.0
    is_after: bool = True  # it was taken, and nobody is told
    is_bare: bool = False  # a gateway's page and not Graph's words


class Graph(Telling):
    """`with Graph() as graph:` serves it. `hook_url` is where it tells what happens; without one everything
    that would be told is kept in `hooks`, in order."""

    def __init__(self, port: int = 0, hook_url: str = "") -> None:
        super().__init__()
        self.port, self.hook_url, self.url = port, hook_url, ""
        self.app = App("app-1", "app-secret-of-the-deployment", "verify-token-of-the-deployment")
        self.apps = {self.app.id: self.app}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, str] = {}  # of Embedded Signup: the token that each stands for
        self.wabas: dict[str, Waba] = {}
        self.numbers: dict[str, Number] = {}
        self.pages: dict[str, Any] = {}
        self.people: dict[str, Person] = {}  # by phone and by user id
        self.templates: dict[str, Template] = {}
        self.media: dict[str, Media] = {}
        self.urls: dict[str, tuple[str, float]] = {}  # of media: id and until when
        self.files: dict[str, tuple[bytes, str]] = {}  # that need no token
        self.uploads: dict[str, dict[str, Any]] = {}
        self.handles: set[str] = set()
        self.lost: list[Sent] = []  # taken, and told to nobody
        self.requests: list[tuple[str, str]] = []
        self.tokens_seen: set[str] = set()
        self.refused: list[Refused] = []
        self.mistakes: list[BaseException] = []
        self.faults: list[Fault] = []
        self.trusts_callbacks = False  # an address isn't asked whether it knows the verify token
        self.refuses_late = False  # a closed window is told by a webhook, as Meta often does
        self.reviews = "PENDING"  # what becomes of a new template: PENDING, APPROVED, REJECTED
        self.cdn_leads_to = ""  # a redirect of every file
        self.spoils_media = False  # the bytes aren't what they were
        self.closing = threading.Event()
        self._numbers = count(random.randrange(10**14, 10**15))  # no two know each other’s
        self._server: Any = None

    def __enter__(self) -> "Graph":
        from tests.standins.graph.server import serve

        self._server = serve(self)
        return self

    def __exit__(self, *_: object) -> None:
        self.closing.set()
        self.poster.close()
        self._server.shutdown()
        self._server.server_close()
        if self.mistakes:
            raise self.mistakes[0]

    # Who is there

    def number(
        self, display_number: str = "", *, name: str = "Test Shop", waba: Waba | None = None,
        app: App | None = None, is_subscribed: bool = True,
    ) -> Number:  # fmt: skip
        """A business's number, in an account of its own unless one is given, with a token for it."""
        app = app or self.app
        number_id = self.new_id()
        waba = waba or self._new_waba(name)
        token = self.token(app, waba.id)
        shown = display_number or f"+4420794{int(number_id) % 100_000:05d}"
        number = Number(self, number_id, waba, shown, token)
        if is_subscribed:
            waba.subscribed.setdefault(app.id, "")
        self.numbers[number_id] = number
        return number

    def own_app(self, name: str = "An owner’s app") -> App:
        number = self.new_id()
        self.apps[number] = App(number, f"secret-{uuid4().hex}", f"verify-{uuid4().hex}", name)
        return self.apps[number]

    def token(
        self, app: App, *nodes: str, scopes: tuple[str, ...] = (MESSAGING, MANAGEMENT)
    ) -> Token:
        token = Token(f"EAAG{uuid4().hex}", app, set(nodes), scopes)
        self.tokens[token.value] = token
        return token

    def signup_code(self, number: Number) -> str:
        """What a browser brings from Embedded Signup."""
        code = uuid4().hex
        self.codes[code] = self.token(self.app, number.waba.id).value
        return code

    def person(
        self, phone: str = "", user_id: str = "", name: str = "Maya Ortiz", username: str = "",
        shows_phone: bool = True,
    ) -> Person:  # fmt: skip
        phone = phone or f"+447700{int(self.new_id()) % 1_000_000:06d}"
        person = Person(
            self,
            phone,
            user_id or self.new_user_id(phone),
            name,
            username=username,
            shows_phone=shows_phone,
        )
        self.people[phone] = self.people[person.user_id] = person
        return person

    def template(
        self, number: Number, name: str = "hello", body: str = "Hello {{first_name}}, your order is ready.",
        *, language: str = "en_GB", category: str = "UTILITY", status: str = "APPROVED",
        components: list[dict[str, Any]] | None = None, parameter_format: str = "NAMED",
    ) -> Template:  # fmt: skip
        """One that is there already."""
        made = Template(
            self.new_id(), name, language, category, components or [{"type": "BODY", "text": body}],
            parameter_format, status,
        )  # fmt: skip
        number.waba.templates[name, language] = made
        return made

    def page(self, name: str = "Test Shop", **more: Any) -> Any:
        from tests.standins.graph.messenger import new_page

        return new_page(self, name, **more)

    def _new_waba(self, name: str) -> Waba:
        waba = Waba(self.new_id(), name, self.new_id())
        self.wabas[waba.id] = waba
        return waba

    # What goes wrong

    def fails(
        self, code: int, times: int = 1, status: int | None = None, at: str = "messages"
    ) -> None:
        """`at`: the end of the path, such as messages, media, message_templates."""
        self.faults.append(Fault("fails", at, times, code, status))

    def fails_at_gateway(self, status: int = 502, times: int = 1, at: str = "messages") -> None:
        self.faults.append(Fault("fails", at, times, 0, status, is_bare=True))

    def hangs(
        self,
        seconds: float = 30.0,
        *,
        after_accepting: bool = True,
        times: int = 1,
        at: str = "messages",
    ) -> None:
        self.faults.append(Fault("hangs", at, times, seconds=seconds, is_after=after_accepting))

    def cuts(self, *, after_accepting: bool = True, times: int = 1, at: str = "messages") -> None:
        """The line breaks without an answer."""
        self.faults.append(Fault("cuts", at, times, is_after=after_accepting))

    def fault(self, path: str) -> Fault | None:
        with self.lock:
            for fault in self.faults:
                if fault.times > 0 and path.rstrip("/").endswith(fault.at):
                    fault.times -= 1
                    return fault
        return None

    # What it saw

    def count_by_opaque(self) -> dict[str, int]:
        """How often each message of ours was accepted, by the token that we gave it."""
        counts: dict[str, int] = {}
        for sent in list(self.sent):
            counts[sent.opaque] = counts.get(sent.opaque, 0) + 1
        return counts

    # Ids and files

    def new_id(self) -> str:
        return str(next(self._numbers))

    def new_user_id(self, phone: str) -> str:
        digits = phone.removeprefix("+")
        country = next((PREFIXES[key] for key in PREFIXES if digits.startswith(key)), "GB")
        return f"{country}.{uuid4().int % 10**19}{re.sub('[^a-z]', '', uuid4().hex)[:3]}"

    def keeps_media(self, body: bytes, mime: str, node: str, name: str = "") -> Media:
        media = Media(self.new_id(), body, mime, node, digest(body), name)
        self.media[media.id] = media
        return media

    def public_file(self, body: bytes, mime: str) -> str:
        """Its address."""
        key = uuid4().hex
        self.files[key] = (body, mime)
        return f"{self.url}/files/{key}"

    def new_mid(self) -> str:
        return f"m_{uuid4().hex}"
