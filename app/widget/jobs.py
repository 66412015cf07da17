"""What the chat does later."""

from app.core import mail
from app.core.jobs import job
from app.widget import missed


@job("widget.mail_missed_reply", attempts=mail.ATTEMPTS)
def mail_missed_reply(conversation_id: int) -> None:
    missed.mail(conversation_id)
