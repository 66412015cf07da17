"""Web, worker and clock in one dyno: what dies is begun again, and an end ends all."""

import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from app.config import ROOT
from workers import supervisor
from workers.supervisor import Supervisor

SLEEPER = [sys.executable, "-c", "import time; time.sleep(600)"]
STUBBORN = [
    sys.executable, "-c",
    "import signal, time; signal.signal(signal.SIGTERM, signal.SIG_IGN); print('up', flush=True);"
    "time.sleep(600)",
]  # fmt: skip
WAIT = 20  # seconds until a test gives up; nothing waits as long when all is well


@pytest.fixture
def supervise(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[..., Supervisor]]:
    """`supervise(web=[…])` keeps these commands running."""
    running: list[Supervisor] = []

    def start(**commands: list[str]) -> Supervisor:
        monkeypatch.setattr(supervisor, "COMMANDS", commands)
        made = Supervisor(os.environ)
        running.append(made)
        made.start()
        until(lambda: set(made.processes) == set(commands))
        return made

    yield start
    for made in running:
        made.stop()


def until(condition: Callable[[], bool]) -> None:
    deadline = time.monotonic() + WAIT
    while not condition():
        assert time.monotonic() < deadline, "it never came to it"
        time.sleep(0.02)


def is_running(pid: int) -> bool:
    with suppress(ProcessLookupError):
        os.kill(pid, 0)
        return True
    return False


def test_a_process_that_is_killed_is_begun_again_and_the_others_go_on(supervise):
    running = supervise(web=SLEEPER, worker=SLEEPER)
    first, other = running.processes["worker"].pid, running.processes["web"].pid
    os.kill(first, signal.SIGKILL)
    until(lambda: running.processes["worker"].pid != first)
    assert is_running(running.processes["worker"].pid)
    assert running.processes["web"].pid == other
    assert is_running(other)


def test_one_that_ends_by_itself_is_begun_again_too(supervise, tmp_path):
    """It leaves a line each time it starts."""
    log = tmp_path / "starts"
    code = f"open({str(log)!r}, 'a').write('start\\n')"
    supervise(clock=[sys.executable, "-c", code])
    until(lambda: log.exists() and log.read_text().count("start") >= 2)


def test_stopping_ends_all_and_begins_nothing_again(supervise):
    running = supervise(web=SLEEPER, worker=SLEEPER, clock=SLEEPER)
    pids = [process.pid for process in running.processes.values()]
    running.stop()
    assert not any(is_running(pid) for pid in pids)
    for thread in running.threads:
        thread.join(WAIT)
    assert [process.pid for process in running.processes.values()] == pids


def test_one_that_does_not_listen_is_killed(supervise, monkeypatch):
    monkeypatch.setattr(supervisor, "STOP_SECONDS", 0.2)
    running = supervise(web=STUBBORN)
    process = running.processes["web"]
    running.stop()
    assert process.returncode is not None
    assert not is_running(process.pid)


def test_stopping_while_one_is_being_started_leaves_no_orphan(supervise, monkeypatch):
    """The end comes exactly when a process is about to be started."""
    started: list[subprocess.Popen[bytes]] = []
    popen = subprocess.Popen

    def slow(*args: object, **options: object) -> subprocess.Popen[bytes]:
        ending.stopping.set()
        time.sleep(0.2)
        started.append(popen(*args, **options))  # type: ignore[call-overload]
        return started[-1]

    monkeypatch.setattr(supervisor, "COMMANDS", {"web": SLEEPER})
    ending = Supervisor(os.environ)
    monkeypatch.setattr(supervisor.subprocess, "Popen", slow)
    ending.start()
    assert ending.stopping.wait(WAIT)
    ending.stop()
    assert started
    assert [process.poll() is None for process in started] == [False]


def test_the_command_ends_with_all_its_processes(tmp_path):
    """As a platform runs it: one process in front, SIGTERM at the end."""
    code = (
        "import sys; from workers import supervisor;"
        f"supervisor.COMMANDS = {{'web': {SLEEPER!r}, 'worker': {SLEEPER!r}}};"
        "supervisor.main()"
    )
    front = subprocess.Popen([sys.executable, "-c", code], cwd=ROOT)
    until(lambda: len(children(front.pid)) == 2)
    pids = children(front.pid)
    front.terminate()
    assert front.wait(WAIT) == 0
    assert not any(is_running(pid) for pid in pids)


def children(pid: int) -> list[int]:
    with suppress(OSError):
        text = "".join(task.read_text() for task in Path(f"/proc/{pid}/task").glob("*/children"))
        return [int(word) for word in text.split()]
    return []
