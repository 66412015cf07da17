"""bin/dev after its virtual environment stands: one start, one refusal, one end, and the same data again."""

import os
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
from flask import Flask

from app.config import ROOT
from app.demo import seed

WAIT = 120  # seconds until the test gives up; a start takes five
DEV = ("-m", "workers.dev")
FEW = """
from pathlib import Path
from app.demo import seed
from workers import dev

seed.DOCUMENTS = Path({folder!r})
dev.main()
"""
SERVERS = {"DATABASE_URL", "REDIS_URL", "PUBLIC_URL", "FRONTDESK_ENV"}


@pytest.fixture
def data() -> Iterator[Path]:
    """A short path: sockets lie in it."""
    path = Path(tempfile.mkdtemp(prefix="fd-"))
    yield path
    shutil.rmtree(path, ignore_errors=True)


def two_free_ports() -> int:
    """The first of two neighbours that nobody has."""
    while True:
        with socket.socket() as first, socket.socket() as second:
            first.bind(("127.0.0.1", 0))
            port = int(first.getsockname()[1])
            try:
                second.bind(("127.0.0.1", port + 1))
            except OSError:
                continue
            return port


class Dev:
    """A running `bin/dev`; `output` is what it has printed so far."""

    def __init__(self, data: Path, port: int, command: Sequence[str] = DEV) -> None:
        self.port = port
        self.log = data.parent / f"{data.name}-{port}.log"
        self.environ = {key: value for key, value in os.environ.items() if key not in SERVERS} | {
            "FRONTDESK_DATA_DIR": str(data),
            "PORT": str(port),
            "EMBEDDING_DIR": str(ROOT / ".test-data" / "embedding"),
        }
        with self.log.open("w") as log:
            self.process = subprocess.Popen(
                [sys.executable, *command],
                cwd=ROOT, env=self.environ, stdout=log, stderr=subprocess.STDOUT,
                start_new_session=True,
            )  # fmt: skip

    @property
    def output(self) -> str:
        return self.log.read_text()

    def wait_for(self, words: str) -> None:
        until(lambda: words in self.output or self.process.poll() is not None)
        assert words in self.output, self.output

    def end(self, number: int = signal.SIGINT) -> int:
        self.process.send_signal(number)
        return self.process.wait(WAIT)

    def flask(self, *words: str) -> subprocess.CompletedProcess[str]:
        command = [ROOT / ".venv" / "bin" / "flask", *words]
        return subprocess.run(
            command, cwd=ROOT, env=self.environ, capture_output=True, text=True, timeout=WAIT,
            check=False,
        )  # fmt: skip

    def get(self, path: str, port: int = 0) -> str:
        address = f"http://127.0.0.1:{port or self.port}{path}"
        with urllib.request.urlopen(address, timeout=WAIT) as answer:
            return str(answer.read().decode())


@pytest.fixture
def few(tmp_path: Path) -> tuple[str, ...]:
    """bin/dev with one document of the demo: reading all of them takes longer than all else here."""
    (tmp_path / "delivery.md").write_text("# Delivery\n\nWe deliver on Tuesdays.\n")
    return "-c", FEW.format(folder=str(tmp_path))


@pytest.fixture
def start(app: Flask, data: Path) -> Iterator[Callable[..., Dev]]:
    """The app's fixture has built the embedding model, and nothing else of it is used."""
    started: list[Dev] = []

    def begin(command: Sequence[str] = DEV) -> Dev:
        started.append(Dev(data, two_free_ports(), command))
        return started[-1]

    yield begin
    for dev in started:
        if dev.process.poll() is None:
            dev.end(signal.SIGTERM)
        dev.log.unlink(missing_ok=True)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to it"
        time.sleep(0.05)


def running_with(data: Path) -> list[str]:
    """Processes, however far down, that were started with this data directory."""
    mark = f"FRONTDESK_DATA_DIR={data}".encode()
    found = []
    for folder in Path("/proc").iterdir():
        if folder.name.isdigit():
            try:
                environ, line = (folder / "environ").read_bytes(), (folder / "cmdline").read_bytes()
            except OSError:
                continue
            if line and (mark in environ.split(b"\0") or str(data).encode() in line):
                found.append(line.replace(b"\0", b" ").decode())
    return found


def test_it_starts_refuses_a_second_beside_it_ends_cleanly_and_goes_on(start, few, data):
    first = start(few)
    first.wait_for("Ctrl-C stops everything.")
    assert f"http://127.0.0.1:{first.port}\n" in first.output
    assert f"http://127.0.0.1:{first.port + 1} " in first.output
    assert seed.OWNER_EMAIL in first.output
    assert seed.OWNER_PASSWORD in first.output
    assert str(data) in first.output
    assert '"status":"ok"' in first.get("/readyz").replace(" ", "")
    snippet = loader_of(first)
    assert f"127.0.0.1:{first.port}/w/" in snippet

    second = start()
    made = first.flask("business", "create", "--name", "Beside", "--slug", "beside")
    assert (made.returncode, made.stdout) == (0, "beside\n"), made.stderr
    assert second.process.wait(WAIT) != 0
    assert "already running here" in second.output
    assert f"process {first.process.pid}" in second.output
    assert "FRONTDESK_DATA_DIR" in second.output
    assert "Traceback" not in second.output
    assert '"ok"' in first.get("/readyz")  # its servers outlive both

    assert first.end() == 0
    assert "Nothing is lost" in first.output
    assert running_with(data) == []

    again = start(few)
    again.wait_for("Ctrl-C stops everything.")
    assert key_in(loader_of(again)) == key_in(snippet)
    assert again.end(signal.SIGTERM) == 0
    assert running_with(data) == []


def test_a_port_that_somebody_has_is_named_with_another_to_try(data):
    with socket.socket() as somebody:
        somebody.bind(("127.0.0.1", 0))
        somebody.listen()
        port = int(somebody.getsockname()[1])
        refused = Dev(data, port)
        assert refused.process.wait(WAIT) != 0
    assert refused.output == f"Port {port} is taken. Choose another: PORT={port + 10} bin/dev\n"
    refused.log.unlink()


def loader_of(dev: Dev) -> str:
    """The shop page's line with our snippet."""
    page = dev.get("/", dev.port + 1)
    return next(line for line in page.splitlines() if "loader.js" in line)


def key_in(snippet: str) -> str:
    return snippet.partition("/w/")[2].partition("/")[0]
