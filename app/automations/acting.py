"""Whether a rule is at work just now: what it does begins no other rule."""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar

_is_acting: ContextVar[bool] = ContextVar("acting", default=False)


def is_acting() -> bool:
    return _is_acting.get()


@contextmanager
def by_itself() -> Iterator[None]:
    token = _is_acting.set(True)
    try:
        yield
    finally:
        _is_acting.reset(token)
