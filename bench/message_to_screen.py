"""From a visitor's message to the agent's screen: `.venv/bin/python -m bench.message_to_screen`.

The app as in production, 50 agents and 500 open chats. Each agent has the inbox open at a conversation of their own, each
visitor the chat; all hold a stream, and do with a signal what their page does: the agents fetch the new messages, the list
and what the bell counts, and say that they have read. Visitors write, half of them to conversations that are on a screen. From
before a message is posted until the agent's page has it as it is shown, in milliseconds.
"""

import asyncio
import json
import random
import re
import sys
import time
from collections.abc import Callable, Coroutine
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench import report
from bench.crowd import Browser, cookie, members
from bench.installation import SLUG, Installation, installation

TARGET_MS = 300
SETTLE_SECONDS = 5
OPENING_SECONDS = 0.02  # between two streams
AT_ONCE = 8  # chats and pages that are opened side by side
POSITION = re.compile(r'data-position="(\d+)"')
CSRF = re.compile(r'name="csrf-token" content="([^"]+)"')
HELLO = "Hello, this is chat "
INBOX = f"/b/{SLUG}/inbox/"
# As static/js/live.js spreads what all pages would fetch at once.
SPREAD_SECONDS = 0.4
SHARE_SECONDS = 0.2
SPARE = 3
EVERY_SECONDS = 2.5


class Refreshing:
    """What htmx does with hx-sync="this:queue last": one under way, and one more after it."""

    def __init__(self, fetch: Callable[[], Coroutine[Any, Any, None]]) -> None:
        self.fetch = fetch
        self.is_asked = False
        self.task: asyncio.Task[None] | None = None

    def ask(self) -> None:
        self.is_asked = True
        if self.task is None or self.task.done():
            self.task = asyncio.ensure_future(self._go())

    async def _go(self) -> None:
        while self.is_asked:
            self.is_asked = False
            await self.fetch()


class Seldom:
    """The signal “inbox” as static/js/live.js passes it on."""

    def __init__(self, tell: Callable[[], None]) -> None:
        self.tell = tell
        self.spare, self.spared_at = float(SPARE), 0.0
        self.timer: asyncio.TimerHandle | None = None

    def ask(self, members: int) -> None:
        if self.timer is not None:
            return
        now = time.monotonic()
        spread = max(SPREAD_SECONDS, members * SHARE_SECONDS)
        every = max(EVERY_SECONDS, members * SHARE_SECONDS)
        self.spare = min(SPARE, self.spare + (now - self.spared_at) / every) - 1
        self.spared_at = now
        wait = random.random() * spread - min(self.spare, 0) * every
        self.timer = asyncio.get_running_loop().call_later(wait, self._go)

    def _go(self) -> None:
        self.timer = None
        self.tell()


@dataclass
class Chat:
    """A visitor with the chat open."""

    browser: Browser
    key: str
    place: int
    position: int = 0
    refreshing: Refreshing = field(init=False)

    async def open(self) -> None:
        answer = await self.browser.post_json(f"/w/{self.key}/session", None)
        self.browser.headers["Authorization"] = f"Bearer {json.loads(answer.text)['token']}"
        await self._post("hand-off", {})
        await self.say(f"{HELLO}{self.place}")
        self.refreshing = Refreshing(self._fetch)

    async def say(self, text: str) -> None:
        await self._post("messages", {"text": text, "client_key": str(uuid4())})

    async def listen(self) -> None:
        async for name, _data, _at in self.browser.events(f"/w/{self.key}/stream"):
            if name == "signal":
                self.refreshing.ask()

    async def _post(self, what: str, body: dict[str, Any]) -> None:
        answer = await self.browser.post_json(
            f"/w/{self.key}/{what}", {"after": self.position} | body
        )
        assert answer.status < 300, answer
        self._take(answer.text)

    async def _fetch(self) -> None:
        self._take((await self.browser.get(f"/w/{self.key}/messages?after={self.position}")).text)

    def _take(self, html: str) -> None:
        self.position = max(self.position, 0, *map(int, POSITION.findall(html)))


@dataclass
class Agent:
    """A member with the inbox open at one conversation."""

    browser: Browser
    member: int
    number: int
    position: int = 0
    shown: dict[str, float] = field(default_factory=dict)

    async def open(self) -> None:
        page = await self.browser.get(f"{INBOX}{self.number}")
        assert page.status == 200, page
        self._take(page.text)
        found = CSRF.search(page.text)
        assert found
        self.browser.headers["X-CSRFToken"] = found[1]
        answer = await self._post("assignment", {})
        assert answer < 400, answer
        self.messages = Refreshing(self._fetch_messages)
        self.list = Refreshing(self._fetch_list)
        self.lists = Seldom(self.list.ask)
        self.bell = Refreshing(self._fetch_bell)
        self.bells = Seldom(self.bell.ask)

    async def listen(self) -> None:
        async for name, data, _at in self.browser.events(f"/b/{SLUG}/live"):
            if name != "signal":
                continue
            signal = json.loads(data)
            if signal["name"] == f"conversation-{self.number}":
                self.messages.ask()
            elif signal["name"] == "inbox":
                self.lists.ask(signal["heard_by"])
            elif signal["name"] == f"inbox-{self.member}":
                self.list.ask()
            elif signal["name"] == "bell" and self.member in signal["to"]:
                if len(signal["to"]) > 1:
                    self.bells.ask(len(signal["to"]))
                else:
                    self.bell.ask()

    async def _fetch_messages(self) -> None:
        path = f"{INBOX}{self.number}/messages?after={self.position}"
        answer = await self.browser.get(path)
        self._take(answer.text)
        at = time.perf_counter()
        for key in WRITTEN.findall(answer.text):
            self.shown.setdefault(key, at)
        await self._post("read", {"position": self.position})

    async def _fetch_bell(self) -> None:
        assert (await self.browser.get(f"/b/{SLUG}/notifications/bell")).status == 200

    async def _fetch_list(self) -> None:
        assert (await self.browser.get(f"{INBOX}rows?selected={self.number}")).status == 200

    async def _post(self, what: str, fields: dict[str, Any]) -> int:
        answer = await self.browser.post_form(f"{INBOX}{self.number}/{what}", fields)
        return answer.status

    def _take(self, html: str) -> None:
        self.position = max(self.position, 0, *map(int, POSITION.findall(html)))


WRITTEN = re.compile(r"message-([0-9a-f-]{36})")


def main() -> None:
    options = report.arguments(__doc__, agents=50, chats=500, rate=4, seconds=60)
    with installation() as measured:
        measured.open_business()
        people = members(options.agents)
        measured.start()
        times = asyncio.run(_measure(measured, people, options))
    report.show(_lines(times, options), "bench/message_to_screen.py", markdown=options.markdown)


async def _measure(measured: Installation, people: list[int], options: Any) -> list[float]:
    key = measured.key()
    chats = [
        Chat(Browser(measured.port, {"X-Forwarded-For": f"10.1.{n // 250}.{n % 250}"}), key, n)
        for n in range(options.chats)
    ]
    await _side_by_side([chat.open for chat in chats])
    measured.wait_for_jobs()
    with measured.app.app_context():
        numbers = _conversations()
    agents = [
        Agent(Browser(measured.port, cookie(measured.app, person)), person, number)
        for person, number in zip(people, numbers, strict=False)
    ]
    await _side_by_side([agent.open for agent in agents])
    listening = []
    for each in (*chats, *agents):
        listening.append(asyncio.ensure_future(each.listen()))
        await asyncio.sleep(OPENING_SECONDS)
    await asyncio.sleep(SETTLE_SECONDS)
    times = await _write(chats, agents, options)
    for each in listening:
        each.cancel()
    return times


async def _write(chats: list[Chat], agents: list[Agent], options: Any) -> list[float]:
    """Milliseconds of each message that was for a screen; infinite where it never came."""
    chance = random.Random(7)
    on_screen, others = chats[: len(agents)], chats[len(agents) :]
    began: list[tuple[Agent, str, float]] = []
    sending, start = [], time.perf_counter()
    for number in range(options.rate * options.seconds):
        await asyncio.sleep(max(0.0, start + number / options.rate - time.perf_counter()))
        words = f"Do you have it? message-{uuid4()}"
        if number % 2:
            place = chance.randrange(len(agents))
            began.append((agents[place], words[-36:], time.perf_counter()))
            sending.append(asyncio.ensure_future(on_screen[place].say(words)))
        else:
            sending.append(asyncio.ensure_future(chance.choice(others).say(words)))
    await asyncio.gather(*sending)
    await asyncio.sleep(SETTLE_SECONDS)
    return [(agent.shown.get(key, float("inf")) - at) * 1000 for agent, key, at in began]


async def _side_by_side(opening: list[Callable[[], Coroutine[Any, Any, None]]]) -> None:
    room = asyncio.Semaphore(AT_ONCE)

    async def one(call: Callable[[], Coroutine[Any, Any, None]]) -> None:
        async with room:
            await call()

    await asyncio.gather(*map(one, opening))


def _conversations() -> list[int]:
    """Of the chats, in their order."""
    from sqlalchemy import select

    from app.businesses.models import Business
    from app.conversations.models import Message
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.extensions import db

    with unit_of_work():
        business = Business.by_slug(SLUG)
        assert business is not None
        with business_scope(business.id):
            rows = db.session.execute(
                select(Message.body, Message.conversation_id).where(Message.body.startswith(HELLO))
            )
            by_chat = {int(body.rpartition(" ")[2]): number for body, number in rows}
    return [by_chat[number] for number in sorted(by_chat)]


def _lines(times: list[float], options: Any) -> list[report.Line]:
    p50, p95 = (report.percentile(times, share) for share in (0.5, 0.95))
    lost = times.count(float("inf"))
    what = (
        f"visitor’s message to the agent’s screen, {options.agents} agents, {options.chats} chats, "
        f"{options.rate} messages a second"
    )
    return [
        report.Line(f"{what}, p50", "", f"{p50:.0f} ms"),
        report.Line(f"{what}, p95", f"≤ {TARGET_MS} ms", f"{p95:.0f} ms", p95 <= TARGET_MS),
        report.Line("messages that never came", "0", f"{lost} of {len(times)}", lost == 0),
    ]


if __name__ == "__main__":
    main()
