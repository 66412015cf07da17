"""Chromium for the benchmarks and the pictures."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager

from playwright.sync_api import Browser, Frame, Page, sync_playwright

from app.demo.shop_server import serve
from bench.installation import Installation

FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip

# In the chat's frame: `measured` gets [first word, finished] in ms after each Enter.
CHAT_TIMES = """() => {
  window.measured = [];
  const log = document.querySelector("[data-log]");
  const placeholder = document.querySelector("[data-answer]");
  const answers = () => log.querySelectorAll(".message--assistant").length;
  let began = 0, before = 0, first = 0;
  document.addEventListener("keydown", ({ key }) => {
    if (key === "Enter") [began, before, first] = [performance.now(), answers(), 0];
  }, true);
  new MutationObserver(() => {
    if (!began) return;
    const isDone = answers() > before;
    if (isDone || !placeholder.hidden) first ||= performance.now() - began;
    if (!isDone) return;
    measured.push([first, performance.now() - began]);
    began = 0;
  }).observe(document.body, { subtree: true, childList: true, attributes: true, characterData: true });
}"""


@contextmanager
def chromium() -> Iterator[Browser]:
    path = shutil.which("chromium")
    if path is None:
        raise SystemExit("Chromium is missing (Debian: apt-get install chromium).")
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=list(FLAGS))
        yield browser
        browser.close()


@contextmanager
def opened_chat(browser: Browser, measured: Installation, key: str) -> Iterator[Frame]:
    """A new visitor who opened the chat on the demo shop's page, on an origin of its own."""
    context = browser.new_context()
    page = context.new_page()
    with shop(page, measured.url, key):
        yield open_chat(page)
    context.close()


@contextmanager
def shop(page: Page, app_url: str, key: str) -> Iterator[None]:
    """The page shows the demo shop."""
    server = serve(0, f'<script async src="{app_url}/w/{key}/loader.js"></script>')
    try:
        page.goto(f"http://127.0.0.1:{server.server_address[1]}/")
        yield
    finally:
        server.shutdown()


def open_chat(page: Page) -> Frame:
    page.get_by_role("button", name="chat").click()
    element = page.wait_for_selector("frontdesk-chat iframe")
    frame = element.content_frame() if element else None
    assert frame is not None
    connected = frame.locator("[data-log][aria-live=polite]")
    connected.wait_for(state="attached")
    return frame
