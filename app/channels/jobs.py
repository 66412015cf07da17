"""What goes out through providers, and how channels are connected and looked after, as jobs."""

from app.channels import checks, connecting, courtesies, forgetting, naming, sending
from app.channels.email import fetching
from app.core.jobs import job


@job(
    "channels.deliver", seconds=90, attempts=100, max_backoff_seconds=30, on_failure=sending.give_up
)
def deliver(visitor_id: int) -> None:
    sending.deliver(visitor_id)


@job("channels.as_read", seconds=30, attempts=1)
def as_read(
    channel_id: int, visitor_id: int, conversation_id: int, external_id: str, newest: int | None
) -> None:
    courtesies.as_read(channel_id, visitor_id, conversation_id, external_id, newest)


@job("channels.learn_name", seconds=30, attempts=1)
def learn_name(channel_id: int, visitor_id: int) -> None:
    naming.learn(channel_id, visitor_id)


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


@job("channels.forget_updates", queue="bulk", seconds=300, attempts=3)
def forget_updates(channel_id: int) -> None:
    forgetting.forget_updates(channel_id)


@job("channels.fetch_mail", queue="bulk", seconds=120, attempts=3)
def fetch_mail(channel_id: int) -> None:
    fetching.fetch(channel_id)


@job("channels.check_due", queue="bulk")
def check_due() -> None:
    checks.enqueue_due()


@job("channels.fetch_all_mail", queue="bulk")
def fetch_all_mail() -> None:
    fetching.enqueue_due()
