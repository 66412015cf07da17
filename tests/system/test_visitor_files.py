"""A visitor's files, chats from before and own data, in a real browser with a network that goes away."""

from collections.abc import Callable
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import Cast
from tests.conversations.seeded import png
from tests.system.conftest import Live


@pytest.fixture
def chat(open_browser: Callable[..., BrowserContext], live: Live, cast: Cast) -> Page:
    """The chat on its own page, on a phone."""
    page = open_browser(390, 780).new_page()
    page.goto(f"{live.url}/w/{cast.website_key}")
    expect(page.get_by_label("Your message")).to_be_visible()
    return page


def say(page: Page, text: str) -> None:
    page.get_by_label("Your message").fill(text)
    page.get_by_label("Your message").press("Enter")


def attach(page: Page, *files: tuple[str, str, bytes]) -> None:
    chosen = [{"name": name, "mimeType": mime, "buffer": data} for name, mime, data in files]
    page.get_by_label("Send a file").set_input_files(chosen)


def test_files_wait_for_a_connection_and_go_once_and_in_order(chat: Page, tmp_path: Path) -> None:
    attach(chat, ("fern.png", "image/png", png()), ("prices.pdf", "application/pdf", b"%PDF-1.7 x"))
    sent = chat.locator("[data-log] article.message--visitor:not([data-pending])")
    expect(sent).to_have_count(2)
    chat.screenshot(path="/tmp/vf1.png")
