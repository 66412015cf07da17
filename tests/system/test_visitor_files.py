"""A visitor's files, chats from before and own data, in a real browser with a network that goes away."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import BrowserContext, Page, expect

from tests.conftest import Cast
from tests.conversations.seeded import png
from tests.system.conftest import Live

PASTED_FROM_WORD = """() => {
    const pasted = new DataTransfer();
    pasted.setData("text/plain", "Prices");
    pasted.setData("text/html", "<p>Prices</p>");
    pasted.items.add(new File(["x"], "image.png", { type: "image/png" }));
    document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: pasted, cancelable: true }));
}"""


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


def menu(page: Page, item: str) -> None:
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name=item).click()


def test_a_visitors_own_things(chat: Page) -> None:
    sent = chat.locator("[data-log] article.message--visitor:not([data-pending])")
    say(chat, "When are you open?")
    expect(chat.locator("[data-log] article.message--assistant")).to_be_visible()
    menu(chat, "Start a new chat")
    expect(sent).to_have_count(0)
    # Without a way to the server, and through a reload: everything waits, and goes once and in order.
    cut = re.compile(r"/w/[^/]+/(messages|files|stream)")
    chat.context.route(cut, lambda route: route.abort())
    say(chat, "Look at this")
    attach(chat, ("fern.png", "image/png", png()), ("prices.pdf", "application/pdf", b"%PDF-1.7 x"))
    attach(chat, ("setup.exe", "application/x-msdownload", b"MZ"))
    expect(chat.get_by_role("alert")).to_contain_text("setup.exe can’t be sent here")
    chat.evaluate(PASTED_FROM_WORD)  # its words are meant, not the picture of them
    waiting = chat.locator("article[data-pending]")
    expect(waiting).to_have_count(3)
    chat.reload()
    expect(waiting).to_have_count(3)
    expect(waiting.nth(1).locator("img")).to_be_visible()
    chat.context.unroute(cut)
    expect(sent).to_have_count(3)
    chat.reload()
    expect(sent).to_have_count(3)
    expect(sent.nth(0)).to_contain_text("Look at this")
    expect(sent.nth(1).locator("img")).to_be_visible()
    expect(sent.nth(2)).to_contain_text("prices.pdf")
    menu(chat, "Earlier chats")
    expect(chat.locator("[data-talk]")).to_have_count(1)
    chat.locator("[data-talk]").click()
    expect(chat.locator(".past")).to_contain_text("When are you open?")
    chat.keyboard.press("Escape")
    expect(chat.locator("[data-talk]")).to_be_visible()
    chat.keyboard.press("Escape")
    expect(chat.get_by_role("button", name="Menu")).to_be_focused()
    menu(chat, "Keep this chat")
    with chat.expect_download() as download:
        chat.get_by_role("button", name="Download it as a text").click()
    assert "[File: fern.png]" in download.value.path().read_text()
    chat.keyboard.press("Escape")
    menu(chat, "Delete my data")
    chat.get_by_role("button", name="Delete everything").click()
    expect(chat.get_by_text("Everything you wrote here has been deleted.")).to_be_visible()
    expect(sent).to_have_count(0)
