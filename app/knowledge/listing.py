"""Which sources a page shows, by key: page after page, and the same span again when something changed."""

from dataclasses import dataclass

from app.extensions import db
from app.knowledge.models import Source

PAGE_ROWS = 50
MOST_ROWS = 500  # of one span, however many came on top since the page was opened


@dataclass(frozen=True, slots=True)
class Listing:
    """A span of the list, newest first. `before` and `since` say it again: ids below, ids from."""

    sources: list[Source]
    show: str
    words: str
    before: int  # 0: from the newest
    since: int
    has_more: bool

    @property
    def query(self) -> dict[str, str | int]:
        """What a URL needs to ask for this span again."""
        return (
            self.filter | ({"before": self.before} if self.before else {}) | {"since": self.since}
        )

    @property
    def filter(self) -> dict[str, str | int]:
        chosen = {"show": self.show if self.show != "all" else "", "q": self.words}
        return {name: value for name, value in chosen.items() if value}

    @property
    def is_filtered(self) -> bool:
        return bool(self.filter)


def page(show: str, words: str, before: int = 0, limit: int = PAGE_ROWS) -> Listing:
    found = _found(show, words, before, 0, limit + 1)
    shown, has_more = found[:limit], len(found) > limit
    since = shown[-1].id if has_more else 0
    return Listing(shown, show, words, before, since, has_more)


def span(show: str, words: str, before: int, since: int) -> Listing:
    """What a page showed, with what has come into it since."""
    found = _found(show, words, before, since, MOST_ROWS)
    return Listing(found, show, words, before, since, has_more=False)


def _found(show: str, words: str, before: int, since: int, limit: int) -> list[Source]:
    query = Source.listed(show, words).where(Source.id >= since).limit(limit)
    if before > 0:
        query = query.where(Source.id < before)
    return list(db.session.scalars(query))
