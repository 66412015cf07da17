"""A process is asked to end, by a signal."""

import signal
import time

POLL_SECONDS = 0.1


class Stopping:
    """`wait` and `is_set` as of threading.Event, whose `set` a signal handler must not call: the handler
    runs in the thread that may just hold the event's own lock, and waits for it for ever."""

    def __init__(self, *signals: int) -> None:
        self._is_set = False
        for number in signals:
            signal.signal(number, self._ask)

    def _ask(self, *_args: object) -> None:
        self._is_set = True

    def is_set(self) -> bool:
        return self._is_set

    def wait(self, timeout: float | None = None) -> bool:
        deadline = None if timeout is None else time.monotonic() + timeout
        while not self._is_set and (deadline is None or time.monotonic() < deadline):
            time.sleep(POLL_SECONDS)
        return self._is_set
