"""Contacts in a browser, by keyboard and on a phone: from a chat to one person with a history."""

import re
from collections.abc import Callable
from typing import Any

from flask import Flask
from playwright.sync_api import Page, expect

from app.contacts.services import Details
from app.conversations import people
from tests.conftest import Cast
from tests.conversations.conftest import Talk
from tests.system.axe import BYPASSING, violations

ANA = Details("Ana", None, "+442079460018")


def test_two_become_one_person_and_can_be_parted(
    app: Flask, cast: Cast, live: Any, log_in: Callable[..., Page]
) -> None:
    Talk(app, cast, "Do you deliver?").do(people.introduce, None, ANA)
    page = log_in(cast.owner, width=390, height=800, **BYPASSING)
    page.goto(f"{live.url}/b/{cast.slug}/contacts/")
    page.get_by_role("link", name="New contact").click()
    page.get_by_label("Name").fill("Anna Schmidt")
    page.get_by_label("E-mail").fill("anna@example")
    page.get_by_label("E-mail").press("Enter")
    expect(page.locator(".field-error")).to_contain_text("This is no e-mail address")
    page.get_by_label("E-mail").fill("anna@example.com")
    page.get_by_role("button", name="Add contact").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Schmidt")
    page.get_by_label("New note").fill("Likes <b>roses</b>")
    page.get_by_role("button", name="Add note").click()
    page.get_by_label("Add a tag").fill("VIP")
    page.get_by_label("Add a tag").press("Enter")
    expect(page.locator("#tags")).to_contain_text("VIP")
    assert violations(page) == []
    page.get_by_label("More", exact=True).press("Enter")
    page.get_by_role("link", name="Merge with…").click()
    page.get_by_label("Name, e-mail or phone").press_sequentially("an")
    page.get_by_role("link", name=re.compile("^A Ana|^Ana")).click()
    page.get_by_role("radio", name="Ana of Ana").check()
    assert violations(page) == []
    page.get_by_role("button", name="Merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Ana")
    expect(page.locator("#timeline")).to_contain_text("Started a conversation")
    assert page.evaluate("document.documentElement.scrollWidth") == 390
    page.get_by_role("button", name="Undo").click()
    page.get_by_role("dialog").get_by_role("button", name="Undo merge").click()
    expect(page.get_by_role("heading", level=1)).to_have_text("Anna Schmidt")
    page.get_by_role("link", name="Contacts").first.click()
    expect(page.locator(".contacts-name")).to_have_count(2)
    page.get_by_role("searchbox").press_sequentially("ANNA")
    expect(page.locator(".contacts-name")).to_have_count(1)
    assert violations(page) == []
