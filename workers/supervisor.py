"""Web, and worker with the clock, in one dyno. A process that dies is begun again; a signal ends all of them.

Imports nothing of the app: it stays at a few megabytes.
"""

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Mapping

from workers.stopping import Stopping

COMMANDS = {
    "web": [sys.executable, "-m", "gunicorn", "wsgi:app"],
    "worker": [sys.executable, "-m", "workers.worker", "--clock"],
}
# Arenas of malloc by the dozen cost more memory than they save time here.
MALLOC = {"MALLOC_ARENA_MAX": "2"}
STOP_SECONDS = 12  # then a process is killed
FAST_DEATH_SECONDS = 10  # one that dies sooner waits before its next try
MAX_WAIT_SECONDS = 30


class Supervisor:
    def __init__(self, environ: Mapping[str, str]) -> None:
        self.environ = MALLOC | dict(environ)
        self.stopping = threading.Event()
        self.processes: dict[str, subprocess.Popen[bytes]] = {}
        self._starting = threading.Lock()
        self.threads: list[threading.Thread] = []

    def start(self) -> None:
        for name, command in COMMANDS.items():
            thread = threading.Thread(target=self._keep, args=(name, command), daemon=True)
            thread.start()
            self.threads.append(thread)

    def stop(self) -> None:
        """Ask all to end, wait, then insist."""
        self.stopping.set()
        with self._starting:  # what is being started now ends too; after it nothing is
            processes = list(self.processes.values())
        for process in processes:
            process.terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in processes:
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                process.kill()
                process.wait()

    def _keep(self, name: str, command: list[str]) -> None:
        wait = 0.5
        while not self.stopping.is_set():
            began = time.monotonic()
            process = self._begin(name, command)
            if process is None:
                return
            code = process.wait()
            if self.stopping.is_set():
                return
            wait = (
                0.5
                if time.monotonic() - began > FAST_DEATH_SECONDS
                else min(wait * 2, MAX_WAIT_SECONDS)
            )
            print(f"{name} ended with {code}; starting it again in {wait:g} s", file=sys.stderr)
            self.stopping.wait(wait)

    def _begin(self, name: str, command: list[str]) -> subprocess.Popen[bytes] | None:
        with self._starting:
            if self.stopping.is_set():
                return None
            # A session of its own: Ctrl-C in the terminal comes to us alone, and we end them in order.
            process = subprocess.Popen(command, env=self.environ, start_new_session=True)  # noqa: S603
            self.processes[name] = process
            return process


def main() -> None:
    stopping = Stopping(signal.SIGTERM, signal.SIGINT)
    supervisor = Supervisor(os.environ)
    supervisor.start()
    stopping.wait()
    supervisor.stop()


if __name__ == "__main__":
    main()
