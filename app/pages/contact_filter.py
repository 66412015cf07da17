"""What the list of contacts is narrowed to, from an address or a form."""

from collections.abc import Mapping

from app.contacts.listing import SORTS, Filter
from app.segments import services as segments
from app.segments.models import Segment

MAX_WORDS = 200  # characters of a search


def read(asked: Mapping[str, str]) -> Filter:
    """Unknown filters are none."""
    has, sort = asked.get("has", ""), asked.get("sort", "")
    segment = Segment.by_id(_id(asked.get("segment")))
    return Filter(
        words=asked.get("q", "").strip()[:MAX_WORDS],
        tag_id=_id(asked.get("tag")),
        company_id=_id(asked.get("company")),
        has=has if has in ("email", "phone") else "",
        archived=asked.get("archived") == "1",
        sort=sort if sort in SORTS else "activity",
        segment_id=segment.id if segment else 0,
        condition=segments.condition_of(segment) if segment else None,
    )


def _id(text: str | None) -> int:
    return int(text) if text and text.isascii() and text.isdigit() and len(text) < 19 else 0
