"""What the chat does later."""

from app.core import mail
from app.core.jobs import job
from app.widget import links, missed, transcripts


@job("widget.mail_missed_reply", attempts=mail.ATTEMPTS)
def mail_missed_reply(conversation_id: int) -> None:
    missed.mail(conversation_id)


@job("widget.mail_link", attempts=mail.ATTEMPTS)
def mail_link(visitor_id: int, language: str, asked_at: int) -> None:
    links.mail(visitor_id, language, asked_at)


@job("widget.mail_transcript", attempts=mail.ATTEMPTS)
def mail_transcript(conversation_id: int, address: str, language: str) -> None:
    transcripts.mail(conversation_id, address, language)
