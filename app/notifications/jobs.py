"""Telling members, as jobs."""

from typing import Any

from app.core import mail
from app.core.jobs import job
from app.notifications import following, mailing, notifying, pushing  # noqa: F401  who follows is known by its import


@job("notifications.tell", attempts=10)
def tell(happened: dict[str, Any]) -> None:
    notifying.tell(notifying.Happened(**happened))


@job("notifications.mail", attempts=mail.ATTEMPTS)
def send_mail(user_id: int, about: str) -> None:
    mailing.send(user_id, about)


@job("notifications.push")
def push(subscription_id: int, about: str) -> None:
    pushing.send(subscription_id, about)


@job("notifications.test_push", attempts=2)
def test_push(subscription_id: int) -> None:
    pushing.test(subscription_id)
