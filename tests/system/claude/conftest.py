"""The same app as beside, with a database of its own, where Claude writes: a stand-in that does what a test
says, when it says so."""

import threading
import time
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from flask import Flask

from app.config import Config
from tests.conftest import make_app
from tests.standins import claude as standin
from tests.standins.claude import Claude, meanwhile
from tests.system.conftest import Live, running, with_address

LONGEST = 60  # seconds that an answer is held back


@pytest.fixture(scope="session")
def config(make_config: Callable[[str, int], Config]) -> Config:
    return with_address(make_config("claude", 2))


@pytest.fixture(scope="session")
def app(config: Config) -> Flask:
    return make_app(config)


@pytest.fixture(scope="session")
def standing_in() -> Iterator[Claude]:
    with standin.running() as claude:
        yield claude


@pytest.fixture(scope="session")
def live(app: Flask, config: Config, standing_in: Claude) -> Iterator[Live]:
    settings = {"ANTHROPIC_API_KEY": standin.KEY, "ANTHROPIC_BASE_URL": standing_in.url}
    with running(config, **settings) as live:
        yield live


@pytest.fixture
def claude(standing_in: Claude) -> Claude:
    """With an empty script, and nothing asked of it yet."""
    standing_in.script.clear()
    standing_in.requests.clear()
    return standing_in


class Gate:
    """Where an answer stops until the test lets it go on."""

    def __init__(self) -> None:
        self.reached, self.opened = threading.Event(), threading.Event()
        self.until = time.monotonic() + LONGEST

    def hold(self) -> bool:
        """Whether it is still to be held: a ping a second keeps the reader from giving it up."""
        self.reached.set()
        return not self.opened.wait(1) and time.monotonic() < self.until

    def open(self) -> None:
        self.opened.set()


@pytest.fixture
def held(claude: Claude) -> Iterator[Callable[..., Gate]]:
    """`held(*blocks, after=3)`: the next answer stops after three words, at the gate that is given back."""
    gates: list[Gate] = []

    def hold(*blocks: Any, after: int = 1) -> Gate:
        gates.append(Gate())
        claude.script.append(meanwhile(*blocks, after=after, do=gates[-1].hold))
        return gates[-1]

    yield hold
    for gate in gates:
        gate.open()
