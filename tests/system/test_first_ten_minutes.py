"""From sign-up to the first answered visitor, as an owner does it in a browser."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

from app.demo.shop_server import serve
from app.knowledge.parsing.limits import MAX_FILE_BYTES
from tests.conftest import Cast
from tests.system.conftest import Live, unique

DELIVERY = "We deliver plants within twenty kilometres on Tuesdays and Fridays for six pounds.\n"


def sign_up(page: Page, live: Live) -> None:
    page.goto(f"{live.url}/signup")
    page.get_by_label("Your name").fill("Ana Ruiz")
    page.get_by_label("E-mail").fill(f"{unique('ana')}@example.com")
    page.get_by_label("Password", exact=True).fill("a short sentence")
    page.get_by_label("Business name").fill("Salón <i>Ana</i>")
    page.get_by_role("button", name="Open account").click()
    page.wait_for_url("**/b/**")


def tick(page: Page, step: str) -> Locator:
    return page.locator(f"#step-{step} .is-done")


def ask(page: Page, text: str) -> None:
    chat = page.frame_locator(".try-frame")
    chat.get_by_label("Your message").fill(text)
    chat.get_by_role("button", name="Send", exact=True).click()


@pytest.fixture
def open_start(log_in: Callable[..., Page], live: Live, cast: Cast) -> Callable[..., Page]:
    """The owner's start page, in a browser of its own."""

    def open_at(**options: Any) -> Page:
        page = log_in(cast.owner, **options)
        page.goto(f"{live.url}/b/{cast.slug}/")
        return page

    return open_at


def row(page: Page, name: str) -> Locator:
    return page.locator(".source-row").filter(has_text=name)


@pytest.mark.parametrize("width", [1280, 390])
def test_an_owner_is_answering_visitors_within_ten_minutes(
    live: Live, open_browser: Callable[..., BrowserContext], tmp_path: Path, width: int
) -> None:
    page = open_browser(width=width).new_page()
    sign_up(page, live)
    expect(page.get_by_role("heading", name="Teach me your business")).to_be_visible()
    expect(page.locator(".is-done")).to_have_count(0)

    (tmp_path / "delivery.txt").write_text(DELIVERY)
    (tmp_path / "broken.pdf").write_bytes(b"%PDF-1.4 and then nothing")
    page.locator("input[type=file]").set_input_files(
        [tmp_path / "delivery.txt", tmp_path / "broken.pdf"]
    )
    expect(row(page, "delivery.txt")).to_contain_text("Ready · 1 passage")
    expect(row(page, "broken.pdf")).to_contain_text("damaged or incomplete")
    expect(tick(page, "knowledge")).to_be_visible()

    page.get_by_label("Question").fill("Do you wrap gifts?")
    page.get_by_label("Answer").fill("Yes, we wrap every gift for free.")
    page.get_by_role("button", name="Save answer").click()
    expect(page.get_by_text("Your answer is saved.")).to_be_visible()
    expect(page.get_by_label("Question")).to_have_value("")
    expect(row(page, "Do you wrap gifts?")).to_contain_text("Ready")

    ask(page, "Do you deliver plants?")
    chat = page.frame_locator(".try-frame")
    expect(chat.locator("article.message--assistant")).to_contain_text("Tuesdays and Fridays")
    expect(chat.get_by_role("list", name="Sources").get_by_role("link")).to_contain_text("delivery")
    expect(tick(page, "preview")).to_be_visible()

    expect(tick(page, "website")).to_have_count(0)
    visit(open_browser, page.locator("#snippet").inner_text())
    expect(tick(page, "website")).to_be_visible()
    page.get_by_role("link", name="Open the inbox").click()
    expect(page.locator(".inbox-row")).to_contain_text("for free")


def visit(open_browser: Callable[..., BrowserContext], snippet: str) -> None:
    """Somebody asks on a website that carries the snippet as it was copied."""
    shop = serve(0, snippet)
    page = open_browser().new_page()
    page.goto(f"http://127.0.0.1:{shop.server_address[1]}")
    page.get_by_role("button", name="Chat with").click()
    chat = page.frame_locator("iframe")
    chat.get_by_label("Your message").fill("Do you wrap gifts?")
    chat.get_by_role("button", name="Send", exact=True).click()
    expect(chat.locator("article.message--assistant")).to_contain_text("for free")
    shop.shutdown()


def test_a_file_that_was_there_already_is_said_kindly(
    open_start: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_start()
    for name in ("delivery.txt", "copy of delivery.txt"):
        (tmp_path / name).write_text(DELIVERY)
        page.locator("input[type=file]").set_input_files(tmp_path / name)
    expect(page.get_by_text("“delivery.txt” was already here")).to_be_visible()
    expect(page.locator(".source-row")).to_have_count(1)


def test_what_can_not_be_added_is_named_and_the_rest_goes_on(
    open_start: Callable[..., Page], tmp_path: Path
) -> None:
    page = open_start()
    (tmp_path / "photo.exe").write_bytes(b"MZ")
    (tmp_path / "empty.txt").write_bytes(b"")
    (tmp_path / "huge.txt").write_bytes(b"x" * (MAX_FILE_BYTES + 1))
    (tmp_path / "good.txt").write_text(DELIVERY)
    names = ("photo.exe", "empty.txt", "huge.txt", "good.txt")
    page.locator("input[type=file]").set_input_files([tmp_path / name for name in names])
    refused = page.locator(".upload-item.is-refused")
    expect(refused).to_have_count(3)
    expect(refused.nth(0)).to_contain_text("can't be read")
    expect(refused.nth(1)).to_contain_text("is empty")
    expect(refused.nth(2)).to_contain_text("at most")
    expect(row(page, "good.txt")).to_contain_text("Ready")


def test_words_being_typed_survive_what_arrives_live(
    open_start: Callable[..., Page], tmp_path: Path
) -> None:
    page, other = open_start(), open_start()
    page.get_by_label("Question").fill("Do you wr")
    (tmp_path / "delivery.txt").write_text(DELIVERY)
    other.locator("input[type=file]").set_input_files(tmp_path / "delivery.txt")
    expect(row(page, "delivery.txt")).to_contain_text("Ready")
    expect(page.get_by_label("Question")).to_have_value("Do you wr")
    expect(page.get_by_label("Question")).to_be_focused()


def test_deleting_asks_once_and_the_row_goes_everywhere(
    open_start: Callable[..., Page], tmp_path: Path
) -> None:
    page, other = open_start(), open_start()
    (tmp_path / "delivery.txt").write_text(DELIVERY)
    page.locator("input[type=file]").set_input_files(tmp_path / "delivery.txt")
    expect(row(other, "delivery.txt")).to_contain_text("Ready")
    page.get_by_role("button", name="Delete “delivery.txt”").click()
    expect(page.get_by_role("dialog")).to_contain_text("Delete “delivery.txt”?")
    page.get_by_role("dialog").get_by_role("button", name="Cancel").click()
    expect(row(page, "delivery.txt")).to_be_visible()
    page.get_by_role("button", name="Delete “delivery.txt”").click()
    page.get_by_role("dialog").get_by_role("button", name="Delete").click()
    expect(page.get_by_text("“delivery.txt” is deleted.")).to_be_visible()
    expect(row(page, "delivery.txt")).to_have_count(0)
    expect(row(other, "delivery.txt")).to_have_count(0)


def test_a_file_can_be_dropped_and_a_list_narrowed_as_one_types(
    open_start: Callable[..., Page], live: Live, cast: Cast, tmp_path: Path
) -> None:
    page = open_start()
    page.goto(f"{live.url}/b/{cast.slug}/knowledge/")
    page.evaluate(DROP, {"name": "delivery.txt", "text": DELIVERY})
    page.evaluate(DROP, {"name": "roses.txt", "text": "Roses are five pounds each."})
    expect(page.locator(".source-row")).to_have_count(2)
    page.get_by_label("Find by name").fill("ROSE")
    expect(page.locator(".source-row")).to_have_count(1)
    expect(page).to_have_url(f"{live.url}/b/{cast.slug}/knowledge/?q=ROSE&show=all")
    page.get_by_label("Find by name").fill("")
    page.get_by_text("Questions", exact=True).click()
    expect(page.get_by_text("Nothing matches")).to_be_visible()


DROP = """({name, text}) => {
  const transfer = new DataTransfer();
  transfer.items.add(new File([text], name));
  const zone = document.querySelector("[data-upload]");
  zone.dispatchEvent(new DragEvent("drop", { bubbles: true, cancelable: true, dataTransfer: transfer }));
}"""


def test_the_snippet_is_copied_and_the_colour_shows_its_contrast(
    log_in: Callable[..., Page], live: Live, cast: Cast
) -> None:
    page = log_in(cast.owner, permissions=["clipboard-read", "clipboard-write"])
    page.goto(f"{live.url}/b/{cast.slug}/settings/website")
    page.get_by_role("button", name="Copy").click()
    expect(page.get_by_role("button", name="Copied")).to_be_visible()
    copied: Any = page.evaluate("navigator.clipboard.readText()")
    assert copied == f'<script async src="{live.url}/w/{cast.website_key}/loader.js"></script>'
    page.get_by_label("Colour", exact=True).fill("#ffee00")
    expect(page.get_by_text("Black words on it, contrast 17.5 to 1")).to_be_visible()
    page.get_by_role("button", name="Save").click()
    expect(page.get_by_text("Saved.")).to_be_visible()
    expect(page.get_by_label("Colour", exact=True)).to_have_value("#ffee00")


@pytest.mark.parametrize("path", ["", "knowledge/", "settings/website", "settings/jobs"])
def test_nothing_runs_off_a_narrow_phone(
    open_start: Callable[..., Page], live: Live, cast: Cast, path: str
) -> None:
    page = open_start(width=360)
    page.get_by_label("Question").fill("Donaudampfschifffahrtsgesellschaft" * 10)
    page.get_by_label("Answer").fill("Yes " + "W" * 400)
    page.get_by_role("button", name="Save answer").click()
    expect(page.get_by_text("Your answer is saved.")).to_be_visible()
    page.goto(f"{live.url}/b/{cast.slug}/{path}")
    expect(page.get_by_role("main")).to_be_visible()
    assert page.evaluate("document.documentElement.scrollWidth") <= 360
    main = page.get_by_role("main")
    assert main.evaluate("(one) => one.scrollWidth - one.clientWidth") == 0
