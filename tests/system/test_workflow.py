"""What members do with conversations, in a browser: by keys, one and many, and back again."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from tests.conftest import Cast
from tests.conversations.conftest import Talk


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Callable[..., Talk]:
    return lambda text="Do you deliver?": Talk(app, cast, text)


def toast(page: Page, words: str) -> Any:
    return page.locator(".toast").filter(has_text=words)


def event(page: Page, words: str) -> Any:
    return page.locator(".message--event").filter(has_text=words)


def test_a_morning_in_the_inbox(log_in, live, cast, talk):
    three = [talk(f"Question {number}") for number in (1, 2, 3)]
    page = log_in(cast.owner)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/{three[1].id}")

    # Snoozed by key; the panel closes, the header says until when, and undoing wakes it.
    page.keyboard.press("z")
    page.get_by_role("button", name="Tomorrow").click()
    expect(page.get_by_text("Snoozed until tomorrow, 9:00").first).to_be_visible()
    expect(page.locator("#panel")).to_be_hidden()
    toast(page, "Snoozed until tomorrow").get_by_role("button", name="Undo").click()
    expect(page.get_by_text("The assistant is answering")).to_be_visible()
    expect(event(page, "You undid your last step")).to_be_visible()

    # A refusal is said in the panel, and what was typed stays.
    page.keyboard.press("t")
    field = page.get_by_label("Add a tag")
    field.fill("#")
    field.press("Enter")
    expect(page.locator("#panel [role=alert]")).to_contain_text("A tag needs a name")
    expect(field).to_have_value("#")
    field.fill("Wedding")
    field.press("Enter")
    expect(page.locator(".conversation-labels")).to_contain_text("Wedding")
    expect(page.locator("#panel")).to_be_hidden()

    # Assigned by arrows: the other's page hears of it.
    other = log_in(cast.agent)
    other.add_init_script("addEventListener('live:connected', () => console.info('live'))")
    with other.expect_console_message(lambda said: said.text == "live"):
        other.goto(f"{live.url}/b/{cast.slug}/inbox/")
    page.keyboard.press("a")
    expect(page.get_by_role("dialog", name="Assign to")).to_be_visible()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    expect(event(page, "You assigned this to Agent")).to_be_visible()
    expect(toast(other, "was assigned to you.")).to_be_visible()

    # Resolved, and on to the next row of the list.
    page.keyboard.press("e")
    expect(toast(page, "Resolved.")).to_be_visible()
    expect(page.locator(".inbox-row[aria-current]")).to_contain_text("Question 1")
    expect(page.locator("[data-message-log] .message-bubble")).to_have_text("Question 1")
    toast(page, "Resolved.").get_by_role("button", name="Undo").click()
    expect(page.locator(".inbox-row")).to_have_count(3)
    assert three[1].look(lambda row: (row.status, row.assignee_id)) == ("open", cast.agent.id)

    # Many at once; a list that refreshes itself keeps what is selected.
    page.locator(".inbox-check").first.check()
    page.locator(".inbox-check").last.click(modifiers=["Shift"])
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.mouse.move(900, 400)
    talk("Question 4")
    expect(page.locator(".inbox-row")).to_have_count(4)
    expect(page.get_by_text("3 selected")).to_be_visible()
    page.get_by_role("toolbar").get_by_role("button", name="Resolve").click()
    expect(toast(page, "3 conversations are resolved.")).to_be_visible()
    expect(page.locator(".inbox-row")).to_have_count(1)
    toast(page, "3 conversations").get_by_role("button", name="Undo").click()
    expect(page.locator(".inbox-row")).to_have_count(4)
    assert [each.look(lambda row: row.status) for each in three] == ["open"] * 3
