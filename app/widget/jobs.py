"""What the chat does later."""

from typing import Any

from app.core import mail
from app.core.jobs import job
from app.notifications.addresses import Ticket
from app.widget import links, mail_replies, missed, transcripts


@job("widget.mail_missed_reply", attempts=mail.ATTEMPTS)
def mail_missed_reply(conversation_id: int) -> None:
    missed.mail(conversation_id)


@job("widget.take_mail_reply", on_failure=mail_replies.give_up)
def take_mail_reply(file_id: int, ticket: dict[str, Any]) -> None:
    mail_replies.take(file_id, Ticket(**ticket))


@job("widget.mail_link", attempts=mail.ATTEMPTS)
def mail_link(visitor_id: int, language: str, asked_at: int) -> None:
    links.mail(visitor_id, language, asked_at)


@job("widget.mail_transcript", attempts=mail.ATTEMPTS)
def mail_transcript(conversation_id: int, address: str, language: str) -> None:
    transcripts.mail(conversation_id, address, language)
