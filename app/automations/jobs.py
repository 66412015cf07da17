"""What rules do by themselves."""

from app.automations import by_hours, running, webhooks
from app.core.jobs import job


@job("automations.consider", attempts=5)
def consider(conversation_id: int, message_id: int) -> None:
    running.consider(conversation_id, message_id)


@job("automations.idle", attempts=5)
def idle(rule_id: int, conversation_id: int) -> None:
    running.idle(rule_id, conversation_id)


@job("automations.look_at_hours", queue="bulk", attempts=10, on_failure=by_hours.go_on)
def look_at_hours(since: str) -> None:
    by_hours.look(since)


@job("automations.meet_hours", queue="bulk", attempts=5)
def meet_hours(conversation_id: int, name: str, moment: str) -> None:
    by_hours.meet(conversation_id, name, moment)


@job("automations.call", seconds=40, attempts=webhooks.ATTEMPTS, on_failure=webhooks.give_up)
def call(call_id: int) -> None:
    webhooks.call(call_id)
