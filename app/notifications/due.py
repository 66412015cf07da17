"""What waits to be told by an e-mail or in a browser, looked at when its time comes."""

from datetime import datetime

from app.conversations import presence
from app.notifications import choosing
from app.notifications.choosing import Told
from app.notifications.events import EVENTS, MAIL
from app.notifications.models import Notification


def rows(member: Told, about: str, way: str) -> list[Notification]:
    """Unread, as the member wants to be told of it by now, the newest last; none while they look at it."""
    waiting = Notification.waiting(member.user.id, about)
    asked = [each for each in waiting if (each.wants_mail if way == MAIL else each.wants_push)]
    found = [each for each in asked if way in member.ways(EVENTS[each.event])]
    return [] if found and _looks(found[-1]) else found


def quiet_until(member: Told, found: list[Notification]) -> datetime | None:
    """When their quiet hours end; None outside of them, and where something is urgent."""
    is_urgent = any(EVENTS[each.event].is_urgent for each in found)
    return None if is_urgent else choosing.quiet_now(member)


def _looks(row: Notification) -> bool:
    conversation_id = row.conversation_id
    return conversation_id is not None and row.user_id in presence.who_looks(conversation_id)
