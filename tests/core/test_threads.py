"""CPU-bound work in real threads, in order, behind those who wait."""

import os
import subprocess
import sys
import threading

import pytest

from app.config import ROOT
from app.core.threads import BACKGROUND_NICENESS, in_thread, side_by_side


def test_results_come_in_the_order_of_the_parts():
    assert side_by_side(lambda part: part * 2, [3, 1, 2]) == [6, 2, 4]


def test_each_part_has_a_thread_of_its_own_at_low_priority():
    together = threading.Barrier(2)  # would never open if one came after the other

    def measured(_part: int) -> tuple[int, int]:
        together.wait(30)
        return threading.get_native_id(), os.getpriority(os.PRIO_PROCESS, 0)

    (first, niceness), (second, _) = side_by_side(measured, [1, 2])
    assert first != second
    assert niceness == BACKGROUND_NICENESS
    assert os.getpriority(os.PRIO_PROCESS, 0) < BACKGROUND_NICENESS


def test_an_error_of_a_part_is_raised():
    with pytest.raises(ZeroDivisionError):
        side_by_side(lambda part: 1 / part, [1, 0])


def test_under_gevent_the_event_loop_goes_on_meanwhile():
    code = """
from gevent import monkey; monkey.patch_all()
import gevent, time
from app.core.threads import in_thread, side_by_side
from gevent.monkey import get_original
sleep = get_original("time", "sleep")
seen = []
ticker = gevent.spawn(lambda: [seen.append(gevent.sleep(0.01)) for _ in range(10)])
assert side_by_side(lambda part: (sleep(0.3), part)[1], [1, 2]) == [1, 2]
print(len(seen))
assert in_thread(lambda x: x + 1, 1) == 2
"""
    out = subprocess.run(
        [sys.executable, "-c", code], cwd=ROOT, capture_output=True, text=True, check=True
    )
    assert out.stdout.strip() == "10"


def test_without_gevent_it_runs_here():
    assert in_thread(threading.get_ident) == threading.get_ident()
