"""From a visitor's last word to the rate of the ledger, in a browser and without a reload."""

import time
from collections.abc import Callable
from uuid import uuid4

import pytest
from flask import Flask
from playwright.sync_api import Page, expect
from sqlalchemy import select

from app.channels.models import Channel
from app.conversations.models import Message
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.system.axe import BYPASSING, violations
from tests.system.conftest import Live

KNOWN, UNKNOWN = "When are you open?", "Do you sell chainsaws?"


@pytest.fixture
def talks(app: Flask, live: Live, cast: Cast) -> list[int]:
    """Two conversations, each answered by the assistant."""
    with app.app_context(), cast.scope():
        with unit_of_work():
            source = knowledge.add_question(KNOWN, "From nine to six.", None)
        while source.status != "ready":  # the worker reads it
            db.session.rollback()
            time.sleep(0.05)
        with unit_of_work():
            site = Channel.of_kind("website")
            asked = [frontdesk.receive(site, uuid4(), text, text)[0] for text in (KNOWN, UNKNOWN)]
            ids = [message.conversation_id for message in asked]
        answered = select(Message.id).where(
            Message.conversation_id.in_(ids), Message.author == "assistant"
        )
        while len(db.session.scalars(answered).all()) < len(ids):
            db.session.rollback()
            time.sleep(0.05)
        return ids


def resolve(page: Page, live: Live, cast: Cast, conversation_id: int) -> None:
    """The inbox goes on to the next row, on a phone to the list."""
    page.goto(f"{live.url}/b/{cast.slug}/inbox/{conversation_id}")
    page.get_by_role("button", name="Resolve").click()
    expect(page.locator(f"#pane_conversation_{conversation_id}")).to_have_count(0)


def test_an_owner_reads_why_and_rejects_and_the_rate_follows(
    log_in: Callable[..., Page], live: Live, cast: Cast, talks: list[int]
) -> None:
    ledger, inbox = log_in(cast.owner, **BYPASSING), log_in(cast.owner)
    ledger.goto(f"{live.url}/b/{cast.slug}/inbox/ledger/?period=30")
    expect(ledger.get_by_text("Nothing here")).to_be_visible()
    resolve(inbox, live, cast, talks[0])
    inbox.goto(f"{live.url}/b/{cast.slug}/inbox/{talks[0]}")
    expect(inbox.get_by_role("heading", name="How it ended")).to_be_visible()
    expect(inbox.locator(".contact-panel")).to_contain_text("Opening hours")
    rate = ledger.locator(".ledger-number")
    expect(rate).to_have_text("100 %")
    resolve(inbox, live, cast, talks[1])
    expect(rate).to_have_text("50 %")

    row = ledger.locator("details.gap").filter(has_text=KNOWN)
    row.locator("summary").focus()
    ledger.keyboard.press("Enter")
    expect(row.locator(".is-held")).to_have_count(10)
    assert violations(ledger) == []
    reason = row.get_by_label("Should this not count?")
    row.get_by_role("button", name="Reject").click()
    expect(row.get_by_role("alert")).to_contain_text("Say why")
    reason.fill("She called us afterwards.")
    reason.press("Enter")
    expect(row).to_contain_text("She called us afterwards.")
    expect(rate).to_have_text("0 %")
    expect(row.locator("summary")).to_contain_text("Rejected")
    ledger.get_by_role("button", name="Undo").click()
    expect(rate).to_have_text("50 %")
    expect(row.locator("summary")).not_to_contain_text("Rejected")
    expect(row.get_by_label("Should this not count?")).to_be_visible()

    ledger.get_by_text("Not resolved", exact=True).first.click()
    expect(ledger.locator("details.gap")).to_have_count(1)
    ledger.reload()
    expect(ledger.locator("details.gap")).to_contain_text(UNKNOWN)


def test_it_fits_a_phone_and_axe_finds_nothing(
    log_in: Callable[..., Page], live: Live, cast: Cast, talks: list[int]
) -> None:
    page = log_in(cast.owner, width=360, **BYPASSING)
    for talk in talks:
        page.goto(f"{live.url}/b/{cast.slug}/inbox/{talk}?pane=contact")
        resolve(page, live, cast, talk)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/ledger/?period=30")
    expect(page.locator("details.gap")).to_have_count(2)
    page.locator("summary.gap-head").first.click()
    expect(page.locator(".ledger-conditions")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    assert violations(page) == []
