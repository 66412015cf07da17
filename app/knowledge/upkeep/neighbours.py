"""Which of many vectors lie near each other. A block of the product at a time, in a thread of low priority:
10,000 × 10,000 take some seconds, where the same statement in Postgres takes minutes."""

from typing import TYPE_CHECKING

from app.core.threads import side_by_side

if TYPE_CHECKING:
    import numpy as np

BLOCK = 256  # rows of the product held at once: 256 × 20,000 floats are 20 MB
NEAREST = 12  # of each vector, those that may be its pair


def near_pairs(vectors: "np.ndarray", from_cosine: float) -> list[tuple[int, int, float]]:
    """Pairs (earlier, later, cosine) among each vector's nearest, the nearest pairs first."""
    if len(vectors) < 2:
        return []
    return side_by_side(lambda part: _pairs(part, from_cosine), [vectors])[0]


def _pairs(vectors: "np.ndarray", from_cosine: float) -> list[tuple[int, int, float]]:
    import numpy as np

    found: dict[tuple[int, int], float] = {}
    nearest = min(NEAREST, len(vectors) - 1)
    for start in range(0, len(vectors), BLOCK):
        cosines = vectors[start : start + BLOCK] @ vectors.T
        rows = np.arange(len(cosines))
        cosines[rows, rows + start] = -1.0
        columns = np.argpartition(-cosines, nearest - 1, axis=1)[:, :nearest]
        for row, column in zip(
            *np.nonzero(cosines[rows[:, None], columns] >= from_cosine), strict=True
        ):
            one, other = int(row) + start, int(columns[row, column])
            found[min(one, other), max(one, other)] = float(cosines[row, columns[row, column]])
    return sorted(((*pair, cosine) for pair, cosine in found.items()), key=lambda each: -each[2])
