"""Ends the parts of an installation as a power cut would, and starts again what nobody else does."""

import ctypes
import os
import random
import signal
import threading
import time
from contextlib import suppress
from pathlib import Path

from app.core.embedded import Embedded
from bench.graph_server import GraphProcess
from bench.installation import Installation
from bench.kill_checks import Ledger

VICTIMS = ("web", "worker", "redis", "postgres")
START_SECONDS = 60
HANGING, HANG_SECONDS = 6, 20  # messages that the provider doesn't answer when the worker dies
WAIT_SECONDS = 15  # for one of them to be on its way
SUBREAPER = 36  # prctl's PR_SET_CHILD_SUBREAPER


class Killer(threading.Thread):
    """Each of them `times` times, in turn, spread over the seconds."""

    def __init__(
        self, measured: Installation, provider: GraphProcess, times: int, seconds: float
    ) -> None:
        super().__init__(daemon=True)
        self.measured, self.provider, self.times = measured, provider, times
        self.gap = seconds / max(1, times * len(VICTIMS))
        self.servers = Embedded(measured.app.config["DATA_DIR"])
        self.servers.attach()  # a shared hold: they run already
        self.killed: list[str] = []
        self.in_doubt = 0  # on their way when the worker died

    def run(self) -> None:
        for _ in range(self.times):
            for name in random.sample(VICTIMS, len(VICTIMS)):
                due = time.monotonic() + self.gap
                time.sleep(self.gap * random.uniform(0.2, 0.6))
                self._kill(name)
                self.killed.append(name)
                time.sleep(max(0.0, due - time.monotonic()))

    def _kill(self, name: str) -> None:
        if name == "worker":
            self._kill_in_the_middle()
        elif name == "web":
            self._end_process(name)
        elif name == "redis":
            pid = int((self.servers.data_dir / "redis" / "redis.pid").read_text())
            _end(pid)
            self.servers._start_redis()
        else:
            info = self.servers._postgres.get_postmaster_info()
            backends = _children(info.pid)
            _end(info.pid)
            for backend in backends:
                _wait_for_end(backend)
            self.servers._postgres.ensure_postgres_running()

    def _kill_in_the_middle(self) -> None:
        """While the provider has messages and hasn't answered; half of them it accepted."""
        self.provider.do("hangs", times=HANGING, seconds=HANG_SECONDS)
        deadline = time.monotonic() + WAIT_SECONDS
        while not self._on_their_way() and time.monotonic() < deadline:
            time.sleep(0.05)
        self._end_process("worker")
        self.in_doubt += self._on_their_way()
        self.provider.do("answers_again")

    def _end_process(self, name: str) -> None:
        """The supervisor begins it again."""
        with suppress(ProcessLookupError):
            os.killpg(self.measured.supervisor.processes[name].pid, signal.SIGKILL)

    def _on_their_way(self) -> int:
        with Ledger(self.measured) as ledger:
            return ledger.count("SELECT count(*) FROM deliveries WHERE status = 'sending'")


def adopt_orphans() -> None:
    """Servers that were started as daemons are ours to bury: where nobody does, their successors take them
    for alive. Called before they are started."""
    ctypes.CDLL(None).prctl(SUBREAPER, 1, 0, 0, 0)


def _end(pid: int) -> None:
    os.kill(pid, signal.SIGKILL)
    _wait_for_end(pid)


def _wait_for_end(pid: int) -> None:
    deadline = time.monotonic() + START_SECONDS
    while Path(f"/proc/{pid}").exists():
        with suppress(ChildProcessError):
            os.waitpid(pid, os.WNOHANG)
        assert time.monotonic() < deadline, f"process {pid} doesn't end"
        time.sleep(0.02)


def _children(parent: int) -> list[int]:
    with suppress(OSError):
        told = Path(f"/proc/{parent}/task/{parent}/children").read_text()
        return [int(child) for child in told.split()]
    return []
