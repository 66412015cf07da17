"""A conversation on WhatsApp in a browser: files, quotes and buttons go out, and what changes shows by itself."""

import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import expect

from app.accounts.models import User
from app.channels.models import Delivery
from app.core import realtime
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.conversations import seeded

PICTURE = {"name": "tulips.png", "mimeType": "image/png", "buffer": seeded.png()}
PROGRAM = {"name": "virus.exe", "mimeType": "application/x-msdownload", "buffer": b"MZ"}


@pytest.fixture
def work(app, cast):
    """`work(do)`: in the business's scope, in a transaction of its own."""

    def run(do):
        with app.app_context(), cast.scope(), unit_of_work():
            return do()

    return run


def test_a_conversation_on_whatsapp(work, cast, live, log_in):
    def prepare():
        # Broken, so that the worker sends nothing.
        reached = seeded.talk_on(hours_left=21, state="broken", trouble="Meta says no.")
        message = seeded.goes(
            reached, db.session.get_one(User, cast.owner.id), "Yes, red ones", status="sent"
        )
        return reached, message.id

    reached, ours = work(prepare)
    page = log_in(cast.owner, bypass_csp=True)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/{reached.conversation_id}")
    words = page.get_by_role("textbox", name="Message")
    attach = page.locator("[data-composer-attach]")
    pending = page.locator("[data-pending]")

    words.fill("These?")
    attach.set_input_files(PROGRAM)
    expect(
        page.get_by_role("alert").filter(has_text="virus.exe can’t be sent here")
    ).to_be_visible()
    expect(words).to_have_value("These?")
    attach.set_input_files(PICTURE)
    expect(page.locator("[data-composer-file]")).to_contain_text("tulips.png")
    page.context.set_offline(True)
    page.get_by_role("button", name="Send", exact=True).click()
    expect(pending).to_contain_text("Not sent: no connection.")
    expect(pending).to_contain_text("tulips.png")
    page.context.set_offline(False)
    pending.get_by_role("button", name="Edit").click()
    expect(page.locator("[data-composer-file]")).to_be_visible()
    expect(words).to_have_value("These?")
    page.get_by_role("button", name="Send", exact=True).click()
    picture = page.locator(".message--member .picture img")
    expect(picture).to_be_visible()
    expect(pending).to_have_count(0)
    expect(page.locator("[data-composer-file]")).to_be_hidden()
    page.wait_for_function("document.querySelector('.picture img').naturalWidth === 48")

    page.get_by_text("Do you have tulips?").last.hover()
    page.get_by_role("link", name="Reply to this message").first.click()
    expect(page.locator("[data-composer-quote]")).to_contain_text("Do you have tulips?")
    page.get_by_label("Add to the message").click()
    page.get_by_text("Quick buttons").click()
    words.fill("Which day?")
    page.get_by_label("Button 1").fill("Friday")
    words.press("Enter")
    bubble = page.locator(".message--member").filter(has_text="Which day?")
    expect(bubble.locator(".message-answers")).to_have_text("Friday")
    expect(page.get_by_label("Button 1")).to_be_hidden()
    bubble.locator(".message-quote").click()
    expect(page.locator(".message.is-found")).to_contain_text("Do you have tulips?")

    def changes():
        business = f"business:{cast.business_id}"
        delivery = Delivery.of_messages([ours])[ours]
        delivery.status = "read"
        first = reached.conversation.newest_messages()[0]
        first.body = "Do you have roses?"
        realtime.publish(business, name=f"deliveries-{reached.conversation_id}")
        realtime.publish(business, name=f"changed-{reached.conversation_id}", message=first.id)

    work(changes)
    expect(page.locator(f"#delivery_{ours}").get_by_role("img", name="Read")).to_have_count(1)
    expect(page.locator(".message--visitor").first).to_contain_text("roses")
    found = Axe().run(page).response["violations"]
    assert [(each["id"], each["nodes"][0]["target"]) for each in found] == []
