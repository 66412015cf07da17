"""What a visitor and a member see while Claude writes, in two browsers at once."""

import re
import time
from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.standins.claude import Claude, says
from tests.system.axe import BYPASSING, violations
from tests.system.claude.conftest import Gate
from tests.system.conftest import Live

Hold = Callable[..., Gate]
ASKED = "Do you deliver on Tuesdays?"
WAIT = 20  # seconds until a test gives up
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
def open_chat(
    open_browser: Callable[..., BrowserContext], live: Live, taught: Cast
) -> Callable[..., Page]:
    """The chat of a new visitor, as a page of its own."""

    def open_it(**options: Any) -> Page:
        page = open_browser(width=360, **options).new_page()
        page.goto(f"{live.url}/w/{taught.website_key}")
        return page

    return open_it


@pytest.fixture
def page(open_chat: Callable[..., Page]) -> Page:
    return open_chat()


@pytest.fixture
def open_inbox(log_in: Callable[..., Page], live: Live, taught: Cast) -> Callable[..., Page]:
    """The owner's page with the business's newest conversation."""

    def open_newest(**options: Any) -> Page:
        inbox = log_in(taught.owner, **options)
        inbox.goto(f"{live.url}/b/{taught.slug}/inbox/")
        inbox.locator(".inbox-row").first.click()
        expect(said(inbox).first).to_be_visible()
        return inbox

    return open_newest


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def said(page: Page) -> Locator:
    """What stands in the log of either side, in order."""
    return page.get_by_role("log").locator(".message:not([aria-hidden])")


def sent(page: Page) -> Locator:
    """The visitor's messages that the server has."""
    return page.locator("article.message--visitor:not([data-pending])")


def words(page: Page) -> Locator:
    """What is being written, on either side."""
    return page.locator("[data-answer] .text, [data-words] .message-bubble")


def stop(page: Page) -> Locator:
    return page.get_by_role("button", name="Stop the answer")


def test_the_words_are_seen_while_they_are_written_and_their_marks_lead_to_the_source(
    page: Page, open_inbox: Callable[[], Page], held: Hold
) -> None:
    first = held(says("Hello there."))
    say(page, "I have a question about delivery")
    inbox = open_inbox()
    first.open()
    expect(said(inbox).last).to_contain_text("Hello there.")
    cited = says("Yes, on Tuesdays.", holding="Tuesdays")
    gate = held(cited, says(" It costs four pounds."), after=5)
    say(page, ASKED)
    expect(words(page)).to_contain_text("Yes, on Tuesdays.1 It")
    expect(words(inbox)).to_contain_text("Yes,")
    for screen in (page, inbox):
        expect(said(screen).last).to_contain_text(ASKED)
    gate.open()
    for screen in (page, inbox):
        expect(said(screen).last).to_contain_text("It costs four pounds.")
        expect(words(screen)).to_be_hidden()
    page.reload()
    mark = said(page).last.get_by_role("link", name="Source 1:").first
    expect(mark).to_have_text("1")
    with page.expect_popup() as popup:
        mark.click()
    expect(popup.value.locator("blockquote")).to_contain_text("for four pounds")


def test_a_stopped_answer_keeps_what_was_said_and_the_rest_never_comes(
    page: Page, open_inbox: Callable[[], Page], held: Hold, claude: Claude
) -> None:
    gate = held(says("We deliver on Tuesdays and by chance on Fridays."), after=4)
    say(page, ASKED)
    expect(words(page)).to_contain_text("We deliver on Tuesdays")
    inbox = open_inbox()
    stop(page).click()
    expect(said(page).last).to_have_text("You stopped this answer.")
    expect(stop(page)).to_be_hidden()
    expect(page.get_by_label("Your message")).to_be_focused()
    expect(said(inbox).last).to_contain_text("The visitor stopped the answer")
    gate.open()
    claude.script.append({"blocks": [says("Here we go on.")]})
    say(page, "Never mind")
    expect(said(page).last).to_contain_text("Here we go on.")
    for _ in range(2):
        expect(said(page)).to_contain_text(
            [ASKED, "We deliver on Tuesdays", "You stopped", "Never mind", "Here we go on."]
        )
        expect(page.get_by_text("Fridays")).to_have_count(0)
        page.reload()


def test_an_answer_is_stopped_before_its_first_word(page: Page, held: Hold) -> None:
    gate = held(says("Too late."), after=0)
    say(page, ASKED)
    assert gate.reached.wait(WAIT)
    expect(page.get_by_text("Still looking…")).to_be_visible()
    stop(page).click()
    expect(said(page).last).to_have_text("You stopped this answer.")
    expect(page.get_by_text("Still looking…")).to_be_hidden()
    gate.open()
    gate = held(says("Welcome back."))
    gate.open()
    say(page, "Hello again, delivery people")
    expect(said(page)).to_contain_text([ASKED, "You stopped", "Hello again", "Welcome back."])


def test_two_messages_during_an_answer_are_one_next_turn(
    page: Page, held: Hold, claude: Claude
) -> None:
    first = held(says("On Tuesdays."))
    say(page, ASKED)
    assert first.reached.wait(WAIT)
    say(page, "And on Fridays?")
    say(page, "Or on Sundays?")
    expect(sent(page)).to_have_count(3)
    expect(said(page)).to_have_count(3)
    second = held(says("On neither of them."))
    first.open()
    assert second.reached.wait(WAIT)
    expect(said(page).last).to_contain_text("On Tuesdays.")
    expect(words(page)).to_contain_text("On")
    expect(stop(page)).to_be_visible()
    second.open()
    expect(said(page).last).to_contain_text("On neither of them.")
    expect(stop(page)).to_be_hidden()
    expect(page.locator("[data-typing]")).to_be_hidden()
    assert len(claude.requests) == 2
    asked = claude.seen[-1].question
    assert "And on Fridays?" in asked
    assert "Or on Sundays?" in asked


def test_a_reload_in_the_middle_of_an_answer_shows_the_words_so_far(page: Page, held: Hold) -> None:
    gate = held(says("We deliver on Tuesdays for four pounds."), after=4)
    say(page, ASKED)
    expect(words(page)).to_contain_text("We deliver on Tuesdays")
    page.reload()
    expect(words(page)).to_contain_text("We deliver on Tuesdays")
    expect(stop(page)).to_be_visible()
    gate.open()
    expect(said(page).last).to_contain_text("for four pounds.")
    expect(words(page)).to_be_hidden()


def test_the_panel_closes_by_the_keyboard_and_the_answer_goes_on(
    open_browser: Callable[..., BrowserContext], shop: str, taught: Cast, held: Hold
) -> None:
    page = open_browser().new_page()
    page.goto(shop)
    launcher = page.get_by_role("button", name=re.compile("^Chat with Test Shop"))
    launcher.click()
    frame = page.frame_locator("frontdesk-chat iframe")
    gate = held(says("On Tuesdays, as always."), after=2)
    frame.get_by_label("Your message").fill(ASKED)
    frame.get_by_label("Your message").press("Enter")
    expect(frame.get_by_role("button", name="Stop the answer")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("frontdesk-chat iframe")).to_be_hidden()
    gate.open()
    expect(launcher).to_have_accessible_name("Chat with Test Shop (1)")
    launcher.click()
    expect(frame.get_by_role("log")).to_contain_text("On Tuesdays, as always.")


def test_axe_finds_nothing_to_mend_in_the_middle_of_an_answer(
    open_chat: Callable[..., Page], open_inbox: Callable[..., Page], held: Hold
) -> None:
    page = open_chat(**BYPASSING)
    cited = says("Yes, on Tuesdays.", holding="Tuesdays")
    gate = held(cited, says(" It costs four pounds."), after=5)
    say(page, ASKED)
    expect(words(page)).to_contain_text("Yes, on Tuesdays.1 It")
    inbox = open_inbox(**BYPASSING)
    assert violations(page) == violations(inbox) == []
    gate.open()
    expect(said(page).last).to_contain_text("four pounds.")
    expect(said(inbox).last).to_contain_text("four pounds.")
    assert violations(page) == violations(inbox) == []
    assert page.evaluate("document.documentElement.scrollWidth") == 360
