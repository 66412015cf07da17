"""What conversations do by themselves."""

from app.conversations import ending
from app.core.jobs import job


@job("conversations.end", queue="bulk", seconds=120, attempts=5)
def end(conversation_id: int) -> None:
    ending.look(conversation_id)
