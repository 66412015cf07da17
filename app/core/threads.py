"""CPU-bound work off the event loop: under gevent in its pool of real threads, else inline.

50 ms of hashing inline makes every open stream wait; in the pool it costs the others 25 (runtime.md).
"""

from collections.abc import Callable
from typing import Any, ParamSpec, TypeVar

P = ParamSpec("P")
T = TypeVar("T")


def in_thread(function: Callable[P, T], *args: P.args, **kwargs: P.kwargs) -> T:
    """The function must touch neither the session nor the request."""
    pool = _gevent_pool()
    if pool is None:
        return function(*args, **kwargs)
    result: T = pool.apply(function, args, kwargs)
    return result


def _gevent_pool() -> Any:
    import sys

    if "gevent" not in sys.modules:
        return None
    from gevent import get_hub
    from gevent.monkey import is_module_patched

    return get_hub().threadpool if is_module_patched("threading") else None
