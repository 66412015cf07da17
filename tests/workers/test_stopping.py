"""Told by a signal to stop, however often and whatever the process does at that moment."""

import os
import signal
import threading

from workers.stopping import Stopping


def test_a_signal_ends_the_wait():
    before = signal.getsignal(signal.SIGUSR1)
    stopping = Stopping(signal.SIGUSR1)
    try:
        assert not stopping.is_set()
        assert not stopping.wait(0)
        threading.Timer(0.05, lambda: os.kill(os.getpid(), signal.SIGUSR1)).start()
        assert stopping.wait(60)
        assert stopping.is_set()
    finally:
        signal.signal(signal.SIGUSR1, before)


def test_told_twice_is_told():
    before = signal.getsignal(signal.SIGUSR1)
    stopping = Stopping(signal.SIGUSR1)
    try:
        for _ in range(2):
            os.kill(os.getpid(), signal.SIGUSR1)
        assert stopping.wait(60)
    finally:
        signal.signal(signal.SIGUSR1, before)
