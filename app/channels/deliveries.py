"""What is shown of a delivery."""

from dataclasses import dataclass
from datetime import datetime

from app.channels.models import Delivery

LABELS = {
    "queued": ("Waiting", "neutral"), "sending": ("Being sent", "neutral"),
    "unknown": ("May have been sent", "amber"), "sent": ("Sent", "neutral"),
    "delivered": ("Delivered", "neutral"), "read": ("Read", "blue"), "played": ("Played", "blue"),
    "failed": ("Not delivered", "red"), "dropped": ("Not sent", "red"),
}  # fmt: skip


@dataclass(frozen=True, slots=True)
class Shown:
    label: str
    tone: str
    words: str
    next_step: str
    can_retry: bool
    needs_despite: bool
    at: datetime | None


def shown_of(delivery: Delivery) -> Shown:
    label, tone = LABELS[delivery.status]
    return Shown(
        label,
        tone,
        delivery.error or "",
        delivery.next_step or "",
        delivery.status in ("failed", "dropped", "unknown"),
        delivery.status == "unknown",
        delivery.read_at or delivery.delivered_at or delivery.sent_at or delivery.failed_at,
    )


def retry(message_id: int, despite: bool = False) -> Delivery:
    raise NotImplementedError
