"""Search in a browser: while one types, by keyboard, and from the inbox."""

import pytest
from playwright.sync_api import expect

from app.core.unit_of_work import unit_of_work
from tests.search.conftest import contact, talk
from tests.system.axe import BYPASSING, violations


@pytest.fixture
def found(app, cast):
    with app.app_context(), cast.scope(), unit_of_work():
        contact("Maria Ruiz", email="maria@example.com", phone="+442079460018")
        contact("María del Carmen Fernández de la Vega y Montemayor-Santisteban")
        contact("محمد الأحمد")
        talk(
            "Does Maria still deliver tulips on Saturdays, and what would it cost to the old town?",
            name="Maria Moss",
        )
        talk("Call María back about the tulips", kind="note", name="محمد الأحمد")


def test_a_search_by_keyboard(live, cast, log_in, found):
    page = log_in(cast.owner, **BYPASSING)
    page.goto(f"{live.url}/b/{cast.slug}/inbox/")
    box = page.get_by_role("searchbox", name="Search contacts, conversations and messages")
    box.fill("mari")
    box.press("Enter")
    expect(page.get_by_role("heading", name="Contacts")).to_be_visible()
    box = page.get_by_role("searchbox")
    box.press("End")
    box.press_sequentially("a tulips")
    expect(page.locator(".search-row-words").first).to_contain_text("tulips")
    expect(page).to_have_url(f"{live.url}/b/{cast.slug}/search/?q=maria+tulips")
    assert violations(page) == []
    box.press("ArrowDown")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("ArrowUp")
    page.keyboard.press("Enter")
    page.wait_for_url("**/inbox/*")
    page.go_back()
    expect(page.get_by_role("searchbox")).to_have_value("maria tulips")
