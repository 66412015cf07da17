"""How a business wants its assistant: its voice, its limits, who is called, and which model writes."""

from sqlalchemy import ARRAY, BigInteger, CheckConstraint, Float, SmallInteger, Text
from sqlalchemy.orm import Mapped, mapped_column

from app.core.crypto import EncryptedText
from app.core.db import Base, of_business
from app.core.settings_row import SettingsRow

TONES = ("warm", "plain", "formal")
PROVIDERS = ("claude", "own", "none")
OUT_OF_HOURS = ("call", "take_message")


class AssistantSettings(SettingsRow, Base):
    __tablename__ = "assistant_settings"
    __table_args__ = (
        of_business(),
        CheckConstraint("tone IN ('warm', 'plain', 'formal')", name="tone"),
        CheckConstraint("provider IN ('claude', 'own', 'none')", name="provider"),
        CheckConstraint("out_of_hours IN ('call', 'take_message')", name="out_of_hours"),
        CheckConstraint("month_cap_cents >= 0 AND visitor_day_cap_cents >= 0", name="caps"),
        CheckConstraint("hand_off_minutes BETWEEN 7 AND 240", name="hand_off_minutes"),
        CheckConstraint("burst_seconds BETWEEN 0 AND 30", name="burst_seconds"),
    )

    assistant_name: Mapped[str] = mapped_column(Text, default="")
    tone: Mapped[str] = mapped_column(Text, default="warm")
    style_notes: Mapped[str] = mapped_column(Text, default="")  # how to speak, in the owner's words
    never_say: Mapped[str] = mapped_column(Text, default="")  # one thing a line
    out_of_hours: Mapped[str] = mapped_column(Text, default="call")
    hand_off_topics: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    hand_off_order: Mapped[list[int]] = mapped_column(ARRAY(BigInteger), default=list)  # users
    hand_off_minutes: Mapped[int] = mapped_column(SmallInteger, default=10)  # then it comes back
    switched_off_tools: Mapped[list[str]] = mapped_column(ARRAY(Text), default=list)
    burst_seconds: Mapped[int] = mapped_column(SmallInteger, default=3)  # where each reply costs
    provider: Mapped[str] = mapped_column(Text, default="claude")
    own_base_url: Mapped[str] = mapped_column(Text, default="")
    own_model: Mapped[str] = mapped_column(Text, default="")
    own_key: Mapped[str | None] = mapped_column(EncryptedText, deferred=True)
    own_read_price: Mapped[float | None] = mapped_column(Float)  # dollars per million tokens
    own_written_price: Mapped[float | None] = mapped_column(Float)
    month_cap_cents: Mapped[int | None]  # of a dollar; None: the deployment's; 0: no calls
    visitor_day_cap_cents: Mapped[int | None]
