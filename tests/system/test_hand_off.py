"""Who waits for a person, in a browser: on every page at once, until somebody comes; then the callback."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.conversations import callbacks
from tests.conftest import Cast
from tests.frontdesk.conftest import Waiting
from tests.system.axe import BYPASSING, violations

PHONE = "+442079460018"


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Waiting:
    return Waiting(app, cast, "Can I bring a plant back?")


def test_who_waits_shows_on_any_page_until_somebody_comes(
    live: Any, log_in: Callable[..., Page], cast: Cast, talk: Waiting
) -> None:
    page = log_in(cast.owner)
    page.goto(f"{live.url}/b/{cast.slug}/settings/hours")
    bar = page.locator("#waiting")
    expect(bar).to_be_empty()
    talk.ask_for_person()
    expect(bar).to_contain_text("is waiting for a person")
    expect(page.locator(".nav-link .count--red")).to_have_text("1 unread")
    expect(page).to_have_title("(1) Opening hours · Frontdesk")
    bar.get_by_role("link").click()
    expect(page.locator(".hand-off-card")).to_contain_text("The visitor asked for a person")
    page.get_by_role("button", name="Take over").click()
    expect(bar).to_be_empty()
    expect(page.locator(".hand-off-card")).to_contain_text("Can I bring a plant back?")


def test_a_callback_is_done_and_undone(
    live: Any, log_in: Callable[..., Page], cast: Cast, talk: Waiting
) -> None:
    page = log_in(cast.owner, width=360)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/")
    with talk.work():
        callbacks.leave(talk.row(), phone=PHONE, name="Anna", suits="tomorrow")
    page.get_by_role("link", name="1 callback to make").click()
    page.get_by_role("button", name="Done: Anna").click()
    expect(page.get_by_text("Nobody waits for a call")).to_be_visible()
    page.locator("#toasts").get_by_role("button", name="Undo").click()
    expect(page.get_by_text(PHONE)).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360


def test_the_pages_hold_to_the_rules_of_accessibility(
    live: Any, log_in: Callable[..., Page], cast: Cast, talk: Waiting
) -> None:
    talk.ask_for_person()
    with talk.work():
        callbacks.leave(talk.row(), phone=PHONE, name="Anna", suits="tomorrow", message="Please")
    page = log_in(cast.owner, **BYPASSING)
    for path in ("/settings/hand-off", "/callbacks/", "/callbacks/?show=done", f"/inbox/{talk.id}"):
        page.goto(f"{live.url}/b/{cast.slug}{path}")
        assert violations(page) == [], path
