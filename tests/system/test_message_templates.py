"""A template is written in a browser: the bubble follows, rows appear, nothing typed is lost."""

import pytest
from playwright.sync_api import expect

from app.channels.models import Channel, new_public_key
from app.extensions import db
from tests.system.axe import BYPASSING, violations


@pytest.fixture
def templates_url(live, cast, inside):
    with inside():
        db.session.add(
            Channel(
                kind="whatsapp", name="Shop", public_key=new_public_key(cast.business_id),
                external_id=f"number-{cast.business_id}", settings={"waba_id": "102290129340398"},
            )
        )  # fmt: skip
    return f"{live.url}/b/{cast.slug}/settings/templates"


def test_a_template_is_written_and_kept(templates_url, log_in, cast):
    page = log_in(cast.owner, width=360, **BYPASSING)
    page.goto(f"{templates_url}/new")
    page.get_by_label("Title").fill("Appointment reminder")
    page.get_by_label("Utility").check()
    page.get_by_label("Message").press_sequentially("Hello {{first_name}}, see you {{day}}")
    bubble = page.locator(".template-bubble")
    expect(bubble).to_contain_text("Hello Anna, see you {{day}}")
    expect(page.locator(".template-todo")).to_contain_text("can’t end with a variable")
    page.get_by_label("Message").press_sequentially(" at ten in our *shop* on the square")
    expect(bubble.locator("strong")).to_have_text("shop")
    page.locator("#variables-1-example").fill("on Tuesday")
    page.locator("#buttons-0-kind").select_option("URL")
    page.locator("#buttons-0-text").fill("Change it")
    address = page.locator("#buttons-0-value")
    address.press_sequentially("https://shop.example/b/{{1}}")
    page.locator("#buttons-0-example").fill("https://shop.example/b/7")
    expect(address).to_have_value("https://shop.example/b/{{1}}")
    expect(page.locator(".template-ready")).to_be_visible()
    expect(page.get_by_label("Message")).to_have_value(
        "Hello {{first_name}}, see you {{day}} at ten in our *shop* on the square"
    )
    assert page.evaluate("document.documentElement.scrollWidth") == 360
    assert violations(page) == []
    page.get_by_role("button", name="Save as a draft").click()
    expect(page.get_by_role("heading", name="Appointment reminder")).to_be_visible()
    assert violations(page) == []
