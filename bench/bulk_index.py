"""The index of words made in one go for a database that nobody uses yet: the same rows as the job's own code makes."""

from collections.abc import Callable, Iterator
from itertools import groupby
from operator import itemgetter
from typing import Any

import psycopg

from app.conversations.models import MAX_ID
from app.search import blocks, words
from app.search.models import CONTACT, MESSAGE, VISITOR

READ = {
    CONTACT: (
        "SELECT c.business_id, c.id, concat_ws(' ', c.name, i.known, c.note) FROM contacts AS c"
        " LEFT JOIN (SELECT contact_id, string_agg(value, ' ') AS known FROM contact_identities"
        " GROUP BY contact_id) AS i ON i.contact_id = c.id ORDER BY 1, 2",
        words.of_person,
    ),
    VISITOR: (
        "SELECT business_id, id, concat_ws(' ', name, email, phone) FROM visitors ORDER BY 1, 2",
        words.of_person,
    ),
    # generated bodies are plain words, which need no more than this
    MESSAGE: (
        "SELECT business_id, id, body FROM messages ORDER BY 1, 2",
        lambda body: set(body.lower().split()),
    ),
}


def make(connection: psycopg.Connection[Any]) -> None:
    connection.execute("TRUNCATE search_blocks, search_words, search_changes")
    for kind, (query, words_of) in READ.items():
        for business_id, rows in groupby(_rows(connection, query, kind), key=itemgetter(0)):
            _write(connection, business_id, kind, _postings(rows, words_of))
    connection.execute("UPDATE search_progress SET below = 0")
    connection.commit()


def _rows(connection: psycopg.Connection[Any], query: str, kind: int) -> Iterator[tuple]:
    with connection.cursor(name=f"rows_{kind}") as cursor:
        cursor.itersize = 20_000
        yield from cursor.execute(query)


def _postings(rows: Iterator[tuple], words_of: Callable[[str], set[str]]) -> dict[str, list[int]]:
    found: dict[str, list[int]] = {}
    for _business_id, row_id, body in rows:
        for word in words_of(body):
            found.setdefault(word, []).append(row_id)
    return found


def _write(
    connection: psycopg.Connection[Any], business_id: int, kind: int, postings: dict[str, list[int]]
) -> None:
    ordered = sorted(postings)
    copied = "COPY search_words (business_id, kind, word, documents) FROM STDIN"
    with connection.cursor().copy(copied) as copy:
        for word in ordered:
            copy.write_row((business_id, kind, word, len(postings[word])))
    copied = "COPY search_blocks (business_id, kind, word, top, ids) FROM STDIN"
    with connection.cursor().copy(copied) as copy:
        for word in ordered:
            ids = postings[word]
            for first in range(0, len(ids), blocks.SIZE):
                part = ids[first : first + blocks.SIZE]
                top = MAX_ID if first + blocks.SIZE >= len(ids) else part[-1]
                copy.write_row((business_id, kind, word, top, f"{{{','.join(map(str, part))}}}"))
