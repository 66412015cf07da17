"""What Graph tells: signed webhooks, one update each or in batches of several entries, in order or not, once or twice."""

import heapq
import json
import random
import threading
import time
from dataclasses import dataclass
from itertools import count
from typing import Any
from urllib.error import HTTPError, URLError
from urllib.request import Request, urlopen

from tests.standins.graph.things import App, Hook

MOST = 1000  # updates of a batch
POSTERS = 4
WHATSAPP, PAGE = "whatsapp_business_account", "page"
LISTS = ("messages", "statuses", "message_echoes", "contacts")


@dataclass(frozen=True)
class Change:
    """One thing to be told. `account`: the business account's id, or the page's."""

    app: App
    url: str
    account: str
    field: str
    value: dict[str, Any]
    at: float
    object: str = WHATSAPP


def posts(changes: list[Change], most: int = MOST) -> list[Hook]:
    """As few as can be: by app and address, each account an entry."""
    groups: dict[tuple[int, str, str], list[Change]] = {}
    for change in changes:
        groups.setdefault((id(change.app), change.url, change.object), []).append(change)
    return [
        _post(several[start : start + most])
        for several in groups.values()
        for start in range(0, len(several), most)
    ]


def _post(changes: list[Change]) -> Hook:
    first = changes[0]
    entries: list[dict[str, Any]] = []
    for change in changes:
        if not entries or entries[-1]["id"] != change.account:
            entries.append({"id": change.account, "time": int(change.at)})
        if first.object == PAGE:
            entries[-1]["time"] = int(change.at * 1000)
            name = "standby" if change.field == "standby" else "messaging"
            entries[-1].setdefault(name, []).append(change.value)
        else:
            _add(entries[-1].setdefault("changes", []), change)
    for entry in entries:
        if any(each["field"] == "messages" for each in entry.get("changes", [])):
            del entry["time"]
    body = json.dumps({"object": first.object, "entry": entries}).encode()
    headers = {
        "Content-Type": "application/json",
        "User-Agent": "facebookexternalua",
        "X-Hub-Signature-256": first.app.sign(body),
    }
    return Hook(first.app, body, headers, first.url)


def _add(changes: list[dict[str, Any]], change: Change) -> None:
    """Messages that follow each other at one number share a value; so do statuses."""
    value = json.loads(json.dumps(change.value))
    last = changes[-1] if changes else None
    kinds = {key for key in ("messages", "statuses") if key in value}
    if (
        last is None
        or change.field != "messages"
        or last["field"] != "messages"
        or not kinds
        or kinds != {key for key in ("messages", "statuses") if key in last["value"]}
        or last["value"]["metadata"] != value["metadata"]
    ):
        changes.append({"field": change.field, "value": value})
        return
    for key in LISTS:
        known = last["value"].get(key, [])
        known += [each for each in value.get(key, []) if key != "contacts" or each not in known]
        if known:
            last["value"][key] = known


class Poster:
    """Posts by itself, tries again what isn't answered by 200, and doesn't keep any order."""

    def __init__(self) -> None:
        self.answers: list[int] = []  # HTTP status of each post; 0: no answer
        self.is_shuffled = self.is_doubled = False
        self.most = MOST
        self.gap = 0.0  # seconds in which changes gather to a batch
        self._heap: list[tuple[float, int, int, list[Change] | Hook]] = []
        self._numbers = count()
        self._ready = threading.Condition()
        self._busy = 0
        self._is_over = False
        self._threads: list[threading.Thread] = []

    def add(self, changes: list[Change], delay: float = 0.0) -> None:
        self._push(changes, time.monotonic() + delay + self.gap, 0)

    def post(self, hook: Hook) -> None:
        self._push(hook, time.monotonic(), 0)

    def _push(self, what: list[Change] | Hook, due: float, tries: int) -> None:
        with self._ready:
            heapq.heappush(self._heap, (due, next(self._numbers), tries, what))
            if not self._threads and not self._is_over:
                self._threads = [
                    threading.Thread(target=self._run, daemon=True) for _ in range(POSTERS)
                ]
                for thread in self._threads:
                    thread.start()
            self._ready.notify()

    def settle(self, seconds: float = 20.0) -> None:
        """Until everything was answered by 200."""
        with self._ready:
            done = self._ready.wait_for(lambda: not self._heap and not self._busy, seconds)
        assert done, f"{len(self._heap)} posts are waiting; the answers were {self.answers[-10:]}"

    def close(self) -> None:
        with self._ready:
            self._is_over = True
            self._ready.notify_all()

    def _run(self) -> None:
        while (taken := self._take()) is not None:
            for tries, hook in taken:
                status = _posted(hook)
                self.answers.append(status)
                if status != 200:
                    self._push(hook, time.monotonic() + min(0.5 * 2**tries, 10.0), tries + 1)
            with self._ready:
                self._busy -= 1
                self._ready.notify_all()

    def _take(self) -> list[tuple[int, Hook]] | None:
        """What is due: posts that are tried again, and changes, as one batch."""
        with self._ready:
            while not self._is_over:
                left = self._heap[0][0] - time.monotonic() if self._heap else None
                if left is not None and left <= 0:
                    self._busy += 1
                    return self._due()
                self._ready.wait(left)
        return None

    def _due(self) -> list[tuple[int, Hook]]:
        changes: list[Change] = []
        while self._heap and self._heap[0][0] <= time.monotonic() and len(changes) < self.most:
            _, _, tries, what = heapq.heappop(self._heap)
            if isinstance(what, Hook):
                return [(tries, what), *((0, hook) for hook in self._batches(changes))]
            changes += what
        return [(0, hook) for hook in self._batches(changes)]

    def _batches(self, changes: list[Change]) -> list[Hook]:
        return posts(mixed(changes, self.is_shuffled, self.is_doubled), self.most)


def mixed(changes: list[Change], is_shuffled: bool, is_doubled: bool) -> list[Change]:
    changes = changes * 2 if is_doubled else list(changes)
    if is_shuffled:
        random.shuffle(changes)
    return changes


def _posted(hook: Hook) -> int:
    request = Request(hook.url, hook.body, hook.headers, method="POST")
    try:
        with urlopen(request, timeout=20) as answer:
            return int(answer.status)
    except HTTPError as error:
        error.close()
        return error.code
    except (URLError, OSError):
        return 0
