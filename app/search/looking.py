"""From words to the rows that have them: the index names some, their own text decides."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from sqlalchemy import text

from app.conversations.models import MAX_ID
from app.extensions import db
from app.search import asking, blocks, texts, words
from app.search.asking import Asked
from app.search.models import MESSAGE
from app.search.texts import Text

FEW = 20_000  # texts: a word of more isn't read whole
MOST_CANDIDATES = 1_000  # messages whose text is looked at
MOST_PEOPLE = 300
MOST_FRESH = 1_000  # rows that the index hasn't read yet
SPARE = 10  # rows more than are wanted

_STATE = text("""
    SELECT kinds.kind, fresh.row_ids,
           coalesce((SELECT p.below > 0 FROM search_progress AS p WHERE p.kind = kinds.kind), false)
      FROM unnest(CAST(:kinds AS smallint[])) AS kinds (kind)
     CROSS JOIN LATERAL (
           SELECT array_agg(row_id) AS row_ids FROM (
                  SELECT DISTINCT row_id FROM search_changes
                   WHERE kind = kinds.kind ORDER BY row_id DESC LIMIT :most) AS f) AS fresh""")


@dataclass(frozen=True, slots=True)
class Found:
    """Rows with their text, newest first."""

    rows: list[Text]
    asked: list[Asked]
    has_more: bool = False


@dataclass(frozen=True, slots=True)
class State:
    """Rows of each kind that the index hasn't read, and whether there are older ones that it hasn't."""

    fresh: dict[int, list[int]]
    is_behind: bool


def state(kinds: Sequence[int]) -> State:
    rows = db.session.execute(_STATE, {"kinds": list(kinds), "most": MOST_FRESH}).all()
    fresh = {kind: row_ids or [] for kind, row_ids, _ in rows}
    return State(fresh, any(is_behind for *_, is_behind in rows))


def look(kind: int, typed: str, fresh: list[int], limit: int, before: int = MAX_ID) -> Found:
    """Up to `limit`, of messages the newest. Where nothing has the words as typed, as they may be meant."""
    asked = asking.read(kind, typed)
    unread = [row_id for row_id in fresh if row_id < before]
    rows = _rows(kind, asked, unread, limit, before)
    if not rows:
        meant = asking.respelled(kind, asked)
        if meant != asked:
            asked, rows = meant, _rows(kind, meant, unread, limit, before)
    return Found(rows[:limit], asked, has_more=len(rows) > limit)


def _rows(
    kind: int, asked: Sequence[Asked], unread: list[int], limit: int, before: int
) -> list[Text]:
    """Most that the index names do fit, so the first look is at little more than what is wanted."""
    if kind == MESSAGE:
        ids = sorted({*unread, *_named(kind, asked, before, MOST_CANDIDATES)}, reverse=True)
    else:
        ids = list(dict.fromkeys([*unread, *_people(kind, asked, limit)]))
    found: list[Text] = []
    first, step = 0, limit + SPARE
    while first < len(ids) and len(found) <= limit:
        found += _that_fit(kind, asked, ids[first : first + step])
        first, step = first + step, step * 2
    return found


def _people(kind: int, asked: Sequence[Asked], limit: int) -> list[int]:
    """Those who have the very words before those who have longer ones, who may be very many."""
    exactly = [each.exactly() for each in asked]
    exact = _named(kind, exactly, MAX_ID, MOST_PEOPLE)
    has_longer = any(each.known != one.known for each, one in zip(asked, exactly, strict=True))
    if not has_longer or len(exact) > limit:
        return exact
    return [*exact, *_named(kind, asked, MAX_ID, MOST_PEOPLE)]


def _named(kind: int, asked: Sequence[Asked], before: int, most: int) -> list[int]:
    """By the index: the rarest word's, of those that the other words' have too unless they are too many."""
    if not all(each.known for each in asked):
        return []
    rarest, *others = sorted(asked, key=lambda each: each.total)
    is_read_whole = bool(others) and rarest.total <= FEW
    sets = [(rarest.known, is_read_whole)]
    if is_read_whole:
        sets += [(each.known, True) for each in others if each.is_whole and each.total <= FEW]
    return blocks.newest(kind, sets, before, most)


def _that_fit(kind: int, asked: Sequence[Asked], ids: Sequence[int]) -> list[Text]:
    found = texts.of(kind, ids)
    return [found[row_id] for row_id in ids if row_id in found and fits(asked, found[row_id].body)]


def fits(asked: Sequence[Asked], body: str) -> bool:
    folded = words.folded(body)
    if not all(each.may_be_in(folded) for each in asked):
        return False
    has = set(words.in_order(body))
    return all(each.is_in(has) for each in asked)


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
