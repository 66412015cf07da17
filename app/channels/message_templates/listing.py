"""Templates as their page lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l
from sqlalchemy import Select, func, select

from app.channels.models import MessageTemplate
from app.extensions import db

PAGE_ROWS = 50
MAX_PAGE = 1000
SHOWS = {  # words for groups of states
    "all": (_l("All"), ()),
    "approved": (_l("Approved"), ("APPROVED", "FLAGGED")),
    "review": (_l("In review"), ("PENDING",)),
    "draft": (_l("Drafts"), ("DRAFT",)),
    "stopped": (_l("Stopped"), ("REJECTED", "PAUSED", "DISABLED", "ARCHIVED")),
}
WORDS = {  # of a state: label, tone
    "DRAFT": (_l("Draft"), "neutral"),
    "PENDING": (_l("In review"), "amber"),
    "APPROVED": (_l("Approved"), "green"),
    "REJECTED": (_l("Refused"), "red"),
    "PAUSED": (_l("Paused"), "amber"),
    "DISABLED": (_l("Switched off"), "red"),
    "FLAGGED": (_l("Approved, reported"), "amber"),
    "ARCHIVED": (_l("Put away"), "neutral"),
}
QUALITIES = {"GREEN": (_l("Good quality"), "green"), "YELLOW": (_l("Fair quality"), "amber"),
             "RED": (_l("Low quality"), "red")}  # fmt: skip
ASKING = {"create": _l("Being handed in"), "edit": _l("Change being handed in"), "delete": _l("Being deleted"),
          "unpause": _l("Being resumed")}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Filters:
    show: str = "all"
    category: str = ""
    language: str = ""
    page: int = 1

    @classmethod
    def asked(cls, arguments: Mapping[str, str]) -> "Filters":
        show, page = arguments.get("show", "all"), arguments.get("page", "1")
        return cls(
            show if show in SHOWS else "all",
            arguments.get("category", ""),
            arguments.get("language", ""),
            max(1, min(int(page), MAX_PAGE)) if page.isdecimal() and len(page) < 6 else 1,
        )

    def query(self, **other: Any) -> dict[str, Any]:
        """For a URL: what isn't as usual."""
        chosen: dict[str, Any] = {
            "show": self.show if self.show != "all" else None,
            "category": self.category,
            "language": self.language,
            "page": self.page if self.page > 1 else None,
        }
        return {name: value for name, value in (chosen | other).items() if value}


def found(filters: Filters) -> list[MessageTemplate]:
    """One more than a page has, so that one sees whether there is another."""
    query = _filtered(filters).order_by(
        MessageTemplate.name, MessageTemplate.language, MessageTemplate.id
    )
    return list(
        db.session.scalars(query.limit(PAGE_ROWS + 1).offset((filters.page - 1) * PAGE_ROWS))
    )


def _filtered(filters: Filters) -> Select[MessageTemplate]:
    query = select(MessageTemplate).where(MessageTemplate.status != "DELETED")
    states = SHOWS[filters.show][1]
    if states:
        query = query.where(MessageTemplate.status.in_(states))
    if filters.category:
        query = query.where(MessageTemplate.category == filters.category)
    if filters.language:
        query = query.where(MessageTemplate.language == filters.language)
    return query


def counts() -> dict[str, int]:
    """By group of states."""
    rows = db.session.execute(
        select(MessageTemplate.status, func.count())
        .where(MessageTemplate.status != "DELETED")
        .group_by(MessageTemplate.status)
    )
    by_state: dict[str, int] = {row[0]: row[1] for row in rows}
    return {
        show: sum(number for status, number in by_state.items() if not states or status in states)
        for show, (_, states) in SHOWS.items()
    }


def languages() -> list[str]:
    used = select(MessageTemplate.language).where(MessageTemplate.status != "DELETED")
    return sorted(db.session.scalars(used.distinct()))
