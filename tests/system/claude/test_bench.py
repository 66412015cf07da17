"""The owner tries the assistant in a browser before customers do."""

from collections.abc import Callable

import pytest
from flask import Flask
from playwright.sync_api import Page, expect

from app.core.unit_of_work import unit_of_work
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.standins.claude import Claude, calls, says
from tests.system.conftest import Live

WORKER_MS = 20_000  # it may be loading its model first
FACT = "We deliver to Ashcombe on Tuesdays and Fridays for £4.95."


@pytest.fixture
def taught(app: Flask, live: Live, cast: Cast, run_jobs: Callable[[], int]) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question("Do you deliver, and what does it cost?", FACT, None)
    run_jobs()


@pytest.mark.usefixtures("taught")
@pytest.mark.parametrize("width", [1280, 360])
def test_a_draft_is_tried_looked_into_kept_as_a_check_and_saved(
    log_in: Callable[..., Page], live: Live, cast: Cast, claude: Claude, width: int
) -> None:
    claude.script += [
        {"blocks": [calls("search_knowledge", query="delivery days")]},
        {"blocks": [says("It costs £4.95.", cites=(0,))]},
    ]
    page = log_in(cast.owner, width=width)
    page.goto(f"{live.url}/b/{cast.slug}/assistant/bench/")
    expect(page.get_by_label("Never say")).to_be_hidden()
    page.get_by_text("A draft", exact=True).click()
    page.get_by_text("Formal", exact=True).click()
    page.get_by_label("Never say").fill("best price")

    question = page.get_by_label("Your question")
    question.fill("How much is delivery to Ashcombe?")
    question.press("Enter")
    first = page.locator("#exchange-1")
    expect(first.get_by_text("It costs £4.95.")).to_be_visible(timeout=WORKER_MS)
    expect(page.get_by_label("Your question")).to_have_value("")
    expect(page.get_by_label("Your question")).to_be_focused()
    first.get_by_text("What it did").press("Enter")
    expect(first.get_by_text("Search your knowledge")).to_be_visible()
    expect(first.get_by_text(FACT)).to_be_visible()

    first.get_by_role("link", name="Keep as a check").press("Enter")
    first.get_by_label("The answer must contain").fill("£4.95")
    first.get_by_role("button", name="Keep as a check").click()
    expect(first.get_by_text("It is being asked now")).to_be_visible()

    claude.script.append({"blocks": [says("The best price in town.", cites=(0,))]})
    page.get_by_label("Your question").fill("Is that good?")
    page.get_by_role("button", name="Ask").click()
    second = page.locator("#exchange-2")
    expect(second.get_by_text("because “best price” stands under “Never say”")).to_be_visible()
    expect(first.get_by_text("It is being asked now")).to_be_visible()

    page.get_by_role("button", name="Save this persona").click()
    expect(page.get_by_text("Saved. Your assistant speaks like this")).to_be_visible()
    page.goto(f"{live.url}/b/{cast.slug}/assistant/")
    expect(page.get_by_label("Formal")).to_be_checked()
    overflow = "document.documentElement.scrollWidth - document.documentElement.clientWidth"
    assert page.evaluate(overflow) == 0
