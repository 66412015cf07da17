"""An owner's try at connecting a channel: what was typed, until the worker has asked the provider."""

import json
from datetime import datetime

from sqlalchemy import CheckConstraint, Text
from sqlalchemy.dialects.postgresql import JSONB
from sqlalchemy.orm import Mapped, mapped_column

from app.core import tenancy
from app.core.crypto import EncryptedText
from app.core.db import Base, ScopedId, of_business, reference
from app.extensions import db

MAX_ID = 2**63 - 1  # of a bigint


class ConnectAttempt(ScopedId, Base):
    """Asked, refused (`problems`: plain words by field), or done. `channel_id` is the channel that is connected
    anew, or that came of it. What was typed is kept of a refused one, so that nobody types a token twice; a day
    later all is forgotten."""

    __tablename__ = "connect_attempts"
    __table_args__ = (
        of_business(),
        reference("channel_id", "channels"),
        CheckConstraint("state IN ('asked', 'refused', 'done')", name="state"),
    )

    kind: Mapped[str] = mapped_column(Text)
    channel_id: Mapped[int | None]
    state: Mapped[str] = mapped_column(Text, default="asked")
    values_json: Mapped[str | None] = mapped_column(EncryptedText, deferred=True)
    problems: Mapped[dict[str, str]] = mapped_column(JSONB, default=dict)
    user_id: Mapped[int | None]  # who typed it
    finished_at: Mapped[datetime | None]

    @classmethod
    def by_id(cls, attempt_id: int) -> "ConnectAttempt | None":
        if attempt_id > MAX_ID:
            return None
        return db.session.get(cls, (tenancy.current_business_id(), attempt_id))

    @property
    def values(self) -> dict[str, str]:
        return json.loads(self.values_json) if self.values_json else {}

    @values.setter
    def values(self, typed: dict[str, str]) -> None:
        self.values_json = json.dumps(typed) if typed else None
