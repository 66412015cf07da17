"""From a visitor's unanswered question to the assistant that knows it, in a browser."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, FrameLocator, Page, expect

from app.core.unit_of_work import unit_of_work
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.system.conftest import Live

ANSWER = "No, but we rent chainsaws out at £45 a day."


@pytest.fixture
def visit(open_browser: Callable[..., BrowserContext], shop: str) -> Callable[[], FrameLocator]:
    """`visit()` is the chat of another visitor."""

    def open_chat() -> FrameLocator:
        page = open_browser().new_page()
        page.goto(shop)
        page.get_by_role("button", name="Chat with Test Shop").click()
        return page.frame_locator("frontdesk-chat iframe")

    return open_chat


@pytest.fixture
def taught(app: Flask, live: Live, cast: Cast) -> None:
    """Something is known, so that the assistant looks for an answer."""
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question("When are you open?", "From nine to six.", None)


def ask(chat: FrameLocator, words: str) -> None:
    chat.get_by_label("Your message").fill(words)
    chat.get_by_role("button", name="Send", exact=True).click()
    expect(chat.locator("article.message--assistant").last).to_be_visible()


def gap(page: Page, words: str) -> object:
    return page.locator("details.gap").filter(has_text=words)


@pytest.mark.usefixtures("taught")
def test_an_owner_answers_once_for_who_waits_and_for_who_comes_next(
    log_in: Callable[..., Page], live: Live, cast: Cast, visit: Callable[[], FrameLocator]
) -> None:
    page = log_in(cast.owner)
    page.goto(f"{live.url}/b/{cast.slug}/knowledge/gaps/")
    expect(page.get_by_text("No open questions")).to_be_visible()

    first = visit()
    ask(first, "do you sell chainsaws")
    first.get_by_role("button", name="Talk to a person").click()
    expect(gap(page, "do you sell chainsaws")).to_contain_text("1 waiting")
    expect(page.get_by_role("link", name="Gaps 1")).to_be_visible()

    page.locator("summary.gap-head").click()
    page.get_by_label("Answer", exact=True).fill("No, but")
    ask(visit(), "can i pay in bitcoin")
    expect(page.locator("details.gap")).to_have_count(2)
    expect(page.get_by_label("Answer", exact=True)).to_have_value("No, but")
    expect(page.get_by_label("Answer", exact=True)).to_be_focused()
    expect(page.get_by_role("checkbox")).to_be_checked()

    page.get_by_label("Answer", exact=True).fill(ANSWER)
    page.get_by_role("button", name="Save and answer").click()
    expect(page.get_by_text("It was sent to 1 visitor.")).to_be_visible()
    expect(page.locator("details.gap")).to_have_count(1)
    expect(first.get_by_role("log")).to_contain_text(ANSWER)

    expect(page.get_by_role("link", name="Gaps 1")).to_be_visible()
    page.get_by_text("Answered", exact=True).click()
    expect(gap(page, "do you sell chainsaws")).to_be_visible()
    page.locator("summary.gap-head").click()
    page.get_by_role("link", name="do you sell chainsaws").click()
    expect(page.locator(".source-row")).to_contain_text("Ready")

    second = visit()
    ask(second, "can I buy chainsaws from you?")
    expect(second.get_by_role("log")).to_contain_text("£45 a day")


@pytest.mark.usefixtures("taught")
def test_a_dismissal_is_taken_back_from_its_notice(
    log_in: Callable[..., Page], live: Live, cast: Cast, visit: Callable[[], FrameLocator]
) -> None:
    page = log_in(cast.owner, width=390)
    page.goto(f"{live.url}/b/{cast.slug}/knowledge/gaps/")
    ask(visit(), "do you sell chainsaws")
    page.locator("summary.gap-head").click()
    page.get_by_role("button", name="Dismiss").click()
    expect(page.locator("details.gap")).to_have_count(0)
    page.get_by_role("button", name="Undo").click()
    expect(page.locator("details.gap")).to_have_count(1)
    assert page.evaluate("document.documentElement.scrollWidth") <= 390


@pytest.mark.usefixtures("taught")
def test_a_question_is_tried_by_keyboard_alone_and_its_address_asks_again(
    log_in: Callable[..., Page], live: Live, cast: Cast
) -> None:
    page = log_in(cast.viewer)
    page.goto(f"{live.url}/b/{cast.slug}/knowledge/search/")
    expect(page.get_by_label("Your question")).to_be_focused()
    page.keyboard.type("When do you open?")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It would answer")).to_be_visible()
    expect(page.locator("mark").first).to_have_text("open")
    expect(page).to_have_url(f"{live.url}/b/{cast.slug}/knowledge/search/?q=When+do+you+open?")
    page.reload()
    expect(page.get_by_text("It would answer")).to_be_visible()
    page.get_by_label("Your question").fill("do you sell chainsaws")
    page.keyboard.press("Enter")
    expect(page.get_by_text("It would offer a person")).to_be_visible()
