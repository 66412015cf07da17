"""From the visitor's thumb to the right answer, in real browsers and without a reload."""

import re
from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.core.unit_of_work import unit_of_work
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.system.conftest import Live

ASKED = "How much is delivery to Ashcombe?"
TOUCH = 44  # px


@pytest.fixture
def visitor(open_browser: Callable[..., BrowserContext], shop: str, app: Flask, cast: Cast) -> Page:
    """Has asked, and has the answer."""
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question(ASKED, "Delivery to Ashcombe is £4.95.", None)
    page = open_browser(width=390).new_page()
    page.goto(shop)
    page.get_by_role("button", name="Chat with Test Shop").click()
    ask(page, "Hello")
    ask(page, ASKED)
    return page


def frame(page: Page) -> Locator:
    return page.frame_locator("frontdesk-chat iframe").locator("body")


def ask(page: Page, text: str) -> None:
    answers = frame(page).locator("article.message--assistant")
    before = answers.count()
    field = frame(page).get_by_label("Your message")
    field.fill(text)
    field.press("Enter")
    expect(answers).to_have_count(before + 1, timeout=20_000)


def thumb(page: Page, name: str) -> Locator:
    return frame(page).get_by_role("button", name=name, exact=True)


def test_a_visitor_rates_by_keyboard_says_why_and_finds_it_again(visitor: Page) -> None:
    group = frame(visitor).get_by_role("group", name="Did this answer help?")
    expect(group).to_have_count(1)  # a greeting has none
    down = thumb(visitor, "It didn’t help")
    thumb(visitor, "It helped").focus()
    visitor.keyboard.press("Tab")
    expect(down).to_be_focused()
    visitor.keyboard.press("Space")
    expect(down).to_have_attribute("aria-pressed", "true")
    expect(down).to_be_focused()
    why = frame(visitor).get_by_role("form", name="What was wrong?")
    expect(why).to_be_visible()
    for target in [*group.get_by_role("button").all(), *why.get_by_role("button").all()]:
        box = target.bounding_box()
        assert box is not None
        assert min(box["width"], box["height"]) >= TOUCH
    for _button in range(4):
        visitor.keyboard.press("Tab")
    visitor.keyboard.type("It costs more by now")
    visitor.keyboard.press("Enter")
    expect(frame(visitor).get_by_text("Thank you for telling us.")).to_be_visible()
    expect(down).to_be_focused()  # the form is gone
    visitor.reload()
    visitor.get_by_role("button", name="Chat with Test Shop").click()
    expect(down).to_have_attribute("aria-pressed", "true")
    thumb(visitor, "It helped").click()
    expect(down).to_have_attribute("aria-pressed", "false")
    expect(thumb(visitor, "It helped")).to_have_attribute("aria-pressed", "true")


def test_without_a_connection_the_thumb_goes_back(visitor: Page) -> None:
    up = thumb(visitor, "It helped")
    visitor.context.set_offline(True)
    up.click()
    expect(frame(visitor).get_by_text("Your opinion wasn’t sent.")).to_be_visible()
    expect(up).to_have_attribute("aria-pressed", "false")
    visitor.context.set_offline(False)


def test_the_owner_sees_it_live_and_corrects_it_in_place(
    visitor: Page, log_in: Callable[..., Page], live: Live, cast: Cast
) -> None:
    inbox = log_in(cast.owner)
    inbox.goto(f"{live.url}/b/{cast.slug}/inbox/")
    inbox.locator(".inbox-row").first.click()
    mark = inbox.locator(".message-opinion", has_text="Didn’t help")
    expect(inbox.get_by_role("link", name="Correct it")).to_be_visible()
    expect(mark).to_have_count(0)
    thumb(visitor, "It didn’t help").click()
    expect(mark).to_be_visible()
    inbox.get_by_role("link", name="Correct it").click()
    answer = inbox.get_by_label("Answer")
    expect(answer).to_be_focused()
    answer.fill("Delivery to Ashcombe is £6.50 by now.")
    inbox.get_by_role("button", name="Save and ask again").click()
    expect(inbox.get_by_text("Your answer is now what visitors get")).to_be_visible(timeout=20_000)
    now = inbox.locator(".versus section").nth(1)
    expect(now).to_contain_text("£6.50 by now")
    ask(visitor, ASKED)
    newest = frame(visitor).locator("article.message--assistant").last
    expect(newest).to_contain_text("£6.50 by now")


def test_checks_are_run_before_one_s_eyes(
    log_in: Callable[..., Page], live: Live, cast: Cast
) -> None:
    page = log_in(cast.owner)
    page.goto(f"{live.url}/b/{cast.slug}/knowledge/checks/")
    expect(page.get_by_text("No checks yet")).to_be_visible()
    page.get_by_text("Add a check", exact=True).click()
    page.get_by_label("Question").fill("Do pigs fly?")
    page.get_by_label("The answer must contain").fill("Yes")
    page.get_by_role("button", name="Add check").click()
    expect(page.locator(".check-row[data-state=red]")).to_be_visible(timeout=20_000)
    expect(page.locator("#tab-count-checks")).to_have_text(re.compile("1"))
    page.get_by_role("button", name="Run now").click()
    expect(page.get_by_role("definition").filter(has_text="just now")).to_be_visible(timeout=20_000)
    page.get_by_role("button", name="Delete the check “Do pigs fly?”").click()
    page.get_by_role("button", name="Delete", exact=True).click()
    expect(page.get_by_text("No checks yet")).to_be_visible()
    expect(page.locator("#tab-count-checks")).to_be_empty()
