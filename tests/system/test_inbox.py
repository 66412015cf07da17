"""The inbox in a browser: live both ways, nothing typed is lost, keys, phone."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.conversations import services
from tests.conftest import Cast
from tests.conversations.conftest import Talk


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Callable[..., Talk]:
    return lambda text="Do you deliver?": Talk(app, cast, text)


@pytest.fixture
def open_inbox(log_in: Callable[..., Page], live: Any, cast: Cast) -> Callable[..., Page]:
    """The owner's inbox, at this conversation if one is given."""

    def open_at(talk: Talk | None = None, **options: Any) -> Page:
        page = log_in(cast.owner, **options)
        page.goto(f"{live.url}/b/{cast.slug}/inbox/{talk.id if talk else ''}")
        return page

    return open_at


def bubble(page: Page, text: str) -> Any:
    return page.locator(".message-bubble").filter(has_text=text)


def composer(page: Page) -> Any:
    return page.get_by_role("textbox", name="Message")


def test_a_new_conversation_appears_with_an_unread_mark(open_inbox, talk):
    page = open_inbox()
    expect(page.get_by_text("Your inbox is ready")).to_be_visible()
    talk("Are you open on Sunday?")
    expect(page.locator(".inbox-row.is-unread")).to_contain_text("Are you open on Sunday?")
    expect(page).to_have_title("(1) Inbox · Frontdesk")


def test_looking_at_it_marks_it_read_on_every_device(open_inbox, talk):
    conversation = talk()
    other = open_inbox()
    expect(other.locator(".inbox-row.is-unread")).to_have_count(1)
    open_inbox(conversation)
    expect(other.locator(".inbox-row")).to_have_count(1)
    expect(other.locator(".inbox-row.is-unread")).to_have_count(0)


def test_what_the_visitor_writes_arrives_and_half_typed_words_stay(open_inbox, talk):
    conversation = talk()
    page = open_inbox(conversation)
    composer(page).fill("Well, we ")
    conversation.visitor_says("Hello? Anybody?")
    expect(bubble(page, "Hello? Anybody?")).to_be_visible()
    expect(composer(page)).to_be_focused()
    expect(composer(page)).to_have_value("Well, we ")


def test_a_reply_is_there_at_once_and_stored_once(open_inbox, talk):
    conversation = talk()
    page = open_inbox(conversation)
    for words in ("Yes", "every Saturday"):
        composer(page).fill(words)
        composer(page).press("Enter")
    expect(page.locator("[data-pending]")).to_have_count(0)
    expect(page.locator(".message--member .message-bubble")).to_have_text(["Yes", "every Saturday"])
    expect(page.get_by_text("You have this conversation")).to_be_visible()
    sent = [body for kind, body in conversation.lines() if kind == "outgoing"]
    assert sent == ["Yes", "every Saturday"]


def test_an_unsent_reply_keeps_its_text_and_can_be_sent_again(open_inbox, talk):
    conversation = talk()
    page = open_inbox(conversation)
    page.context.set_offline(True)
    composer(page).fill("Are you there?")
    composer(page).press("Enter")
    waiting = page.locator("[data-pending]")
    expect(waiting).to_contain_text("Not sent: no connection.")
    expect(waiting).to_contain_text("Are you there?")
    page.context.set_offline(False)
    waiting.get_by_role("button", name="Retry").click()
    expect(waiting).to_have_count(0)
    expect(bubble(page, "Are you there?")).to_have_count(1)
    assert conversation.lines()[-1] == ("outgoing", "Are you there?")


def test_a_refused_reply_says_why_and_can_be_edited(open_inbox, talk):
    page = open_inbox(talk())
    composer(page).fill("x" * 10_001)
    composer(page).press("Enter")
    waiting = page.locator("[data-pending]")
    expect(waiting).to_contain_text("10,000 characters fit")
    waiting.get_by_role("button", name="Edit").click()
    expect(composer(page)).to_have_value("x" * 10_001)
    expect(waiting).to_have_count(0)


def test_taking_over_shows_on_a_colleagues_page(open_inbox, log_in, live, cast, talk):
    conversation = talk()
    page = open_inbox(conversation)
    colleague = log_in(cast.agent)
    colleague.goto(f"{live.url}/b/{cast.slug}/inbox/{conversation.id}")
    page.get_by_role("button", name="Take over").click()
    expect(page.get_by_text("You have this conversation")).to_be_visible()
    expect(colleague.get_by_text("Olivia Owner has this conversation")).to_be_visible()
    expect(colleague.get_by_text("Olivia took over")).to_be_visible()


def test_the_keyboard_does_it_all_and_nothing_while_typing(open_inbox, talk):
    older, newer = talk("older"), talk("newer")
    page = open_inbox()
    page.keyboard.press("j")
    page.wait_for_url(f"**/inbox/{newer.id}?*")
    page.keyboard.press("j")
    page.wait_for_url(f"**/inbox/{older.id}?*")
    expect(bubble(page, "older")).to_be_visible()
    page.keyboard.press("k")
    page.wait_for_url(f"**/inbox/{newer.id}?*")
    page.keyboard.press("n")
    expect(composer(page)).to_be_focused()
    page.keyboard.type("jken?")
    expect(composer(page)).to_have_value("jken?")
    page.keyboard.press("Enter")
    expect(page.locator(".message--note").filter(has_text="jken?")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("?")
    expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
    page.keyboard.press("Escape")
    page.keyboard.press("e")
    page.wait_for_url(f"**/inbox/{older.id}?*")
    expect(page.locator(f"#conversation_{newer.id}")).to_have_count(0)


def test_back_leads_to_the_conversation_before(open_inbox, talk):
    first, second = talk("first words"), talk("second words")
    page = open_inbox(first)
    page.locator(f"#conversation_{second.id}").click()
    expect(bubble(page, "second words")).to_be_visible()
    page.go_back()
    expect(bubble(page, "first words")).to_be_visible()
    expect(page.locator(".inbox")).to_have_count(1)


def test_the_row_under_the_pointer_stays_put(open_inbox, talk):
    older, newer = talk("older"), talk("newer")
    page = open_inbox()
    page.locator(f"#conversation_{newer.id}").hover()
    older.visitor_says("older again")
    button = page.locator("[data-inbox-more]")
    expect(button).to_have_text("1 new")
    expect(page.locator(".inbox-row").first).to_contain_text("newer")
    button.click()
    expect(page.locator(".inbox-row").first).to_contain_text("older again")


def test_a_missed_signal_heals_when_the_tab_is_connected_again(open_inbox, talk):
    conversation = talk()
    page = open_inbox(conversation)
    expect(bubble(page, "Do you deliver?")).to_be_visible()
    page.context.set_offline(True)
    conversation.visitor_says("Said while you were away")
    page.context.set_offline(False)
    expect(bubble(page, "Said while you were away")).to_be_visible()


def test_earlier_messages_load_above_without_moving_the_text(open_inbox, talk):
    conversation = talk("message 1")
    for number in range(2, 90):
        conversation.visitor_says(f"message {number}")
    page = open_inbox(conversation)
    expect(bubble(page, "message 89")).to_be_visible()
    page.get_by_role("link", name="Show earlier messages").click()
    expect(page.locator(".message[data-position]")).to_have_count(89)
    expect(page.locator(".message-day")).to_have_count(1)
    expect(bubble(page, "message 30").first).to_be_in_viewport()


def test_a_phone_shows_one_thing_at_a_time(open_inbox, talk):
    conversation = talk()
    conversation.do(services.request_person)
    page = open_inbox(width=360, height=640)
    expect(page.locator(".conversation")).to_have_count(0)
    page.locator(".inbox-row").click()
    expect(composer(page)).to_be_visible()
    expect(page.locator(".inbox-row")).to_be_hidden()
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    page.get_by_role("link", name="About Visitor").click()
    expect(page.get_by_text("First seen")).to_be_visible()
    page.go_back()
    page.get_by_role("link", name="Back to the list").click()
    expect(page.locator(".inbox-row")).to_be_visible()


def test_without_scripts_the_forms_work(live, open_browser, cast, talk, log_in):
    conversation = talk()
    state = log_in(cast.owner).context.storage_state()
    page = open_browser(java_script_enabled=False, storage_state=state).new_page()
    page.goto(f"{live.url}/b/{cast.slug}/inbox/{conversation.id}")
    composer(page).fill("Written by a plain form")
    page.get_by_role("button", name="Send").click()
    expect(bubble(page, "Written by a plain form")).to_be_visible()
    page.get_by_role("button", name="Resolve").click()
    expect(page.get_by_text("Resolved by you")).to_be_visible()
    page.get_by_role("button", name="Reopen").click()
    expect(page.get_by_text("The assistant is answering")).to_be_visible()
