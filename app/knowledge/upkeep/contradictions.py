"""Two sentences on the same subject whose figures differ. Made to be worth reading: what might be about
different things is left out (docs/retrieval.md has the measured precision)."""

from collections.abc import Iterator
from typing import TYPE_CHECKING

from app.knowledge.upkeep.finding import Found
from app.knowledge.upkeep.neighbours import near_pairs
from app.knowledge.upkeep.statements import Statement

if TYPE_CHECKING:
    import numpy as np

FROM_COSINE = 0.6
SHARED = 0.5  # of the shorter sentence's subject
ALIKE = 0.3  # of both subjects together
ALIKE_DATES = 0.5  # a date is said of many things
SURE_COSINE = 0.78  # so near that one may say much more than the other
MOST = 200


def find(statements: list[Statement], vectors: "np.ndarray") -> Iterator[Found]:
    """The surest first; of two passages one pair."""
    import numpy as np

    of_kind: dict[str, list[int]] = {}
    for number, statement in enumerate(statements):
        for kind in statement.counted.figures:
            of_kind.setdefault(kind, []).append(number)
    pairs: dict[tuple[int, int], tuple[float, str]] = {}
    for kind, numbers in of_kind.items():
        of_these = [statements[number] for number in numbers]

        def keep(
            one: int, other: int, cosine: float, these: list[Statement] = of_these, kind: str = kind
        ) -> bool:
            return differing(these[one], these[other], cosine) == kind

        for one, other, cosine in near_pairs(vectors[np.array(numbers)], FROM_COSINE, keep):
            pairs[numbers[one], numbers[other]] = (cosine, kind)
    yield from _found(statements, pairs)


def differing(one: Statement, other: Statement, cosine: float) -> str | None:
    """The kind of figure in which they contradict each other, or None."""
    if one.chunk_id == other.chunk_id:
        return None
    mine, theirs = one.counted.figures, other.counted.figures
    shared = mine.keys() & theirs.keys()
    differ = [kind for kind in shared if mine[kind] != theirs[kind]]
    if len(differ) != 1:
        return None
    kind = differ[0]
    if len(mine[kind]) != len(theirs[kind]):
        return None  # one says more than the other: "from £5", "£5 to £9"
    if not _same_subject(one, other, kind, cosine):
        return None
    if cosine < SURE_COSINE or kind == "date":
        everything = one.subject | other.subject
        together = len(one.subject & other.subject) / max(len(everything), 1)
        if together < (ALIKE_DATES if kind == "date" else ALIKE):
            return None
    return kind if _same_occasion(one, other, kind) else None


def _same_subject(one: Statement, other: Statement, kind: str, cosine: float) -> bool:
    if not one.subject and not other.subject:  # "On Saturday we are open …": the business itself
        return kind == "time" and cosine >= SURE_COSINE and one.context == other.context
    common = one.subject & other.subject
    shorter = min(len(one.subject), len(other.subject))
    if not common or len(common) < SHARED * shorter:
        return False
    return not (one.subject - other.context and other.subject - one.context)


def _same_occasion(one: Statement, other: Statement, kind: str) -> bool:
    """Monday's hours are not Sunday's, and summer's prices not winter's."""
    mine, theirs = one.counted, other.counted
    if mine.seasons != theirs.seasons:
        return False
    if mine.under != theirs.under:
        return False
    if kind != "date" and mine.figures.get("date") != theirs.figures.get("date"):
        return False
    if mine.weekdays and theirs.weekdays:
        return bool(mine.weekdays & theirs.weekdays) and (
            kind != "time" or mine.weekdays == theirs.weekdays
        )
    return kind != "time" or mine.weekdays == theirs.weekdays


def _found(
    statements: list[Statement], pairs: dict[tuple[int, int], tuple[float, str]]
) -> Iterator[Found]:
    seen: set[tuple[int, int] | tuple[str, str]] = set()
    for (number, other_number), (cosine, kind) in sorted(
        pairs.items(), key=lambda each: -each[1][0]
    ):
        one, other = statements[number], statements[other_number]
        chunks = min(one.chunk_id, other.chunk_id), max(one.chunk_id, other.chunk_id)
        quotes = min(one.text, other.text), max(one.text, other.text)
        if chunks in seen or quotes in seen:
            continue
        seen |= {chunks, quotes}
        yield Found(
            kind="contradiction",
            source_id=one.source_id,
            chunk_id=one.chunk_id,
            other_chunk_id=other.chunk_id,
            said=(one.fingerprint, other.fingerprint),
            detail={
                "quote": one.text,
                "other_quote": other.text,
                "figures": _spoken(one, other, kind),
                "other_figures": _spoken(other, one, kind),
            },
            weight=cosine,
        )
        if len(seen) >= 2 * MOST:
            return


def _spoken(one: Statement, other: Statement, kind: str) -> str:
    """The figures that the other doesn't have, as they stand in the text."""
    only = one.counted.figures[kind] - other.counted.figures[kind]
    return ", ".join(one.counted.spoken[kind, value] for value in sorted(only))
