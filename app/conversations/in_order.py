"""In which order a conversation is read.

A position is the order in which messages arrived here; a provider may bring them in another than the one in
which they were written.
"""

from collections.abc import Sequence
from datetime import datetime
from typing import Protocol, TypeVar


class Placed(Protocol):
    kind: str
    position: int
    sent_at: datetime | None
    created_at: datetime


M = TypeVar("M", bound=Placed)


def in_order(messages: Sequence[M]) -> list[M]:
    """By position; within each run of a visitor's messages that nothing of ours parts, by when they were
    written. Events and notes stay where they are."""
    ordered = list(messages)
    run: list[int] = []
    for index, message in enumerate(messages):
        if message.kind == "outgoing":
            _sort(ordered, run)
            run = []
        elif message.kind == "incoming":
            run.append(index)
    _sort(ordered, run)
    return ordered


def _sort(messages: list[M], run: list[int]) -> None:
    written = sorted(
        (messages[index] for index in run), key=lambda m: (m.sent_at or m.created_at, m.position)
    )
    for index, message in zip(run, written, strict=True):
        messages[index] = message
