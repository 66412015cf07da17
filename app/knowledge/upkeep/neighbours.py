"""Which of many vectors lie near each other. A block of the product at a time, in a thread of low priority:
10,000 × 10,000 take some seconds, where the same statement in Postgres takes minutes."""

from collections.abc import Callable
from typing import TYPE_CHECKING

from app.core.threads import side_by_side

if TYPE_CHECKING:
    import numpy as np

BLOCK = 256  # rows of the product held at once: 256 × 15,000 floats are 15 MB
NEAREST = 12  # of each vector, those that may be its pair


Keep = Callable[[int, int, float], bool]


def near_pairs(
    vectors: "np.ndarray", from_cosine: float, keep: Keep
) -> list[tuple[int, int, float]]:
    """Pairs (earlier, later, cosine) among each vector's nearest that are to be kept, the nearest first.

    `keep` runs in the thread: it must touch neither the session nor the request.
    """
    if len(vectors) < 2:
        return []
    return side_by_side(lambda part: _pairs(part, from_cosine, keep), [vectors])[0]


def _pairs(vectors: "np.ndarray", from_cosine: float, keep: Keep) -> list[tuple[int, int, float]]:
    import numpy as np

    found: dict[tuple[int, int], float] = {}
    nearest = min(NEAREST, len(vectors) - 1)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, rows + start] = -1.0
        columns = np.argpartition(cosines, -nearest, axis=1)[:, -nearest:]
        near = np.take_along_axis(cosines, columns, axis=1)
        for row, place in zip(*np.nonzero(near >= from_cosine), strict=True):
            one, other = int(row) + start, int(columns[row, place])
            pair, cosine = (min(one, other), max(one, other)), float(near[row, place])
            if pair not in found and keep(*pair, cosine):
                found[pair] = cosine
    return sorted(((*pair, cosine) for pair, cosine in found.items()), key=lambda each: -each[2])
