"""Questions that must stay answered right, and the runs in which they are asked."""

from datetime import datetime
from typing import Any

from sqlalchemy import (
    Float,
    Index,
    Text,
    case,
    func,
    select,
    text,
)
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, joinedload, mapped_column

from app.core.db import (
    Base,
    ScopedId,
    belongs_to,
    of_business,
    reference,
)
from app.extensions import db
from app.knowledge.models.sources import MAX_ID, Source


class RegressionCase(ScopedId, Base):
    """A question that must stay answered right: what its answer must say, the source that it must cite, or
    both. Made from a member's correction (`message_id` is the answer that was wrong) or by hand.

    The `last_` columns are what came of asking it last; `verdicts.py` says it in words.
    """

    __tablename__ = "regression_cases"
    __table_args__ = (
        of_business(),
        reference("source_id", "sources"),
        reference("message_id", "messages", ondelete="SET NULL"),
        Index(None, "business_id", "source_id"),
        Index(None, "business_id", "message_id"),
    )

    question: Mapped[str] = mapped_column(Text)
    must_contain: Mapped[str] = mapped_column(Text)  # empty: citing the source is enough
    source_id: Mapped[int | None]  # None: saying it is enough, whatever it is quoted from
    message_id: Mapped[int | None]
    created_by: Mapped[int]  # a user
    last_run_at: Mapped[datetime | None]
    is_green: Mapped[bool | None]  # None: not asked since it was made or changed
    last_answer: Mapped[str | None] = mapped_column(Text)
    last_score: Mapped[float | None] = mapped_column(Float)  # 0..1, how sure
    last_result: Mapped[dict[str, Any] | None] = mapped_column(JSONB(none_as_null=True))

    source: Mapped[Source | None] = belongs_to("Source", "RegressionCase.source_id")

    @property
    def is_correction(self) -> bool:
        """It was made with the owner's own answer to this very question."""
        return self.source is not None and self.source.question == self.question

    @classmethod
    def by_id(cls, case_id: int) -> "RegressionCase | None":
        if case_id > MAX_ID:
            return None
        return db.session.scalar(select(cls).where(cls.id == case_id))

    @classmethod
    def of_answer(cls, message_id: int, question: str) -> "RegressionCase | None":
        """The newest that was made of this answer, or of another to the same question."""
        return db.session.scalar(
            select(cls)
            .where((cls.message_id == message_id) | (cls.question == question))
            .order_by((cls.message_id == message_id).desc().nulls_last(), cls.id.desc())
            .limit(1)
        )

    @classmethod
    def listed(cls, show: str, limit: int, offset: int = 0) -> list["RegressionCase"]:
        """Red ones first, then what was not asked yet; all, red, green or new."""
        urgency = case((cls.is_green.is_(None), 1), (cls.is_green.is_(True), 2), else_=0)
        query = select(cls).order_by(urgency, cls.id.desc()).options(joinedload(cls.source))
        states = {"red": False, "green": True, "new": None}
        if show in states:
            query = query.where(cls.is_green.is_(states[show]))
        return list(db.session.scalars(query.limit(limit).offset(offset)))

    @classmethod
    def counts(cls) -> dict[str, int]:
        """By state: red, green and new."""
        state = case(
            (cls.is_green.is_(None), "new"), (cls.is_green.is_(True), "green"), else_="red"
        )
        found = db.session.execute(select(state, func.count()).group_by(state))
        return {"red": 0, "green": 0, "new": 0} | {row[0]: row[1] for row in found}

    @classmethod
    def red_count(cls) -> int:
        query = select(func.count()).select_from(cls).where(cls.is_green.is_(False))
        return db.session.scalar(query) or 0


class CheckRun(ScopedId, Base):
    """All of a business's cases are to be asked: those asked since `asked_at` are done. One at a time."""

    __tablename__ = "check_runs"
    __table_args__ = (
        of_business(),
        Index(
            "uq_check_runs_open",
            "business_id",
            unique=True,
            postgresql_where=text("finished_at IS NULL"),
        ),
    )

    asked_at: Mapped[datetime]
    asked_by: Mapped[int | None]  # a user; None: after a change of the knowledge
    finished_at: Mapped[datetime | None]
    error: Mapped[str | None] = mapped_column(Text)  # in the owner's words

    @classmethod
    def newest(cls) -> "CheckRun | None":
        return db.session.scalar(select(cls).order_by(cls.id.desc()).limit(1))
