"""The page of what the assistant costs: axe finds nothing to mend, and it fits the narrowest phone."""

import pytest

from app.assistant import budgets, troubles
from app.assistant.models import ModelCall
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from tests.casting import PASSWORD
from tests.system.axe import BYPASSING, violations


@pytest.fixture
def spent(app, cast):
    with app.app_context(), cast.scope(), unit_of_work():
        for error in (None, "Claude is overloaded."):
            db.session.add(
                ModelCall(
                    purpose="answer", provider="claude", model="claude-haiku-5-5", prompt_version="1",
                    reserved_micros=9_000, cost_micros=3_000, input_tokens=1_200, cached_tokens=0,
                    stored_tokens=0, output_tokens=90, latency_ms=900, stop_reason="done", error=error,
                )
            )  # fmt: skip
        budgets.change_caps(100, 50)
        budgets.settle(budgets.claim(900_000, 0), 900_000)
        troubles.note("claude", "overloaded", "Claude is overloaded.")
    return cast


@pytest.mark.parametrize("width", [360, 1280])
def test_the_page(live, open_browser, spent, width):
    page = open_browser(width=width, **BYPASSING).new_page()
    page.goto(f"{live.url}/login")
    page.get_by_label("E-mail").fill(spent.owner.email)
    page.get_by_label("Password", exact=True).fill(PASSWORD)
    page.get_by_role("button", name="Log in").click()
    page.wait_for_url("**/b/**")
    page.goto(f"{live.url}/b/{spent.slug}/assistant/spending/")
    assert violations(page) == []
    assert page.evaluate("document.documentElement.scrollWidth") == width
    page.get_by_label("At most in a month").fill("a lot")
    page.get_by_role("button", name="Save").press("Enter")
    page.get_by_text("Not saved yet").wait_for()
    assert page.get_by_label("At most in a month").input_value() == "a lot"
    assert violations(page) == []
    page.locator(".bars a").first.press("Enter")
    page.get_by_role("heading", name="Calls on").wait_for()
