"""Templates as their page lists them."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Select, func, select

from app.channels.models import MessageTemplate
from app.extensions import db

PAGE_ROWS = 50
MAX_PAGE = 1000
SHOWS = {  # words for groups of states
    "all": ("All", ()),
    "approved": ("Approved", ("APPROVED", "FLAGGED")),
    "review": ("In review", ("PENDING",)),
    "draft": ("Drafts", ("DRAFT",)),
    "stopped": ("Stopped", ("REJECTED", "PAUSED", "DISABLED", "ARCHIVED")),
}
WORDS = {  # of a state: label, tone
    "DRAFT": ("Draft", "neutral"),
    "PENDING": ("In review", "amber"),
    "APPROVED": ("Approved", "green"),
    "REJECTED": ("Refused", "red"),
    "PAUSED": ("Paused", "amber"),
    "DISABLED": ("Switched off", "red"),
    "FLAGGED": ("Approved, reported", "amber"),
    "ARCHIVED": ("Put away", "neutral"),
}
QUALITIES = {"GREEN": ("Good quality", "green"), "YELLOW": ("Fair quality", "amber"),
             "RED": ("Low quality", "red")}  # fmt: skip
ASKING = {"create": "Being handed in", "edit": "Change being handed in", "delete": "Being deleted",
          "unpause": "Being resumed"}  # fmt: skip


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
