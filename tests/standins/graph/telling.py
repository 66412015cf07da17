"""What Graph tells: who hears of it, when, and the statuses of what was sent."""

import random
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any
from uuid import uuid4

from tests.standins.graph import sending
from tests.standins.graph.hooks import WHATSAPP, Change, Poster, mixed, posts
from tests.standins.graph.numbers import Number
from tests.standins.graph.refusals import Refused
from tests.standins.graph.things import App, Hook, Sent, Waba


class Telling:
    """Half of Graph: its clock, and what it says by itself."""

    hook_url = ""

    def __init__(self) -> None:
        self.apps: dict[str, App] = {}
        self.sent: list[Sent] = []
        self.wamids: set[str] = set()
        self.hooks: list[Hook] = []
        self.ahead = 0.0  # seconds that its clock is ahead of ours
        self.poster = Poster()
        self.lock = threading.RLock()
        self._auto: tuple[str, ...] = ()
        self._delay = 0.0
        self._held: list[Change] | None = None
        self._order = (False, False)

    def now(self) -> float:
        return time.time() + self.ahead

    def passes(self, *, hours: float = 0, seconds: float = 0) -> None:
        self.ahead += hours * 3600 + seconds

    def timestamp(self) -> str:
        return str(int(self.now()))

    def new_wamid(self) -> str:
        wamid = f"wamid.HBgM{uuid4().hex.upper()}"
        self.wamids.add(wamid)
        return wamid

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

    def tells_changes(self, changes: list[Change]) -> None:
        self._tell([changes])

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
