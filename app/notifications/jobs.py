"""Telling members, as jobs."""

from typing import Any

from app.core import mail
from app.core.jobs import job
from app.notifications import following, mailing, notifying, pushing, replying  # noqa: F401  who follows is known by its import
from app.notifications.addresses import Ticket


@job("notifications.tell", attempts=10)
def tell(happened: dict[str, Any]) -> None:
    notifying.tell(notifying.Happened(**happened))


@job("notifications.mail", attempts=mail.ATTEMPTS)
def send_mail(user_id: int, about: str) -> None:
    mailing.send(user_id, about)


@job("notifications.push")
def push(subscription_id: int, about: str) -> None:
    pushing.send(subscription_id, about)


@job("notifications.take_reply", on_failure=replying.give_up)
def take_reply(file_id: int, ticket: dict[str, Any]) -> None:
    replying.take(file_id, Ticket(**ticket))


@job("notifications.test_push", attempts=2)
def test_push(subscription_id: int) -> None:
    pushing.test(subscription_id)
