"""A visitor's browser and a member's at once, while the network is cut, the server dies and Redis forgets; and one
member's many tabs. What both see at the end is what the table holds, in its order, nothing twice."""

import os
import signal
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect
from redis import Redis
from sqlalchemy import select

from app.conversations.models import Message
from app.extensions import db
from tests.conftest import Cast
from tests.conversations.conftest import Talk
from tests.system.conftest import Live
from tests.system.test_processes import until
from tests.system.test_widget import chat, launcher, log, open_chat, say, sent

TABS = 7  # a browser gives one host six connections over HTTP/1.1


@pytest.fixture
def visitor(open_browser: Callable[..., BrowserContext], shop: str) -> Page:
    page = open_browser().new_page()
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    open_chat(page)
    say(page, "Is anybody there?")
    expect(sent(page, "Is anybody there?")).to_be_visible()
    return page


@pytest.fixture
def member(live: Live, cast: Cast, visitor: Page, log_in: Callable[..., Page]) -> Page:
    """At the visitor's conversation, which is hers, so that the assistant is silent."""
    page = log_in(cast.owner)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/")
    page.locator(".inbox-row").click()
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("You have this conversation")).to_be_visible()
    return page


def reply(page: Page, text: str) -> None:
    box = page.get_by_role("textbox", name="Message")
    box.fill(text)
    box.press("Enter")


def replied(page: Page, text: str) -> Locator:
    return page.locator(".message--member:not([data-pending])").filter(has_text=text)


def waiting(page: Page) -> Locator:
    return page.locator("[data-pending]")


def told(page: Page, text: str) -> Locator:
    """Of the visitor's words in the inbox, or of the member's in the chat."""
    return page.locator(".message--visitor").filter(has_text=text)


def retry(page: Page) -> None:
    expect(waiting(page)).to_contain_text("Not sent")
    waiting(page).get_by_role("button", name="Retry").click()
    expect(waiting(page)).to_have_count(0)


def stored(app: Flask, cast: Cast) -> list[str]:
    query = select(Message.body).where(Message.kind.in_(("incoming", "outgoing")))
    with app.app_context(), cast.scope():
        return list(db.session.scalars(query.order_by(Message.position)))


def kill_the_server(live: Live) -> None:
    """Its workers too: one without a master would go on answering for a moment."""
    web = live.process("web")
    os.killpg(web.pid, signal.SIGKILL)
    web.wait()


def test_both_lists_equal_the_table_whatever_is_cut(
    live: Live, app: Flask, cast: Cast, visitor: Page, member: Page
) -> None:
    visitor.context.set_offline(True)
    say(visitor, "From the tunnel")
    expect(chat(visitor).get_by_text("Waiting for a connection")).to_be_visible()
    reply(member, "While you were away")
    expect(replied(member, "While you were away")).to_be_visible()
    visitor.context.set_offline(False)
    expect(sent(visitor, "From the tunnel")).to_be_visible()
    expect(told(member, "From the tunnel")).to_be_visible()

    member.context.set_offline(True)
    say(visitor, "Can you read this?")
    expect(sent(visitor, "Can you read this?")).to_be_visible()
    reply(member, "From a train")
    expect(waiting(member)).to_contain_text("Not sent")
    member.context.set_offline(False)
    expect(told(member, "Can you read this?")).to_be_visible()
    retry(member)

    kill_the_server(live)
    say(visitor, "To a dead server")
    reply(member, "From a page without a server")
    expect(waiting(member)).to_contain_text("Not sent")
    live.wait_until_ready()
    retry(member)
    expect(sent(visitor, "To a dead server")).to_be_visible()

    Redis.from_url(app.config["REDIS_URL"]).flushdb()
    say(visitor, "After Redis forgot")
    expect(told(member, "After Redis forgot")).to_be_visible()
    reply(member, "Goodbye")
    expect(log(visitor)).to_contain_text("Goodbye")

    said = until(lambda: len(stored(app, cast)) >= 9 and stored(app, cast), "all is stored")
    assert sorted(set(said)) == sorted(said)
    expect(member.locator("[data-position] .message-bubble")).to_have_text(said)
    expect(log(visitor).locator("article .text")).to_have_text(said)
    assert {"From the tunnel", "From a train", "To a dead server", "Goodbye"} < set(said)


def test_seven_tabs_are_alive_over_one_connection(
    live: Live, app: Flask, cast: Cast, log_in: Callable[..., Page]
) -> None:
    talk = Talk(app, cast, "Do you deliver?")
    first = log_in(cast.owner)
    tabs = [first, *(first.context.new_page() for _ in range(TABS - 1))]
    streams = []
    for tab in tabs:
        tab.on("request", lambda asked: asked.url.endswith("/live") and streams.append(asked.url))
        tab.goto(f"{live.url}/b/{cast.slug}/inbox/{talk.id}")
    talk.visitor_says("Hello to all of you")
    for tab in tabs:
        expect(told(tab, "Hello to all of you")).to_be_visible()
    assert len(streams) == 1
    first.close()  # it held the stream
    talk.visitor_says("Still there?")
    for tab in tabs[1:]:
        expect(told(tab, "Still there?")).to_be_visible()
    tabs[1].reload()  # and now this one, or another: all the same
    expect(told(tabs[1], "Still there?")).to_be_visible()
