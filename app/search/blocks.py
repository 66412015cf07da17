"""The rows of the index: added to and taken from by one writer of a business at a time, read by anybody."""

from collections.abc import Iterable, Sequence
from typing import Any

from sqlalchemy import text

from app.conversations.models import MAX_ID
from app.extensions import db

SIZE = 200  # ids of a block: some 1.6 KB, so that it stays in the table's own pages

# Blocks are looked up one by one: with statistics of a smaller index a join would read all of them. What a block has
# too many of goes into blocks of its own, full ones where no more will come: ids mostly come in order, upwards as they
# are made, downwards while older rows are read.
_ADD = text("""
    WITH placed AS (
        SELECT i.word, i.row_id, coalesce(
               (SELECT b.top FROM search_blocks AS b
                 WHERE b.kind = :kind AND b.word = i.word AND b.top >= i.row_id
                 ORDER BY b.top LIMIT 1), :last) AS top
          FROM unnest(CAST(:words AS text[]), CAST(:ids AS bigint[])) AS i (word, row_id)),
    touched AS (
        SELECT word, top, array_agg(row_id) AS fresh, min(row_id) AS least
          FROM placed GROUP BY word, top),
    merged AS (
        SELECT t.word, t.top, m.row_id, coalesce(cardinality(b.ids), 0) AS were,
               CASE WHEN t.least < b.ids[1] THEN -1 ELSE 1 END AS direction
          FROM touched AS t
          LEFT JOIN LATERAL (
               SELECT s.ids FROM search_blocks AS s
                WHERE s.kind = :kind AND s.word = t.word AND s.top = t.top LIMIT 1) AS b ON true
         CROSS JOIN LATERAL (
               SELECT DISTINCT row_id FROM unnest(b.ids || t.fresh) AS u (row_id)) AS m),
    numbered AS (
        SELECT word, top, row_id, were, count(*) OVER whole AS are,
               (row_number() OVER (whole ORDER BY row_id * direction) - 1) / :size AS part
          FROM merged WINDOW whole AS (PARTITION BY word, top)),
    parts AS (
        SELECT word, top AS old_top, were, are, max(row_id) AS greatest,
               array_agg(row_id ORDER BY row_id) AS ids
          FROM numbered GROUP BY word, top, part, were, are),
    stored AS (
        INSERT INTO search_blocks (kind, word, top, ids)
        SELECT :kind, word, CASE WHEN greatest = max(greatest) OVER (PARTITION BY word, old_top)
                                 THEN old_top ELSE greatest END, ids
          FROM parts
        ON CONFLICT (business_id, kind, word, top) DO UPDATE SET ids = excluded.ids)
    INSERT INTO search_words (kind, word, documents)
    SELECT :kind, word, sum(are - were)
      FROM (SELECT DISTINCT word, old_top, were, are FROM parts) AS p
     GROUP BY word HAVING sum(are - were) > 0
    ON CONFLICT (business_id, kind, word)
    DO UPDATE SET documents = search_words.documents + excluded.documents""")
_TAKE = text("""
    WITH outgoing AS (
        SELECT o.word, (SELECT b.top FROM search_blocks AS b
                         WHERE b.kind = :kind AND b.word = o.word AND b.top >= o.row_id
                         ORDER BY b.top LIMIT 1) AS top, o.row_id
          FROM unnest(CAST(:words AS text[]), CAST(:ids AS bigint[])) AS o (word, row_id)),
    left_over AS (
        SELECT g.word, g.top, b.ids AS were, ARRAY(
               SELECT u.row_id FROM unnest(b.ids) AS u (row_id)
                WHERE u.row_id <> ALL (g.ids) ORDER BY 1) AS ids
          FROM (SELECT word, top, array_agg(row_id) AS ids FROM outgoing
                 WHERE top IS NOT NULL GROUP BY word, top) AS g
         CROSS JOIN LATERAL (
               SELECT s.ids FROM search_blocks AS s
                WHERE s.kind = :kind AND s.word = g.word AND s.top = g.top LIMIT 1) AS b),
    emptied AS (
        DELETE FROM search_blocks AS b USING left_over AS l
         WHERE b.kind = :kind AND b.word = l.word AND b.top = l.top AND cardinality(l.ids) = 0),
    lessened AS (
        UPDATE search_blocks AS b SET ids = l.ids FROM left_over AS l
         WHERE b.kind = :kind AND b.word = l.word AND b.top = l.top AND cardinality(l.ids) > 0)
    UPDATE search_words AS w SET documents = w.documents - l.less
      FROM (SELECT word, sum(cardinality(were) - cardinality(ids)) AS less
              FROM left_over GROUP BY word) AS l
     WHERE w.kind = :kind AND w.word = l.word""")
_FORGET = text("""
    DELETE FROM search_words
     WHERE kind = :kind AND word = ANY (CAST(:words AS text[])) AND documents <= 0""")
# One set of words' ids, newest first: {n} tells the sets of a statement apart.
_HOLDERS = """
    SELECT DISTINCT u.row_id
      FROM unnest(CAST(:words{n} AS text[])) AS w (word)
     CROSS JOIN LATERAL (
           SELECT b.ids FROM search_blocks AS b
            WHERE b.kind = :kind AND b.word = w.word AND b.top <= coalesce(
                  (SELECT min(c.top) FROM search_blocks AS c
                    WHERE c.kind = :kind AND c.word = w.word AND c.top >= :before), :before)
            ORDER BY b.top DESC LIMIT :blocks{n}) AS found
     CROSS JOIN LATERAL unnest(found.ids) AS u (row_id)
     WHERE u.row_id < :before"""


def add(kind: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Words with the id of what holds them. Safe to repeat."""
    words, ids = _columns(pairs)
    if words:
        values = {"kind": kind, "words": words, "ids": ids, "last": MAX_ID, "size": SIZE}
        db.session.execute(_ADD, values)


def take(kind: int, pairs: Iterable[tuple[str, int]]) -> None:
    """Safe to repeat. A word that nothing holds any more is forgotten."""
    words, ids = _columns(pairs)
    if words:
        db.session.execute(_TAKE, {"kind": kind, "words": words, "ids": ids})
        db.session.execute(_FORGET, {"kind": kind, "words": sorted(set(words))})


def newest(
    kind: int, sets: Sequence[tuple[Sequence[str], bool]], before: int, limit: int
) -> list[int]:
    """The newest that hold a word of each set; of one that isn't to be read whole, as many as `limit`."""
    values: dict[str, Any] = {"kind": kind, "before": before, "limit": limit}
    for number, (words, is_whole) in enumerate(sets):
        values[f"words{number}"] = list(words)
        values[f"blocks{number}"] = MAX_ID if is_whole else 2 + 2 * limit // SIZE
    holders = " INTERSECT ".join(f"({_HOLDERS.format(n=number)})" for number in range(len(sets)))
    found = text(f"{holders} ORDER BY row_id DESC LIMIT :limit")
    return list(db.session.scalars(found, values))


def _columns(pairs: Iterable[tuple[str, int]]) -> tuple[list[str], list[int]]:
    ordered = sorted(set(pairs))
    return [word for word, _ in ordered], [row_id for _, row_id in ordered]
