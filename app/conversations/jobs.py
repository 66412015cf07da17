"""What conversations do by themselves."""

from app.conversations import blocking, due, ending, files, services, snoozing
from app.conversations.models import Message
from app.core import tenancy
from app.core.jobs import job
from app.extensions import db


@job("conversations.end", queue="bulk", seconds=120, attempts=5)
def end(conversation_id: int) -> None:
    ending.look(conversation_id)


@job("conversations.fetch_file", seconds=120, attempts=6, on_failure=files.give_up)
def fetch_file(row_id: int) -> None:
    files.fetch(row_id)


@job("conversations.send_scheduled", attempts=8, on_failure=due.give_up)
def send_scheduled(conversation_id: int) -> None:
    due.send_due(conversation_id)


@job("conversations.tell_block", attempts=4, on_failure=blocking.note_untold)
def tell_block(visitor_id: int) -> None:
    blocking.tell_provider(visitor_id)


@job("conversations.note_undelivered", attempts=5)
def note_undelivered(message_id: int) -> None:
    message = db.session.get(Message, (tenancy.current_business_id(), message_id))
    if message is not None:
        services.note_undelivered(message.conversation)


@job("conversations.wake", attempts=10)
def wake(conversation_id: int, moment: str) -> None:
    snoozing.wake_at(conversation_id, moment)
