"""Which contacts are meant: some by their ids, or all that a list is narrowed to."""

from collections.abc import Mapping

from flask_babel import gettext as _
from pydantic import BaseModel, ConfigDict
from sqlalchemy import Select, select

from app.contacts import listing
from app.contacts.listing import SORTS, Filter
from app.contacts.models import Contact
from app.contacts.models.people import MAX_ID
from app.core.errors import Invalid
from app.segments import services as segments
from app.segments.models import Segment

MAX_WORDS = 200  # characters of a search
MOST_IDS = 1_000  # chosen one by one


class Chosen(BaseModel):
    """`query` is a list's, as its address has it, where `ids` is None."""

    model_config = ConfigDict(frozen=True)

    ids: tuple[int, ...] | None = None
    query: dict[str, str] = {}


def read(asked: Mapping[str, str]) -> Filter:
    """Of an address or a form; unknown filters are none."""
    has, sort = asked.get("has", ""), asked.get("sort", "")
    segment = Segment.by_id(_id(asked.get("segment")))
    return Filter(
        words=asked.get("q", "").replace("\x00", "").strip()[:MAX_WORDS],
        tag_id=_id(asked.get("tag")),
        company_id=_id(asked.get("company")),
        has=has if has in ("email", "phone") else "",
        archived=asked.get("archived") == "1",
        sort=sort if sort in SORTS else "activity",
        segment_id=segment.id if segment else 0,
        condition=segments.condition_of(segment) if segment else None,
    )


def typed(ids: list[str], query: Mapping[str, str], *, is_all: bool) -> Chosen:
    """Raises Invalid when nobody is, or too many are one by one."""
    if is_all:
        return Chosen(query={k: str(v) for k, v in read(query).as_query.items()})
    found = tuple(sorted({each for text in ids if 0 < (each := _id(text)) <= MAX_ID}))
    if not found:
        raise Invalid(_("Choose at least one contact."), code="empty")
    if len(found) > MOST_IDS:
        raise Invalid(_("At most %(count)s contacts at once. Narrow the list first.", count=f"{MOST_IDS:,}"), code="too_many")  # fmt: skip
    return Chosen(ids=found)


def select_of(chosen: Chosen) -> Select[Contact]:
    """In no order, and nobody who went into another contact."""
    if chosen.ids is None:
        return listing.of(read(chosen.query))
    there = Contact.id.in_(chosen.ids), Contact.merged_into_id.is_(None)
    return select(Contact).where(*there)


def _id(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
