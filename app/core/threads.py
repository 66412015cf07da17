"""CPU-bound work off the event loop: under gevent in its pool of real threads, else inline.

50 ms of hashing inline makes every open stream wait; in the pool it costs the others 25 (runtime.md).
"""

import os
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")
S = TypeVar("S")

BACKGROUND_NICENESS = 10  # of 19: whoever answers a customer goes first


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The function must touch neither the session nor the request."""
    pool = _gevent_pool()
    if pool is None:
        return function(*args, **kwargs)
    result: T = pool.apply(function, args, kwargs)
    return result


def side_by_side(function: Callable[[S], T], parts: Sequence[S]) -> list[T]:
    """Long CPU-bound work, each part in a real thread of low priority. Results in the order of the parts."""
    if _gevent_pool() is None:
        with ThreadPoolExecutor(len(parts)) as executor:
            return list(executor.map(lambda part: _gently(function, part), parts))
    from gevent.threadpool import ThreadPool

    pool = ThreadPool(len(parts))
    try:
        asked = [pool.spawn(_gently, function, part) for part in parts]
        return [each.get() for each in asked]
    finally:
        pool.kill()


def _gently(function: Callable[[S], T], part: S) -> T:
    os.setpriority(os.PRIO_PROCESS, 0, BACKGROUND_NICENESS)  # 0: on Linux this thread alone
    return function(part)


def _gevent_pool() -> Any:
    import sys

    if "gevent" not in sys.modules:
        return None
    from gevent import get_hub
    from gevent.monkey import is_module_patched

    return get_hub().threadpool if is_module_patched("threading") else None
