"""Lists page by key: a cursor is the place of a row, so a page stays right while rows are added."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
MAX_DIGITS = 18  # fits a bigint


@dataclass(frozen=True, slots=True)
class Cursor:
    """A row's time and id. Its text, `<microseconds>-<id>`, is exact and stands in URLs."""

    at: datetime
    id: int

    def __str__(self) -> str:
        return f"{(self.at - EPOCH) // timedelta(microseconds=1)}-{self.id}"

    @classmethod
    def parse(cls, text: str | None) -> "Cursor | None":
        """None for what is no cursor: the list then begins at its beginning."""
        moment, _, row_id = (text or "").partition("-")
        if not all(_is_number(part) for part in (moment, row_id)):
            return None
        try:
            return cls(EPOCH + timedelta(microseconds=int(moment)), int(row_id))
        except OverflowError:
            return None


def _is_number(text: str) -> bool:
    return text.isascii() and text.isdigit() and len(text) <= MAX_DIGITS
