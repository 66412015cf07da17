"""A visitor who speaks Arabic and holds a phone: agreed, asked, answered, and back by the link of a mail."""

from collections.abc import Callable

from flask import Flask
from playwright.sync_api import BrowserContext, Request, expect
from sqlalchemy import select

from app.accounts.models import User
from app.businesses import hours
from app.channels.models import Channel
from app.channels.website import Asked, WebsiteSettings
from app.conversations import services as conversations
from app.conversations.models import Conversation
from app.core.db import now
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.lib.hours import Range
from app.widget import links
from tests.conftest import Cast
from tests.system.axe import BYPASSING, violations
from tests.system.conftest import Live
from tests.system.test_processes import until

CHAT_LIMIT = 40 * 1024


def known(app: Flask, cast: Cast) -> tuple[str | None, str | None]:
    """Of the one visitor, whose details come after the first message."""
    with app.app_context(), cast.scope():
        visitor = db.session.scalars(select(Conversation)).one().visitor
        return visitor.name, visitor.language


def test_a_phone_in_arabic(
    app: Flask, cast: Cast, live: Live, shop: str, open_browser: Callable[..., BrowserContext]
) -> None:
    with app.app_context(), cast.scope(), unit_of_work():
        hours.change_week({(now().weekday() + 3) % 7: (Range(9 * 60, 17 * 60),)})
        asked = [Asked(kind="name", required=True), Asked(kind="email")]
        settings = WebsiteSettings(consent_required=True, asked=asked, asked_when="before")
        settings.keep_in(Channel.of_kind("website"))
    page = open_browser(width=360, height=700, locale="ar").new_page()
    page.goto(shop)
    loaded: list[Request] = []
    page.on("requestfinished", lambda request: loaded.append(request))  # noqa: PLW0108
    page.get_by_role("button", name="Chat with Test Shop").click()
    chat = page.frame_locator("frontdesk-chat iframe")
    expect(chat.locator("html")).to_have_attribute("dir", "rtl")
    expect(chat.locator(".header")).to_contain_text("نحن مغلقون الآن")
    expect(chat.locator("textarea")).to_be_hidden()
    chat.get_by_role("button", name="أوافق").click()
    chat.get_by_label("الاسم").fill("Amal")
    chat.get_by_label("البريد الإلكتروني").fill("amal@example.com")
    chat.get_by_role("button", name="متابعة").click()
    chat.locator("textarea").fill("Xyzzy plugh?")
    chat.locator("textarea").press("Enter")
    expect(chat.locator("article.message--assistant")).to_contain_text("لم أجد جوابًا")
    sizes = [request.sizes() for request in loaded if "/stream" not in request.url]
    assert sum(size["responseBodySize"] for size in sizes) <= CHAT_LIMIT

    frame = page.frame(url=lambda url: "/w/" in url)
    assert frame is not None
    first = chat.locator(".header .icon").first
    first.focus()
    page.keyboard.press("Shift+Tab")
    page.keyboard.press("Tab")  # around the corner, and back
    expect(first).to_be_focused()

    until(lambda: known(app, cast) == ("Amal", "ar"), "what was asked is kept")
    with app.app_context(), cast.scope(), unit_of_work():
        row = db.session.scalars(select(Conversation)).one()
        row.visitor.email = "amal@example.com"
        conversations.reply(row, db.session.get_one(User, cast.agent.id), "مرحبا", "r1")
    with page.expect_response(lambda response: response.url.endswith("/seen")):
        expect(chat.locator(".message--member")).to_be_visible()
    with app.app_context(), cast.scope():
        row = db.session.scalars(select(Conversation)).one()
        assert row.seen_at is not None
        link = f"{live.url}/w/{cast.website_key}#continue={links.token(row.channel, row.visitor)}"

    other = open_browser(locale="ar", **BYPASSING).new_page()
    other.goto(link)
    expect(other.locator("[data-aside-body]")).to_contain_text("a…@example.com")
    assert violations(other) == []
    expect(other.locator(".message--member")).to_have_count(0)
    other.locator("[data-aside-body] .agree").click()
    expect(other.locator(".message--member")).to_contain_text("مرحبا")
    assert "#" not in other.url
    assert violations(other) == []
