"""The state of it, what a test does with it, and what it saw."""

import random
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import count
from typing import Any
from uuid import uuid4

from tests.standins.graph import sending
from tests.standins.graph.hooks import WHATSAPP, Change, Poster, mixed, posts
from tests.standins.graph.numbers import Number
from tests.standins.graph.people import Person, digest
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import (
    MANAGEMENT,
    MESSAGING,
    App,
    Hook,
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


class Graph:
    """`with Graph() as graph:` serves it. `hook_url` is where it tells what happens; without one everything
    that would be told is kept in `hooks`, in order."""

    def __init__(self, port: int = 0, hook_url: str = "") -> None:
        self.port, self.hook_url, self.url = port, hook_url, ""
        self.app = App("app-1", "app-secret-of-the-deployment", "verify-token-of-the-deployment")
        self.apps: dict[str, App] = {self.app.id: self.app}
        self.tokens: dict[str, Token] = {}
        self.codes: dict[str, str] = {}  # of Embedded Signup: the token that each stands for
        self.wabas: dict[str, Waba] = {}
        self.numbers: dict[str, Number] = {}
        self.pages: dict[str, Any] = {}
        self.people: dict[str, Person] = {}  # by phone and by user id
        self.templates: dict[str, Template] = {}
        self.media: dict[str, Media] = {}
        self.urls: dict[str, tuple[str, float]] = {}  # of media: id and until when
        self.uploads: dict[str, dict[str, Any]] = {}
        self.handles: set[str] = set()
        self.sent: list[Sent] = []
        self.lost: list[Sent] = []  # taken, and told to nobody
        self.wamids: set[str] = set()
        self.hooks: list[Hook] = []
        self.requests: list[tuple[str, str]] = []
        self.tokens_seen: set[str] = set()
        self.refused: list[Refused] = []
        self.mistakes: list[BaseException] = []
        self.faults: list[Fault] = []
        self.ahead = 0.0  # seconds that its clock is ahead of ours
        self.trusts_callbacks = False  # an address isn't asked whether it knows the verify token
        self.refuses_late = False  # a closed window is told by a webhook, as Meta often does
        self.reviews = "PENDING"  # what becomes of a new template: PENDING, APPROVED, REJECTED
        self.cdn_leads_to = ""  # a redirect of every file
        self.spoils_media = False  # the bytes aren't what they were
        self.poster = Poster()
        self.lock = threading.RLock()
        self.closing = threading.Event()
        self._auto: tuple[str, ...] = ()
        self._delay = 0.0
        self._held: list[Change] | None = None
        self._numbers = count(random.randrange(10**14, 10**15))  # no two know each other’s
        self._order = (False, False)
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

    # What is told

    def statuses(
        self, auto: bool = True, *, shuffled: bool = False, doubled: bool = False, delay: float = 0.0,
        upto: str = "delivered",
    ) -> None:  # fmt: skip
        """Whether each message that was accepted is told about by itself, up to delivered or read."""
        ranks = ("sent", "delivered", "read")
        self._auto = ranks[: ranks.index(upto) + 1] if auto else ()
        self._delay = delay
        self._order = self.poster.is_shuffled, self.poster.is_doubled = shuffled, doubled

    def accepts(self, sent: Sent) -> None:
        with self.lock:
            self.sent.append(sent)
        if self._auto:
            self.tells_fate(sent)

    def tells_fate(self, sent: Sent, upto: tuple[str, ...] = ()) -> None:
        """How it went: failed where it had to, else sent, delivered (and read, where all are told)."""
        code = sending.fate(sent)
        if code is None:
            self.tells_statuses(sent, list(upto or self._auto or ("sent", "delivered")))
        else:
            self.tells_failure(sent, code)

    def tells_statuses(self, sent: Sent, statuses: list[str]) -> None:
        self._tell([self._status(sent, each, {}) for each in statuses])

    def tells_failure(self, sent: Sent, code: int, details: str = "") -> None:
        """Without contacts, as Graph does."""
        error = Refused(code, details).as_status_error()
        self._tell([self._status(sent, "failed", {"errors": [error]})])

    def _status(self, sent: Sent, status: str, more: dict[str, Any]) -> list[Change]:
        sent.statuses.append(status)
        told: dict[str, Any] = {"id": sent.wamid, "status": status, "timestamp": self.timestamp()}
        person = sent.person
        if person is not None:
            told |= {"recipient_user_id": person.user_id}
            told |= {"recipient_id": person.wa_id} if person.shows_phone else {}
        else:
            told["recipient_id"] = sent.to.removeprefix("+")
        told |= {"biz_opaque_callback_data": sent.opaque} if sent.opaque else {}
        if status in ("sent", "delivered"):
            told["pricing"] = _pricing(sent)
        contacts = [person.contact] if person and status != "failed" else None
        value = {"statuses": [told | more], "contacts": contacts}
        return self._changes(sent.sender, "messages", value)

    def tells(self, number: Number, field: str, **value: Any) -> None:
        """Any change at a number, to every app that its account is subscribed to."""
        self._tell([self._changes(number, field, value)])

    def tells_account(self, waba: Waba, field: str, value: dict[str, Any]) -> None:
        """About an account: a template's status, a restriction."""
        self._tell([[
            Change(app, self._url(app, waba.subscribed[app.id]), waba.id, field, value, self.now())
            for app in self._apps_of(waba)
        ]])  # fmt: skip

    def _changes(self, number: Number, field: str, value: dict[str, Any]) -> list[Change]:
        value = {
            "messaging_product": "whatsapp",
            "metadata": number.metadata,
            **{key: each for key, each in value.items() if each is not None},
        }
        waba = number.waba
        return [
            Change(
                app, number.hook_url or self._url(app, waba.subscribed[app.id]), waba.id, field, value,
                self.now(), WHATSAPP,
            )
            for app in self._apps_of(waba)
        ]  # fmt: skip

    def _apps_of(self, waba: Waba) -> list[App]:
        return [self.apps[app_id] for app_id in waba.subscribed]

    def _url(self, app: App, own: str) -> str:
        return own or app.hook_url or self.hook_url

    def _tell(self, told: list[list[Change]]) -> None:
        changes = [change for each in told for change in each]
        with self.lock:
            if self._held is not None:
                self._held += changes
            else:
                self._deliver(changes)

    def _deliver(self, changes: list[Change]) -> None:
        kept = [change for change in changes if not change.url]
        self.hooks += posts(mixed(kept, *self._order))
        for change in changes:
            if change.url:
                late = random.uniform(0, self._delay) if self._order[0] else self._delay
                self.poster.add([change], late if "statuses" in change.value else 0.0)

    @contextmanager
    def batch(
        self, *, shuffled: bool = False, doubled: bool = False, most: int = 1000
    ) -> Iterator[None]:
        """Everything that is told inside goes out together, at its end."""
        self._held = []
        try:
            yield
        finally:
            with self.lock:
                held, self._held = self._held, None
            for hook in posts(mixed(held, shuffled, doubled), most):
                if hook.url:
                    self.poster.post(hook)
                else:
                    self.hooks.append(hook)

    def take_hooks(self) -> list[Hook]:
        """Those that were kept since the last time."""
        with self.lock:
            taken, self.hooks = self.hooks, []
        return taken

    # What it saw

    def count_by_opaque(self) -> dict[str, int]:
        """How often each message of ours was accepted, by the token that we gave it."""
        counts: dict[str, int] = {}
        for sent in list(self.sent):
            counts[sent.opaque] = counts.get(sent.opaque, 0) + 1
        return counts

    # Clock, ids, files

    def now(self) -> float:
        return time.time() + self.ahead

    def passes(self, *, hours: float = 0, seconds: float = 0) -> None:
        self.ahead += hours * 3600 + seconds

    def timestamp(self) -> str:
        return str(int(self.now()))

    def new_id(self) -> str:
        return str(next(self._numbers))

    def new_wamid(self) -> str:
        wamid = f"wamid.HBgM{uuid4().hex.upper()}"
        self.wamids.add(wamid)
        return wamid

    def new_user_id(self, phone: str) -> str:
        digits = phone.removeprefix("+")
        country = next((PREFIXES[key] for key in PREFIXES if digits.startswith(key)), "GB")
        return f"{country}.{uuid4().int % 10**19}{re.sub('[^a-z]', '', uuid4().hex)[:3]}"

    def keeps_media(self, body: bytes, mime: str, node: str, name: str = "") -> Media:
        media = Media(self.new_id(), body, mime, node, digest(body), name)
        self.media[media.id] = media
        return media


def _pricing(sent: Sent) -> dict[str, Any]:
    is_template = sent.type == "template"
    category = "service"
    if is_template:
        said = sent.body["template"]
        category = sent.sender.waba.templates[
            said["name"], said["language"]["code"]
        ].category.lower()
    return {
        "billable": is_template, "pricing_model": "PMP", "category": category,
        "type": "regular" if is_template else "free_customer_service",
    }  # fmt: skip
