"""The contact's card in a browser: live, and never under the hands of who types."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.contacts.services import Details
from app.conversations import people
from tests.conftest import Cast
from tests.conversations.conftest import Talk
from tests.system.axe import BYPASSING, violations

ANNA = Details("Anna Schmidt", "anna@example.com", "+442079460018")


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Callable[..., Talk]:
    def begin(**details: str) -> Talk:
        talk = Talk(app, cast, "Do you deliver?")
        if details:
            talk.do(people.introduce, None, Details(**details))
        return talk

    return begin


@pytest.fixture
def open_card(log_in: Callable[..., Page], live: Any, cast: Cast) -> Callable[..., Page]:
    def open_at(talk: Talk, pane: str = "", **options: Any) -> Page:
        page = log_in(cast.owner, **options)
        page.goto(f"{live.url}/b/{cast.slug}/inbox/{talk.id}{pane}")
        return page

    return open_at


def card(page: Page) -> Any:
    return page.get_by_role("complementary", name="About")


def test_what_a_visitor_says_appears_and_leaves_what_is_typed_alone(open_card, talk):
    conversation = talk()
    page = open_card(conversation)
    page.get_by_role("link", name="Add details").click()
    note = page.get_by_label("Good to know")
    note.fill("Wants the oak tab")
    conversation.do(people.introduce, None, ANNA)
    expect(page.locator(".inbox-row-name")).to_contain_text("Anna Schmidt")
    expect(page.locator(".conversation-title")).to_have_text("Anna Schmidt")
    expect(note).to_have_value("Wants the oak tab")
    expect(note).to_be_focused()
    page.get_by_role("link", name="Cancel").click()
    expect(card(page).get_by_text("anna@example.com")).to_be_visible()
    conversation.do(people.introduce, None, Details(email="anna@example.org"))
    expect(card(page).get_by_text("anna@example.org")).to_be_visible()


def test_a_wrong_number_is_mended_by_keyboard_on_a_phone(open_card, talk):
    conversation = talk(name="Anna")
    page = open_card(conversation, "?pane=contact", width=360, height=740)
    page.get_by_role("link", name="Add details").press("Enter")
    page.get_by_label("Phone").fill("020 7946 0018")
    page.get_by_label("Phone").press("Enter")
    expect(card(page).locator(".field-error")).to_contain_text("Which country is this number of?")
    expect(page.get_by_label("Phone")).to_have_value("020 7946 0018")
    page.get_by_label("Phone").fill("+44 20 7946 0018")
    page.get_by_label("Phone").press("Enter")
    expect(page.get_by_role("link", name="+44 20 7946 0018")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") == 360


def test_a_claim_is_decided_and_every_state_is_accessible(open_card, talk):
    talk().do(people.change, None, ANNA, "Likes roses.")
    claim = talk(name="Mallory", email="anna@example.com", phone="+442079460019")
    page = open_card(claim, width=1600, **BYPASSING)
    expect(card(page).get_by_text("Says to be Anna Schmidt")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="Somebody else").click()
    expect(card(page).get_by_text("Your team decided")).to_be_visible()
    assert violations(page) == []
    page.get_by_role("button", name="It is, after all").click()
    expect(page.locator(".conversation-title")).to_have_text("Anna Schmidt")
    page.get_by_role("link", name="Edit").click()
    page.get_by_label("E-mail").fill("anna@")
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Not saved yet")).to_be_visible()
    assert violations(page) == []
