"""Asking the provider about templates."""

from app.channels.message_templates import asking, syncing
from app.core.jobs import job


@job("message_templates.ask", seconds=120, attempts=4, on_failure=asking.fail)
def ask(template_id: int, what: str) -> None:
    asking.ask(template_id, what)


@job("message_templates.sync_due", queue="bulk")
def sync_due() -> None:
    syncing.ask_daily()


@job("message_templates.sync", queue="bulk", seconds=600, attempts=4, on_failure=syncing.fail)
def sync(account_id: str) -> None:
    syncing.sync(account_id)
