"""The chat on somebody else's website, in a real browser."""

import json
import re
from collections.abc import Callable
from datetime import timedelta

import jwt
import pytest
from flask import Flask
from playwright.sync_api import BrowserContext, FrameLocator, Locator, Page, Request, expect
from sqlalchemy import select

from app.accounts.models import User
from app.channels import website_identity
from app.channels.models import Channel
from app.channels.website import WebsiteSettings
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.knowledge import services as knowledge
from tests.conftest import Cast
from tests.system.conftest import Live

OpenBrowser = Callable[..., BrowserContext]
CHAT_LIMIT = 40 * 1024
STORAGE_DENIED = """if (window !== window.parent) Object.defineProperty(window, "localStorage", {
    get() { throw new DOMException("denied", "SecurityError") } })"""


@pytest.fixture
def page(open_browser: OpenBrowser, shop: str) -> Page:
    """A visitor on the shop's page, who has not clicked anything."""
    page = open_browser().new_page()
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    return page


@pytest.fixture
def write_as_owner(app: Flask, cast: Cast) -> Callable[[str], None]:
    """Reply in the business's one conversation."""

    def write(text: str) -> None:
        with app.app_context(), cast.scope(), unit_of_work():
            conversation = db.session.scalars(select(Conversation)).one()
            owner = db.session.get_one(User, cast.owner.id)
            conversations.reply(conversation, owner, text, f"reply-{text}")

    return write


def launcher(page: Page) -> Locator:
    return page.get_by_role("button", name="Chat with Test Shop")


def chat(page: Page) -> FrameLocator:
    return page.frame_locator("frontdesk-chat iframe")


def log(page: Page) -> Locator:
    return chat(page).get_by_role("log")


def field(page: Page) -> Locator:
    return chat(page).get_by_label("Your message")


def open_chat(page: Page) -> None:
    launcher(page).click()
    expect(field(page)).to_be_focused()


def say(page: Page, text: str) -> None:
    field(page).fill(text)
    field(page).press("Enter")


def sent(page: Page, text: str) -> Locator:
    """The visitor's message, once the server has it."""
    return log(page).locator("article.message--visitor:not([data-pending])").filter(has_text=text)


def test_nothing_happens_before_the_first_click(
    open_browser: OpenBrowser, live: Live, shop: str, cast: Cast
) -> None:
    context = open_browser()
    page = context.new_page()
    asked: list[str] = []
    page.on("request", lambda request: asked.append(request.url))
    page.goto(shop)
    expect(launcher(page)).to_be_visible()
    loader = f"{live.url}/w/{cast.website_key}/loader.js"
    page.add_script_tag(url=loader)  # a second snippet
    expect(page.locator("frontdesk-chat")).to_have_count(1)
    assert {url for url in asked if url.startswith(live.url)} == {loader}
    assert page.locator("iframe").count() == 0
    assert context.cookies() == []
    assert page.evaluate("[localStorage.length, sessionStorage.length]") == [0, 0]
    launcher(page).click()
    expect(page.locator("frontdesk-chat iframe")).to_be_visible()
    assert context.cookies() == []


def test_a_visitor_asks_and_reads_the_source(page: Page, app: Flask, cast: Cast) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        knowledge.add_question(
            "Do you deliver on Sundays?", "No, from Monday to Saturday only.", None
        )
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108 - it sets attributes on the listener
    expect_suggestion(page, "Do you deliver on Sundays?").click()
    answer = log(page).locator("article.message--assistant")
    expect(answer).to_contain_text("from Monday to Saturday only")
    sizes = [request.sizes() for request in loaded if "/stream" not in request.url]
    assert sum(size["responseBodySize"] for size in sizes) <= CHAT_LIMIT
    with page.expect_popup() as popup:
        answer.get_by_role("link").first.click()
    expect(popup.value.locator("blockquote")).to_contain_text("from Monday to Saturday only")
    before = log(page).inner_text()
    page.reload()
    open_chat(page)
    expect(log(page)).to_have_text(re.compile("Do you deliver on Sundays"))
    assert log(page).inner_text() == before


def expect_suggestion(page: Page, question: str) -> Locator:
    """The knowledge is being read while the page is open: reopen until the question is suggested."""
    suggestion = chat(page).get_by_role("button", name=question)
    for _ in range(40):
        open_chat(page)
        if suggestion.count():
            return suggestion
        page.wait_for_timeout(250)
        page.reload()
    raise AssertionError("the question was never suggested")


def test_the_keyboard_opens_asks_and_closes_and_the_launcher_counts_what_comes(
    page: Page, write_as_owner: Callable[[str], None]
) -> None:
    launcher(page).focus()
    page.keyboard.press("Enter")
    expect(field(page)).to_be_focused()
    page.keyboard.type("Is somebody there?")
    page.keyboard.press("Enter")
    expect(sent(page, "Is somebody there?")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator("frontdesk-chat iframe")).to_be_hidden()
    expect(launcher(page)).to_be_focused()
    write_as_owner("Yes, Olivia here.")
    expect(
        page.get_by_role("button", name=re.compile(r"Chat with Test Shop \([12]\)"))
    ).to_be_visible()
    page.keyboard.press("Enter")
    expect(log(page)).to_contain_text("Yes, Olivia here.")
    expect(page.get_by_role("button", name="Chat with Test Shop", exact=True)).to_be_visible()


def test_a_message_written_offline_is_shown_as_waiting_and_sent_once(
    page: Page, app: Flask, cast: Cast
) -> None:
    open_chat(page)
    say(page, "Hello")
    expect(sent(page, "Hello")).to_be_visible()
    page.context.set_offline(True)
    say(page, "Written in the tunnel")
    expect(chat(page).get_by_text("Waiting for a connection")).to_be_visible()
    with page.expect_request(re.compile(r"/stream$")):  # none from before is trusted
        page.context.set_offline(False)
    expect(sent(page, "Written in the tunnel")).to_have_count(1)
    page.reload()
    open_chat(page)
    expect(sent(page, "Written in the tunnel")).to_have_count(1)


def test_a_refused_message_keeps_its_text_and_can_be_sent_again(page: Page) -> None:
    open_chat(page)
    refusal = {"error": {"code": "no", "message": "Not like this."}}
    messages = re.compile(r"/messages$")
    page.route(messages, lambda route: route.fulfill(status=422, json=refusal))
    say(page, "Hello")
    expect(chat(page).get_by_text("Not like this.")).to_be_visible()
    page.unroute(messages)
    chat(page).get_by_role("button", name="Retry").click()
    expect(sent(page, "Hello")).to_have_count(1)


def test_a_text_that_is_too_long_is_kept_and_explained(page: Page) -> None:
    open_chat(page)
    long = "word " * 500
    say(page, long)
    expect(chat(page).get_by_role("alert")).to_contain_text("up to 2,000")
    expect(field(page)).to_have_value(long)
    expect(log(page).locator("article")).to_have_count(0)


def test_a_person_can_be_asked_for_at_any_time(page: Page) -> None:
    open_chat(page)
    chat(page).get_by_role("button", name="Menu").click()
    chat(page).get_by_role("button", name="Talk to a person").click()
    expect(log(page)).to_contain_text("You asked for a person.")
    expect(chat(page).get_by_role("heading").locator("+ p")).to_have_text(
        "The team has been called"
    )


def test_the_owners_preview_can_start_over(
    open_browser: OpenBrowser, live: Live, cast: Cast
) -> None:
    page = open_browser().new_page()
    page.goto(f"{live.url}/w/{cast.preview_key}")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Talk to a person").click()
    expect(page.get_by_role("log")).to_contain_text("You asked for a person.")
    page.get_by_role("button", name="Menu").click()
    page.get_by_role("button", name="Start over").click()
    expect(page.get_by_text("The AI assistant replies at once")).to_be_visible()
    expect(page.get_by_role("log").locator("article")).to_have_count(0)


def test_where_the_frame_may_store_nothing_the_page_keeps_the_visitor(
    open_browser: OpenBrowser, shop: str
) -> None:
    context = open_browser()
    context.add_init_script(STORAGE_DENIED)
    page = context.new_page()
    page.goto(shop)
    assert page.evaluate("localStorage.length") == 0
    open_chat(page)
    say(page, "Remember me")
    expect(sent(page, "Remember me")).to_be_visible()
    page.reload()
    open_chat(page)
    expect(sent(page, "Remember me")).to_be_visible()


def test_a_visitor_who_is_not_known_any_more_is_told_so(page: Page, cast: Cast) -> None:
    open_chat(page)
    say(page, "Hello")
    expect(sent(page, "Hello")).to_be_visible()
    name = f"frontdesk.{cast.website_key}.session"
    frame = next(frame for frame in page.frames if "/w/" in frame.url)
    frame.evaluate(
        """name => localStorage.setItem(name, JSON.stringify(
            {...JSON.parse(localStorage.getItem(name)), token: "forged"}))""",
        name,
    )
    page.reload()
    open_chat(page)
    expect(log(page)).to_contain_text("Your earlier conversation has ended")
    say(page, "Hello again")
    expect(sent(page, "Hello again")).to_be_visible()


def test_a_site_that_is_not_allowed_learns_why(
    open_browser: OpenBrowser, shop: str, app: Flask, cast: Cast
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        Channel.of_kind("website").allowed_sites = ["https://elsewhere.example"]
    page = open_browser().new_page()
    page.clock.install()
    page.goto(shop)
    lines: list[str] = []
    page.on("console", lambda message: lines.append(message.text))
    launcher(page).click()
    page.clock.fast_forward(9_000)
    expect(page.get_by_text("can’t open here")).to_be_visible()
    assert any(f"did not open on {shop}" in line and "Allowed websites" in line for line in lines)


def test_who_must_agree_first_is_asked_and_asked_no_more(
    open_browser: OpenBrowser, shop: str, app: Flask, cast: Cast
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        WebsiteSettings(consent_required=True).keep_in(Channel.of_kind("website"))
    page = open_browser().new_page()
    page.goto(shop)
    launcher(page).click()
    agree = chat(page).get_by_role("button", name="I agree")
    expect(agree).to_be_visible()
    expect(field(page)).to_be_hidden()
    agree.click()
    expect(field(page)).to_be_focused()
    say(page, "Hello")
    expect(sent(page, "Hello")).to_be_visible()
    page.reload()
    open_chat(page)
    expect(agree).to_be_hidden()


API = """window.Frontdesk = [];
    window.heard = [];
    for (const each of ["ready", "open", "close", "unread", "message", "error"])
        Frontdesk.push(["on", each, ({ detail }) => heard.push([each, detail?.direction])]);
    Frontdesk.push(["setAttributes", { plan: "gold" }], ["identify", TOKEN], ["open"]);"""


def test_the_page_says_who_is_there_and_hears_what_happens(
    open_browser: OpenBrowser, shop: str, app: Flask, cast: Cast
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        secret = website_identity.make(Channel.of_kind("website"))
    claims = {"sub": "7", "name": "Anna Ford", "exp": now() + timedelta(hours=1)}
    script = API.replace("TOKEN", json.dumps(jwt.encode(claims, secret, algorithm="HS256")))
    devices = []
    for _ in range(2):
        context = open_browser()
        page = context.new_page()
        page.add_init_script(f"if (window === window.parent) {{ {script} }}")
        page.goto(shop)
        expect(field(page)).to_be_focused()
        devices.append(page)
    phone, laptop = devices
    say(phone, "From my phone")
    expect(sent(phone, "From my phone")).to_be_visible()
    laptop.reload()
    expect(sent(laptop, "From my phone")).to_be_visible()
    assert laptop.evaluate("localStorage.length") == 0
    heard = phone.evaluate("heard")
    assert [each for each in heard if each[0] != "unread" and each != ["message", "received"]] == [
        ["ready", None],
        ["open", None],
        ["message", "sent"],
    ]
    with app.app_context(), cast.scope():
        conversation = db.session.scalars(select(Conversation)).one()
        assert conversation.visitor.display_name == "Anna Ford"
    laptop.evaluate("Frontdesk.logout()")
    expect(field(laptop)).to_be_visible()
    expect(log(laptop).locator("article")).to_have_count(0)
    laptop.evaluate("Frontdesk.identify('forged')")
    laptop.wait_for_function("heard.some(([name]) => name === 'error')")
    laptop.evaluate("Frontdesk.destroy()")
    expect(laptop.locator("frontdesk-chat")).to_have_count(0)


def test_the_pages_own_styles_do_not_reach_the_launcher(
    open_browser: OpenBrowser, shop: str
) -> None:
    page = open_browser(width=390).new_page()
    page.goto(shop)
    page.add_style_tag(
        content="body * { width: 50% !important; transform: rotate(9deg) } "
        "body > * { position: static !important; display: block !important; opacity: .1 !important }"
    )
    box = launcher(page).bounding_box()
    assert box
    assert (box["width"], box["height"]) == (56, 56)
    launcher(page).click()
    expect(chat(page).get_by_role("heading", name="Test Shop")).to_be_visible()
    panel = page.locator("frontdesk-chat iframe").bounding_box()
    assert panel == {"x": 0, "y": 0, "width": 390, "height": 800}
