"""What is searched of each kind, read from the rows themselves."""

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import text

from app.extensions import db
from app.search import words
from app.search.models import CONTACT, MESSAGE, VISITOR

# An archived contact, and one that became another, isn't found; nor is what the owner tries out alone.
# A contact's first line is its name.
_CONTACTS = text("""
    SELECT c.id, concat_ws(E'\\n', coalesce(c.name, ''), known.shown, c.note, written.notes,
                           search_custom(c.custom), firm.name, tagged.names),
           extract(epoch FROM c.last_activity_at)
      FROM contacts AS c
      LEFT JOIN companies AS firm ON firm.id = c.company_id AND firm.business_id = c.business_id
      LEFT JOIN LATERAL (
           SELECT string_agg(i.value, E'\\n') AS shown FROM contact_identities AS i
            WHERE i.contact_id = c.id AND i.business_id = c.business_id) AS known ON true
      LEFT JOIN LATERAL (
           SELECT string_agg(n.body, E'\\n') AS notes FROM contact_notes AS n
            WHERE n.contact_id = c.id AND n.business_id = c.business_id) AS written ON true
      LEFT JOIN LATERAL (
           SELECT string_agg(t.name, E'\\n') AS names FROM contact_tags AS ct
             JOIN tags AS t ON t.id = ct.tag_id AND t.business_id = ct.business_id
            WHERE ct.contact_id = c.id AND ct.business_id = c.business_id) AS tagged ON true
     WHERE c.id = ANY (CAST(:ids AS bigint[]))
       AND c.archived_at IS NULL AND c.merged_into_id IS NULL""")
_VISITORS = text("""
    SELECT v.id, concat_ws(E'\\n', v.name, v.email, v.phone), v.id FROM visitors AS v
     WHERE v.id = ANY (CAST(:ids AS bigint[]))""")
_MESSAGES = text("""
    SELECT m.id, m.body, m.id FROM messages AS m
      JOIN conversations AS c ON c.business_id = m.business_id AND c.id = m.conversation_id
     WHERE m.id = ANY (CAST(:ids AS bigint[])) AND m.kind <> 'event' AND NOT c.is_preview""")


@dataclass(frozen=True, slots=True)
class Kind:
    number: int
    table: str
    read: Any
    words_of: Callable[[str], set[str]]
    shortest: int  # characters that a beginning of a word must have


KINDS = {
    CONTACT: Kind(CONTACT, "contacts", _CONTACTS, words.of_person, 2),
    VISITOR: Kind(VISITOR, "visitors", _VISITORS, words.of_person, 2),
    MESSAGE: Kind(MESSAGE, "messages", _MESSAGES, words.of_message, 3),
}


@dataclass(frozen=True, slots=True)
class Text:
    """A row's words. The greater `newness`, the newer among its kind."""

    row_id: int
    body: str
    newness: float


def of(kind: int, ids: Collection[int]) -> dict[int, Text]:
    """By id; what is gone, or not to be found, isn't there."""
    if not ids:
        return {}
    rows = db.session.execute(KINDS[kind].read, {"ids": list(ids)})
    return {row_id: Text(row_id, body, float(newness)) for row_id, body, newness in rows}


def below(kind: int, row_id: int, limit: int) -> Sequence[int]:
    """The ids of its rows, found or not, from there down."""
    found = text(
        f"SELECT id FROM {KINDS[kind].table} WHERE id < :row_id ORDER BY id DESC LIMIT :limit"  # noqa: S608
    )
    return db.session.scalars(found, {"row_id": row_id, "limit": limit}).all()
