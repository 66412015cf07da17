"""axe-core finds nothing to mend on any page, in both themes."""

import time
from uuid import uuid4

import pytest

from app.channels.models import Channel
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.frontdesk import services as frontdesk
from app.knowledge import services as knowledge
from tests.casting import PASSWORD
from tests.system.axe import BYPASSING, violations

QUESTION = "Do you deliver on Tuesdays?"


@pytest.fixture
def taught(app, cast):
    with app.app_context(), cast.scope():
        with unit_of_work():
            source = knowledge.add_question(QUESTION, "Yes, for four pounds.", None)
        while source.status != "ready":  # the worker reads it
            db.session.rollback()
            time.sleep(0.05)
        with unit_of_work():
            frontdesk.receive(Channel.of_kind("website"), uuid4(), "Is zorbing insured?", "k0")
            frontdesk.receive(Channel.of_kind("website"), uuid4(), QUESTION, "k1")
    return cast


def test_the_dashboard(live, open_browser, taught):
    page = open_browser(**BYPASSING).new_page()
    for path in ("/signup", "/login"):
        page.goto(live.url + path)
        assert violations(page) == []
    page.get_by_label("E-mail").fill(taught.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/b/**")
    for path in (
        "/",
        "/knowledge/",
        "/assistant/",
        "/settings/website",
        "/settings/website/identity",
        "/settings/jobs",
        "/settings/hours",
        "/settings/channels/new/whatsapp",
        "/settings/profile",
        "/knowledge/upkeep/",
        "/inbox/",
    ):
        page.goto(f"{live.url}/b/{taught.slug}{path}")
        assert violations(page) == [], path
    page.goto(f"{live.url}/b/{taught.slug}/knowledge/gaps/")
    page.locator(".gap-head").click()
    page.get_by_role("button", name="Save and answer").wait_for()
    assert violations(page) == []
    page.goto(f"{live.url}/b/{taught.slug}/knowledge/checks/")
    page.get_by_text("Add a check", exact=True).click()
    page.get_by_label("Question").fill(QUESTION)
    page.get_by_label("The answer must contain").fill("five pounds")
    assert violations(page) == []
    page.get_by_role("button", name="Add check").click()
    page.locator(".check-row[data-state=red]").wait_for()
    assert violations(page) == []
    page.goto(f"{live.url}/b/{taught.slug}/assistant/bench/")
    page.get_by_text("A draft", exact=True).click()
    page.get_by_label("Your question").fill(QUESTION)
    page.get_by_role("button", name="Ask").click()
    page.get_by_text("What it did").click()
    page.get_by_role("link", name="Keep as a check").click()
    page.get_by_role("button", name="Keep as a check").wait_for()
    assert violations(page) == []
    page.goto(f"{live.url}/b/{taught.slug}/knowledge/search/?q={QUESTION}")
    page.get_by_text("It would answer").wait_for()
    assert violations(page) == []
    page.goto(f"{live.url}/b/{taught.slug}/inbox/")
    page.locator(".inbox-row").first.click()
    page.get_by_text("Yes, for four pounds.").last.wait_for()
    assert violations(page) == []
    page.get_by_text("Correct it").last.click()
    page.get_by_label("Answer").fill("Yes, for six pounds.")
    page.get_by_role("button", name="Save and ask again").click()
    page.get_by_text("Your answer is now what visitors get").wait_for()
    assert violations(page) == []
    page.get_by_text("Why this answer?").last.click()
    page.get_by_role("heading", name="What was found").wait_for()
    assert violations(page) == []


def test_the_chat(live, open_browser, taught):
    page = open_browser(width=390, **BYPASSING).new_page()
    page.goto(f"{live.url}/w/{taught.website_key}")
    page.get_by_role("textbox").fill(QUESTION)
    page.get_by_role("textbox").press("Enter")
    page.get_by_text("Yes, for four pounds.").first.wait_for()
    page.get_by_role("button", name="It didn’t help").click()
    page.get_by_role("form", name="What was wrong?").wait_for()
    assert violations(page) == []
    page.get_by_role("button", name="Not what I asked").click()
    page.get_by_text("Thank you for telling us.").wait_for()
    assert violations(page) == []


def test_the_check_would_find_something(live, open_browser):
    page = open_browser(**BYPASSING).new_page()
    page.goto(f"{live.url}/login")
    page.evaluate("document.body.append(Object.assign(new Image(), {src: '/favicon.ico'}))")
    assert "image-alt" in " ".join(violations(page))
