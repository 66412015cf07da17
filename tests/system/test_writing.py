"""Two members write in one conversation, and the visitor at the other end: everything that helps them do so."""

from collections.abc import Callable
from typing import Any

import pytest
from flask import Flask
from playwright.sync_api import Page, Response, expect
from sqlalchemy import select, update

from app.accounts.models import User
from app.businesses.models import Membership
from app.conversations import canned
from app.extensions import db
from tests.conftest import Cast
from tests.conversations.conftest import Talk


@pytest.fixture
def talk(app: Flask, cast: Cast) -> Talk:
    return Talk(app, cast, "Do you deliver?")


@pytest.fixture
def desk(log_in: Callable[..., Page], live: Any, cast: Cast, talk: Talk) -> Callable[..., Page]:
    def open_at(person: Any, **options: Any) -> Page:
        page = log_in(person, **options)
        page.goto(f"{live.url}/b/{cast.slug}/inbox/{talk.id}")
        return page

    return open_at


def composer(page: Page) -> Any:
    return page.locator("[data-composer] textarea")


def bubbles(page: Page) -> Any:
    return page.locator(".message--member .message-bubble")


def prepare(talk: Talk, cast: Cast) -> None:
    """The owner can take back for ten seconds; one reply is kept."""
    with talk.work():
        mine = update(Membership).where(Membership.user_id == cast.owner.id)
        db.session.execute(mine.values(undo_seconds=10))
        owner = db.session.scalars(select(User).where(User.id == cast.owner.id)).one()
        body = "Hello {{ contact.first_name | there }}, call [x] or {{ contact.phone }}."
        canned.create(owner, is_shared=True, shortcut="call", title="Call us", body=body)


def test_two_members_write(desk, cast, talk):
    prepare(talk, cast)
    owner, agent = desk(cast.owner), desk(cast.agent)

    # Who else is there, and who writes.
    expect(owner.get_by_text("Agent Person is looking at this too")).to_be_attached()
    composer(owner).press_sequentially("Yes, we do")
    expect(agent.get_by_text("Olivia is typing…")).to_be_visible()

    # It waits, is taken back by key, and outlives a reload.
    composer(owner).press("Enter")
    expect(owner.get_by_role("button", name="Undo")).to_be_visible()
    expect(owner.locator("[data-pending]")).to_have_count(0)
    expect(bubbles(agent)).to_have_count(0)
    composer(owner).press("Control+z")
    expect(composer(owner)).to_have_value("Yes, we do")
    expect(composer(owner)).to_be_focused()
    with owner.expect_response(lambda answer: saves(answer, "Yes, we do, daily")):
        composer(owner).press_sequentially(", daily")
    owner.reload()
    expect(composer(owner)).to_have_value("Yes, we do, daily")

    # A note has words of its own and names a colleague.
    owner.get_by_text("Note", exact=True).click()
    expect(composer(owner)).to_have_value("")
    composer(owner).press_sequentially("Ask @age")
    expect(owner.get_by_role("option", name="Agent Person")).to_be_visible()
    composer(owner).press("Tab")
    expect(composer(owner)).to_have_value("Ask @Agent Person ")
    composer(owner).press("Enter")
    expect(agent.locator(".mention.is-me")).to_have_text("@Agent Person")

    # Somebody was quicker: look first, then send all the same.
    owner.get_by_text("Reply", exact=True).click()
    expect(composer(owner)).to_have_value("Yes, we do, daily")
    composer(owner).press("End")
    composer(owner).press_sequentially("!")
    composer(agent).fill("I have it")
    composer(agent).press("Enter")
    expect(bubbles(owner)).to_have_text(["I have it"])
    composer(owner).press("Enter")
    expect(owner.get_by_text("look first.")).to_be_visible()
    owner.get_by_role("button", name="Send anyway").click()
    expect(owner.get_by_role("button", name="Undo")).to_be_visible()
    owner.get_by_role("button", name="Undo").click()
    expect(composer(owner)).to_have_value("Yes, we do, daily!")

    # A kept reply marks what isn't known, and nothing goes out with a gap.
    composer(owner).fill("/ca")
    expect(owner.get_by_role("option", name="Call us")).to_be_visible()
    composer(owner).press("Enter")
    expect(composer(owner)).to_have_value("Hello there, call [x] or [phone number].")
    expect(owner.get_by_text("Their phone number isn’t known")).to_be_visible()
    composer(owner).fill("Shall I call you?")

    # For later: both see it, and it is dropped when they write first.
    owner.get_by_label("Send later").click()
    owner.get_by_role("button", name="Tomorrow").click()
    for page in (owner, agent):
        expect(page.locator(".scheduled-row")).to_contain_text("Shall I call you?")
    expect(owner.locator("[data-pending]")).to_have_count(0)
    expect(composer(owner)).to_have_value("")
    talk.visitor_says("Call me!")
    for page in (owner, agent):
        expect(page.locator(".scheduled-row")).to_have_count(0)
    expect(owner.get_by_text("Your message for later was dropped")).to_be_visible()


def saves(answer: Response, words: str) -> bool:
    return answer.url.endswith("/draft") and words in (answer.request.post_data or "")
