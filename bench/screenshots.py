"""The README's pictures, taken from the running demo: bin/screenshots."""

import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import uuid4

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from playwright.sync_api import Browser, Frame, Page

from bench.browser import chromium, open_chat, shop
from bench.installation import ROOT, Installation, installation
from bench.visitor import Visitor
from tests.standins.graph import Graph, Number, Person

IMAGES = ROOT / "docs" / "images"
SIZE = {"width": 1280, "height": 800}
SETTLE_MS = 1200  # fonts, and movements that end


@dataclass(frozen=True)
class Told:
    """A conversation of the day: what the visitor asks, and how it goes on with a person."""

    minutes_ago: int
    question: str
    reply: str = ""
    thanks: str = ""
    is_resolved: bool = False


DAY = (
    Told(312, "Are dogs welcome in the café?", is_resolved=True),
    Told(190, "can I use a gift card in the café"),
    Told(141, "how many hawthorns for 10 metres of hedge"),
    Told(
        96,
        "Do you have a Nordmann fir taller than 3 metres?",
        reply="Hello, Joan here. Two are left at 3.2 m, £94 each. Shall I put one aside for you?",
        thanks="Yes please! I’ll pick it up on Saturday morning.",
    ),
    Told(52, "is a peace lily ok with a cat"),
    Told(27, "little black flies in my houseplant soil"),
    Told(11, "do you deliver on mondays"),
    Told(
        2,
        "brown rings on grass from my dog",
        reply="Hi, it’s Joan. Bring us a photo if you like: Dev looks after the lawns and is here until five.",
        thanks="Brilliant, thank you! We’ll come by this afternoon.",
    ),
)
SHOWN = DAY[-1]
ON_WHATSAPP = "do you deliver on mondays"
TO_WHATSAPP = "Hi Maya, it’s Joan. Your tree is ready, and we come on Friday. Which time suits you?"
TIMES = ("Morning", "Afternoon")
IN_CHAT = ("Are dogs welcome in the café?", "how long do refunds take for internet orders")


def main() -> None:
    from app.demo import seed

    IMAGES.mkdir(parents=True, exist_ok=True)
    with Graph() as graph, installation() as measured:
        measured.supervisor.environ["GRAPH_BASE_URL"] = graph.url
        measured.flask("demo", "seed")
        measured.start()
        measured.wait_for_jobs()
        key = seed.public_key()
        with chromium() as browser:
            _take_widget(browser, measured, key)
            _talk_all_day(measured, key)
            _talk_on_whatsapp(measured, graph)
            _take_inbox(browser, measured)


def _take_widget(browser: Browser, measured: Installation, key: str) -> None:
    page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")
    with shop(page, measured.url, key):
        frame = open_chat(page)
        for count, question in enumerate(IN_CHAT, start=1):
            _ask(frame, question, count)
        _save(page, "widget")


def _ask(frame: Frame, question: str, answers: int) -> None:
    frame.get_by_label("Your message").fill(question)
    frame.get_by_label("Your message").press("Enter")
    frame.locator("[data-log] .message--assistant").nth(answers - 1).wait_for()


def _talk_all_day(measured: Installation, key: str) -> None:
    for number, told in enumerate(DAY, start=1):
        with Visitor(measured.port, key, f"198.18.0.{number}") as visitor:
            visitor.ask(told.question)
            if told.reply:
                visitor.call_person()
            with _joan() as (joan, conversation):
                _finish(told, joan, conversation)
            if told.thanks:
                visitor.say(told.thanks)
    with _joan() as (_, newest):
        _spread_over_the_day(newest.id)


@contextmanager
def _joan() -> Iterator[tuple[Any, Any]]:
    """She, at the newest conversation."""
    from sqlalchemy import select

    from app.accounts.models import User
    from app.businesses.models import Business
    from app.conversations.models import Conversation
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed
    from app.extensions import db

    business, joan = Business.by_slug(seed.SLUG), User.by_email(seed.OWNER_EMAIL)
    assert business is not None
    with business_scope(business.id), unit_of_work():
        yield (
            joan,
            db.session.scalars(select(Conversation).order_by(Conversation.id.desc())).first(),
        )


def _finish(told: Told, joan: Any, conversation: Any) -> None:
    from app.conversations import services

    if told.reply:
        services.reply(conversation, joan, told.reply, str(uuid4()))
    if told.is_resolved:
        services.resolve(conversation, joan)


def _spread_over_the_day(newest_id: int) -> None:
    from sqlalchemy import text

    from app.extensions import db

    for back, told in enumerate(reversed(DAY)):
        values = {"id": newest_id - back, "minutes": told.minutes_ago}
        for table, column, key in (
            ("messages", "created_at", "conversation_id"),
            ("conversations", "last_message_at", "id"),
        ):
            earlier = f"{column} - make_interval(mins => :minutes)"
            db.session.execute(
                text(f"UPDATE {table} SET {column} = {earlier} WHERE {key} = :id"), values
            )


def _talk_on_whatsapp(measured: Installation, graph: Graph) -> None:
    graph.statuses(upto="read")
    number = graph.number("+442079460123", name="Willow & Thyme")
    graph.hook_url = measured.url + _connect(number, graph.app.secret)
    maya = graph.person(name="Maya Ortiz")
    maya.writes(number, ON_WHATSAPP)
    _wait_until(maya, 1)
    measured.wait_for_jobs()
    with _joan() as (joan, conversation):
        _offer_times(joan, conversation)
    _wait_until(maya, 2)
    maya.taps(maya.received[-1], TIMES[0])
    time.sleep(SETTLE_MS / 1000)  # a phone's clock counts seconds
    place = {"latitude": 51.2, "longitude": -1.4, "name": "Rose Cottage", "address": "Ashcombe"}
    maya.sends(number, {"type": "location", "location": place})
    time.sleep(SETTLE_MS / 1000)  # until it was told
    measured.wait_for_jobs()


def _connect(number: Number, secret: str) -> str:
    """The path of its webhook."""
    from app.businesses.models import Business
    from app.channels.models import Channel, new_public_key
    from app.core.tenancy import business_scope
    from app.core.unit_of_work import unit_of_work
    from app.demo import seed
    from app.extensions import db

    business = Business.by_slug(seed.SLUG)
    assert business is not None
    with business_scope(business.id), unit_of_work():
        channel = Channel(
            kind="whatsapp", name="WhatsApp +44 20 7946 0123", external_id=number.phone_number_id,
            public_key=new_public_key(business.id),
            settings={"waba_id": number.waba_id, "app": "own", "throughput": 80},
        )  # fmt: skip
        channel.credentials = {"access_token": number.token, "app_secret": secret}
        db.session.add(channel)
        return f"/hooks/whatsapp/{channel.public_key}"


def _wait_until(person: Person, amount: int) -> None:
    deadline = time.monotonic() + 30
    while len(person.received) < amount:
        assert time.monotonic() < deadline, "nothing arrived at the phone"
        time.sleep(0.1)


def _offer_times(joan: Any, conversation: Any) -> None:
    from app.channels.content import Button, Buttons
    from app.conversations import services

    buttons = [Button(id=each.lower(), title=each) for each in TIMES]
    content = Buttons(body=TO_WHATSAPP, buttons=buttons)
    services.reply(conversation, joan, TO_WHATSAPP, str(uuid4()), content=content)


def _take_inbox(browser: Browser, measured: Installation) -> None:
    from app.demo import seed

    page = browser.new_page(viewport=SIZE, color_scheme="light", locale="en-GB")
    page.goto(f"{measured.url}/login")
    page.get_by_label("E-mail").fill(seed.OWNER_EMAIL)
    page.get_by_label("Password", exact=True).fill(seed.OWNER_PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/b/**")
    page.goto(f"{measured.url}/b/{seed.SLUG}/inbox/")
    page.locator(".inbox-row", has_text=SHOWN.thanks[:20]).click()
    page.locator(".message-bubble", has_text=SHOWN.thanks).wait_for()
    _save(page, "inbox")
    page.locator(".inbox-row", has_text="Maya Ortiz").click()
    page.locator(".message", has_text="Rose Cottage").wait_for()
    _save(page, "whatsapp")


def _save(page: Page, name: str) -> None:
    page.wait_for_timeout(SETTLE_MS)
    path = IMAGES / f"{name}.png"
    page.screenshot(path=str(path), animations="disabled", caret="hide")
    print(f"{path.relative_to(ROOT)}  {path.stat().st_size // 1024} KB")


if __name__ == "__main__":
    main()
