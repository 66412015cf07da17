"""The conductor's jobs."""

from app.core import mail
from app.core.jobs import job
from app.frontdesk import bench, hand_off_clock, inbound, own_records, team_mail, turns


@job("frontdesk.respond", seconds=60, attempts=3, on_failure=turns.give_up)
def respond(conversation_id: int) -> None:
    turns.respond(conversation_id)


@job("frontdesk.rehearse", seconds=60, attempts=2, on_failure=bench.fail)
def rehearse(user_id: int, token: str, number: int) -> None:
    bench.run(user_id, token, number)


@job("frontdesk.tell_hours", queue="bulk")
def tell_hours() -> None:
    own_records.tell_hours()


@job("frontdesk.hand_off_clock", attempts=10)
def advance(hand_off_id: int) -> None:
    hand_off_clock.advance(hand_off_id)


@job("frontdesk.mail_hand_off", attempts=mail.ATTEMPTS)
def mail_hand_off(hand_off_id: int, user_id: int, step: int) -> None:
    team_mail.hand_off(hand_off_id, user_id, step)


@job("frontdesk.mail_callback", attempts=mail.ATTEMPTS)
def mail_callback(callback_id: int) -> None:
    team_mail.callback(callback_id)


# Whatever stops it is ours, as an update that fails is set aside: it comes back until it can go on.
@job("frontdesk.work_off", attempts=100_000, max_backoff_seconds=10)
def work_off(channel_id: int, lane: int) -> None:
    inbound.work_off(channel_id, lane)


@job("frontdesk.work_off_later", attempts=100_000, max_backoff_seconds=10)
def work_off_later(channel_id: int, lane: int) -> None:
    inbound.work_off_later(channel_id, lane)
