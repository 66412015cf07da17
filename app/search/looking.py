"""From words to the rows that have them: the index names some, their own text decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.conversations.models import MAX_ID
from app.extensions import db
from app.search import asking, blocks, texts, words
from app.search.asking import Asked

FEW = 20_000  # texts: a word of more isn't read whole
MOST_CANDIDATES = 1_000  # rows whose text is looked at
MOST_FRESH = 1_000  # rows that the index hasn't read yet
STEP = 100  # rows of one look

_FRESH = text("""
    SELECT DISTINCT row_id FROM search_changes
     WHERE kind = :kind AND row_id < :before ORDER BY row_id DESC LIMIT :most""")


@dataclass(frozen=True, slots=True)
class Found:
    """Rows with their text, newest first."""

    rows: list[tuple[int, str]]
    asked: list[Asked]
    has_more: bool = False


def look(kind: int, typed: str, limit: int, before: int = MAX_ID) -> Found:
    """Up to `limit` of the newest. Where nothing has the words as they were typed, as they may be meant."""
    asked = asking.read(kind, typed)
    fresh = _fresh(kind, before)
    rows = _rows(kind, asked, fresh, limit, before)
    if not rows:
        meant = asking.respelled(kind, asked)
        if meant != asked:
            asked, rows = meant, _rows(kind, meant, fresh, limit, before)
    return Found(rows[:limit], asked, has_more=len(rows) > limit)


def look_for_people(kind: int, typed: str, limit: int) -> Found:
    """Those who have the very words come before those who have longer ones."""
    asked = asking.read(kind, typed)
    exact = _rows(kind, [each.exactly() for each in asked], _fresh(kind, MAX_ID), limit, MAX_ID)
    if len(exact) > limit:
        return Found(exact[:limit], asked, has_more=True)
    found = look(kind, typed, limit)
    rows = list(dict.fromkeys([*exact, *found.rows]))
    return Found(rows[:limit], found.asked, found.has_more or len(rows) > limit)


def _rows(
    kind: int, asked: Sequence[Asked], fresh: list[int], limit: int, before: int
) -> list[tuple[int, str]]:
    found: list[tuple[int, str]] = []
    ids = _candidates(kind, asked, fresh, before)
    for first in range(0, len(ids), STEP):
        found += _that_fit(kind, asked, ids[first : first + STEP])
        if len(found) > limit:
            break
    return found


def _candidates(kind: int, asked: Sequence[Asked], fresh: list[int], before: int) -> list[int]:
    named = set(_named(kind, asked, before))
    return sorted(named.union(fresh), reverse=True)


def _named(kind: int, asked: Sequence[Asked], before: int) -> list[int]:
    """By the index: the rarest word's, of those that the other words' have too unless they are too many to read."""
    if not all(each.known for each in asked):
        return []
    rarest, *others = sorted(asked, key=lambda each: (not each.known, each.total))
    sets = [(rarest.known, len(asked) > 1 and rarest.total <= FEW)]
    if sets[0][1]:
        sets += [(each.known, True) for each in others if each.is_whole and each.total <= FEW]
    return blocks.newest(kind, sets, before, MOST_CANDIDATES)


def _that_fit(kind: int, asked: Sequence[Asked], ids: Sequence[int]) -> list[tuple[int, str]]:
    bodies = texts.of(kind, ids)
    return [
        (row_id, bodies[row_id])
        for row_id in ids
        if row_id in bodies and fits(asked, bodies[row_id])
    ]


def fits(asked: Sequence[Asked], body: str) -> bool:
    has = set(words.in_order(body))
    return all(each.is_in(has) for each in asked)


def _fresh(kind: int, before: int) -> list[int]:
    values = {"kind": kind, "before": before, "most": MOST_FRESH}
    return list(db.session.scalars(_FRESH, values))


def places(asked: Sequence[Asked], body: str) -> Iterator[tuple[int, int]]:
    """Where the words stand that were asked for; pairs of characters that overlap count once."""
    end = 0
    for begin, finish, word in words.spans(body):
        if begin >= end and any(each.fits(word) for each in asked):
            yield begin, finish
            end = finish


def marked(asked: Sequence[Asked], body: str) -> Iterator[tuple[str, bool]]:
    """The text in pieces, each with whether it was asked for."""
    end = 0
    for begin, finish in places(asked, body):
        if begin > end:
            yield body[end:begin], False
        yield body[begin:finish], True
        end = finish
    if end < len(body):
        yield body[end:], False
