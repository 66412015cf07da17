"""The lines that a benchmark prints: as plain text, or with --markdown as rows of docs/benchmarks.md."""

import argparse
import statistics
from collections.abc import Sequence
from dataclasses import dataclass


@dataclass(frozen=True)
class Line:
    measure: str
    target: str  # "" where a figure is told beside the targets
    figure: str
    is_met: bool = True


def arguments(description: str | None, **numbers: int) -> argparse.Namespace:
    """--markdown, and an option for each number with its default."""
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--markdown", action="store_true", help="rows for docs/benchmarks.md")
    for name, default in numbers.items():
        parser.add_argument(f"--{name}", type=int, default=default)
    return parser.parse_args()


def show(lines: Sequence[Line], command: str, *, markdown: bool) -> None:
    for line in lines:
        missed = "" if line.is_met else " (missed)"
        if markdown:
            print(f"| {line.measure} | {line.target} | {line.figure}{missed} | `{command}` |")
        else:
            print(f"{line.measure:<58} {line.target:<12} {line.figure}{missed}")


def percentile(values: Sequence[float], share: float) -> float:
    """By nearest rank, so it is a value that was measured."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def middle_and_spread(values: Sequence[float], unit: str) -> str:
    """The median of several runs and how far apart they lay."""
    middle = statistics.median(values)
    if len(values) == 1:
        return f"{middle:.0f} {unit}"
    return f"{middle:.0f} {unit} ({min(values):.0f}–{max(values):.0f})"
