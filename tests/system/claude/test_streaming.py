"""What a visitor and a member see while Claude writes, in two browsers at once."""

import re
import time
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.standins.claude import says
from tests.system.claude.conftest import Gate
from tests.system.conftest import Live

Hold = Callable[..., Gate]
ASKED = "Do you deliver on Tuesdays?"
FACT = "Yes, we deliver on Tuesdays, for four pounds."


@pytest.fixture
def taught(app: Flask, cast: Cast) -> Cast:
    with app.app_context(), cast.scope():
        with unit_of_work():
            source = knowledge.add_question(ASKED, FACT, None)
        while source.status != "ready":  # the worker reads it
            db.session.rollback()
            time.sleep(0.05)
    return cast


@pytest.fixture
def page(open_browser: Callable[..., BrowserContext], live: Live, taught: Cast) -> Page:
    """The visitor's: the chat as a page of its own."""
    page = open_browser(width=390).new_page()
    page.goto(f"{live.url}/w/{taught.website_key}")
    return page


@pytest.fixture
def open_inbox(log_in: Callable[..., Page], live: Live, taught: Cast) -> Callable[[], Page]:
    """The owner's page with the business's newest conversation."""

    def open_newest() -> Page:
        inbox = log_in(taught.owner)
        inbox.goto(f"{live.url}/b/{taught.slug}/inbox/")
        inbox.locator(".inbox-row").first.click()
        expect(inbox.locator(".message").first).to_be_visible()
        return inbox

    return open_newest


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def said(page: Page) -> Locator:
    """What stands in the log of either side, in order."""
    return page.get_by_role("log").locator(".message:not([aria-hidden])")


def words(page: Page) -> Locator:
    """What is being written, on either side."""
    return page.locator("[data-answer] .text, [data-words] .message-bubble")


def stop(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop the answer")


def test_the_words_are_seen_while_they_are_written_and_their_marks_lead_to_the_source(
    page: Page, open_inbox: Callable[[], Page], held: Hold
) -> None:
    first = held(says("Hello there."))
    say(page, "Hi, I have a question about delivery")
    inbox = open_inbox()
    first.open()
    expect(said(inbox).last).to_contain_text("Hello there.")
    gate = held(
        says("Yes, on Tuesdays.", holding="Tuesdays"), says(" It costs four pounds."), after=5
    )
    say(page, ASKED)
    for screen in (page, inbox):
        expect(words(screen)).to_be_visible()
        expect(words(screen)).to_contain_text("Yes, on Tuesdays")
        expect(said(screen).last).to_contain_text(ASKED)
    gate.open()
    for screen in (page, inbox):
        expect(said(screen).last).to_contain_text("It costs four pounds.")
        expect(words(screen)).to_be_hidden()
    page.reload()
    mark = said(page).last.get_by_role("link", name=re.compile("^Source 1: "))
    with page.expect_popup() as popup:
        mark.click()
    expect(popup.value.locator("blockquote")).to_contain_text("for four pounds")
