"""Work of channels that is asked for by their pages and by the clock."""

from app.channels import checks, connecting
from app.channels.email import fetching
from app.core.jobs import job


@job("channels.connect", seconds=120, attempts=3, on_failure=connecting.give_up)
def connect(attempt_id: int) -> None:
    connecting.carry_out(attempt_id)


@job("channels.begin", seconds=120, attempts=3)
def begin(channel_id: int) -> None:
    connecting.begin(channel_id)


@job("channels.forget_attempt", queue="bulk")
def forget_attempt(attempt_id: int) -> None:
    connecting.forget(attempt_id)


@job("channels.leave", seconds=60, attempts=3, on_failure=connecting.forget_secrets)
def leave(channel_id: int) -> None:
    connecting.leave(channel_id)


@job("channels.check", seconds=120, attempts=3, on_failure=checks.give_up)
def check(channel_id: int) -> None:
    checks.check(channel_id)


@job("channels.fetch_mail", queue="bulk", seconds=120, attempts=3)
def fetch_mail(channel_id: int) -> None:
    fetching.fetch(channel_id)
