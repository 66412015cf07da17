"""The index of words: which words a business has, where each stands, and what the index has yet to read.

Postgres keeps a full-text index from being used under row security, as its operators aren't leakproof. Equality
and order of text are, so this index is made of rows with an ordinary key (docs/search.md).
"""

from typing import Any

from sqlalchemy import ARRAY, BigInteger, Identity, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.db import Base, BusinessScoped

CONTACT, VISITOR, MESSAGE = 1, 2, 3  # kinds of what is found


def _word() -> Any:
    """Compared by bytes, whatever the server's language is: a prefix is a range."""
    return mapped_column(Text(collation="C"), primary_key=True)


class SearchWord(BusinessScoped, Base):
    """A word that the business has, and in how many: what a beginning may mean, what a typing error may be."""

    __tablename__ = "search_words"

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    word: Mapped[str] = _word()
    documents: Mapped[int]


class SearchBlock(BusinessScoped, Base):
    """Up to so many ids of what holds a word. A word's blocks share out the ids among them: an id's place is the
    block with the smallest `top` that isn't below it, the last one's `top` is above all."""

    __tablename__ = "search_blocks"

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    word: Mapped[str] = _word()
    top: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    ids: Mapped[list[int]] = mapped_column(ARRAY(BigInteger))


class SearchChange(BusinessScoped, Base):
    """Written by triggers: a row that is new, changed or gone since the index read it, with the words that it had.
    Until the index has read it, a search reads the row itself."""

    __tablename__ = "search_changes"

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    row_id: Mapped[int] = mapped_column(primary_key=True, autoincrement=False)
    id: Mapped[int] = mapped_column(Identity(), primary_key=True)
    before: Mapped[str | None] = mapped_column(Text)


class SearchProgress(BusinessScoped, Base):
    """How far the index has read what was there before it: from the newest down, rows below `below` remain."""

    __tablename__ = "search_progress"

    kind: Mapped[int] = mapped_column(SmallInteger, primary_key=True)
    below: Mapped[int]
