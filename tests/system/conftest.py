"""The whole app as it runs in production: gunicorn, a worker and a clock as processes, and Chromium."""

import os
import secrets
import shutil
import socket
import subprocess
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, replace
from pathlib import Path

import pytest
from flask import Flask
from playwright.sync_api import Browser, BrowserContext, Page, expect, sync_playwright

from app.config import ROOT, Config
from app.demo.shop_server import serve
from tests.conftest import Cast, Person, make_app
from workers.supervisor import Supervisor

# The one without windows, if it is there, opens a page in a fifth of the other's time.
CHROMIUM = shutil.which("chromium-headless-shell") or shutil.which("chromium")
PATIENCE = 15_000  # ms until a test gives up; nothing takes as long on a machine that has time
FLAGS = (
    "--no-sandbox", "--disable-gpu", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--no-first-run",
)  # fmt: skip


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    for item in items:
        if Path(item.fspath).is_relative_to(Path(__file__).parent):
            item.add_marker(pytest.mark.system)


@pytest.fixture(scope="session")
def config(make_config: Callable[[str, int], Config]) -> Config:
    return with_address(make_config("system", 1))


@pytest.fixture(scope="session")
def app(config: Config) -> Flask:
    return make_app(config)


@dataclass
class Live:
    """The running app. `url` without a slash at the end."""

    url: str
    supervisor: Supervisor
    environ: dict[str, str]

    def process(self, name: str) -> subprocess.Popen[bytes]:
        return self.supervisor.processes[name]

    def wait_until_ready(self, seconds: float = 60) -> None:
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            with suppress(OSError):
                urllib.request.urlopen(f"{self.url}/readyz", timeout=2).close()
                return
            time.sleep(0.1)
        raise AssertionError("the app did not get ready")


def with_address(config: Config) -> Config:
    return replace(config, PUBLIC_URL=f"http://127.0.0.1:{free_port()}")


@contextmanager
def running(config: Config, **settings: str) -> Iterator[Live]:
    """The processes, with these environment variables too."""
    environ = os.environ | {
        "FRONTDESK_ENV": "test",
        "DATABASE_URL": config.DATABASE_URL,
        "REDIS_URL": config.REDIS_URL,
        "FRONTDESK_DATA_DIR": str(config.DATA_DIR),
        "EMBEDDING_DIR": str(config.EMBEDDING_DIR),
        "PUBLIC_URL": config.PUBLIC_URL,
        "PORT": config.PUBLIC_URL.rpartition(":")[2],
        "BIND_HOST": "127.0.0.1",
        "LOG_LEVEL": "WARNING",
        "PYTHONPATH": str(ROOT),
    }
    supervisor = Supervisor(environ | settings)
    supervisor.start()
    live = Live(config.PUBLIC_URL, supervisor, environ | settings)
    try:
        live.wait_until_ready()
        yield live
    finally:
        supervisor.stop()


@pytest.fixture(scope="session")
def live(app: Flask, config: Config) -> Iterator[Live]:
    with running(config) as live:
        yield live


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    expect.set_options(timeout=PATIENCE)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=list(FLAGS))
        yield browser
        browser.close()


@pytest.fixture
def open_browser(browser: Browser) -> Iterator[Callable[..., BrowserContext]]:
    """`open_browser(width=390)` is a browser of its own: no cookies of another. A page error fails."""
    opened: list[BrowserContext] = []
    errors: list[str] = []

    def make(width: int = 1280, height: int = 800, **options: object) -> BrowserContext:
        context = browser.new_context(viewport={"width": width, "height": height}, **options)
        context.set_default_timeout(PATIENCE)
        context.on("weberror", lambda error: errors.append(str(error.error)))
        opened.append(context)
        return context

    yield make
    for context in opened:
        context.close()
    assert not errors, f"errors in the pages: {errors}"


@pytest.fixture
def log_in(
    app: Flask, live: Live, open_browser: Callable[..., BrowserContext]
) -> Callable[..., Page]:
    """`log_in(cast.owner)` is that person's page, still empty: logged in by the cookie that the form would
    give (test_accessibility.py and test_first_ten_minutes.py go through it)."""

    def log_in_as(person: Person, **options: object) -> Page:
        context = open_browser(**options)
        context.add_cookies(
            [{"name": "frontdesk", "value": session_of(app, person), "url": live.url}]
        )
        return context.new_page()

    return log_in_as


@pytest.fixture
def shop(live: Live, cast: Cast) -> Iterator[str]:
    """Somebody else's website with our snippet, on an origin of its own. Its address."""
    snippet = f'<script async src="{live.url}/w/{cast.website_key}/loader.js"></script>'
    server = serve(0, snippet)
    yield f"http://127.0.0.1:{server.server_address[1]}"
    server.shutdown()


def session_of(app: Flask, person: Person) -> str:
    signing = app.session_interface.get_signing_serializer(app)  # type: ignore[attr-defined]
    return str(signing.dumps({"_user_id": str(person.id), "_fresh": True}))


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def unique(prefix: str) -> str:
    return f"{prefix}-{secrets.token_hex(4)}"
