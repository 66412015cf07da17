"""How each member wants to be told: their own choices over what their role has."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from sqlalchemy import func, select

from app.accounts.models import User
from app.businesses.models import Business, Membership
from app.core import tenancy
from app.core.access import Role
from app.core.db import now
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib.quiet_hours import QuietHours
from app.notifications.events import EVENTS, WAYS, Event
from app.notifications.models import NotificationChoice


@dataclass(frozen=True, slots=True)
class Told:
    """A member, and what they chose."""

    user: User
    role: Role
    zone: str
    choice: NotificationChoice | None = field(default=None)

    def ways(self, event: Event) -> tuple[str, ...]:
        if not event.is_for(self.role):
            return ()
        own = self.choice.ways.get(event.name) if self.choice else None
        wanted = event.default(self.role) if own is None else own
        return tuple(way for way in WAYS if way in wanted and way not in event.without)

    def quiet_until(self, at: datetime) -> datetime | None:
        if self.choice is None or not self.choice.quiet_days:
            return None
        hours = QuietHours(
            self.choice.quiet_days, self.choice.quiet_from, self.choice.quiet_to, self.zone
        )
        return hours.until(at)

    @property
    def shows_text(self) -> bool:
        return self.choice is not None and self.choice.shows_text


def told(user_ids: Iterable[int] | None = None) -> list[Told]:
    """Members of the business in scope, of these users or all."""
    members = select(Membership, Business.time_zone).join(Membership.business)
    members = members.where(Business.id == tenancy.current_business_id())
    choices = select(NotificationChoice)
    if user_ids is not None:
        ids = list(user_ids)
        members = members.where(Membership.user_id.in_(ids))
        choices = choices.where(NotificationChoice.user_id.in_(ids))
    chosen = {each.user_id: each for each in db.session.scalars(choices)}
    return [
        _told(member, zone, chosen.get(member.user_id))
        for member, zone in db.session.execute(members.order_by(Membership.id)).unique()
    ]


def of(user_id: int) -> Told | None:
    """None for somebody who is no member any more."""
    return next(iter(told([user_id])), None)


def anyone_wants(event: str) -> bool:
    """Of an event that no role is told of unless it asks for it."""
    ways = NotificationChoice.ways[event]
    some = select(NotificationChoice.user_id).where(func.jsonb_array_length(ways) > 0)
    return db.session.scalar(some.limit(1).execution_options(**PREPARED)) is not None


def change(
    member: Told,
    ways: dict[str, list[str]],
    *,
    quiet_days: list[int],
    quiet_from: int,
    quiet_to: int,
    time_zone: str,
    shows_text: bool,
) -> None:
    """What is as the role has it isn't kept: then it follows the role."""
    choice = NotificationChoice.of(member.user.id) or NotificationChoice(user_id=member.user.id)
    choice.ways = {
        name: chosen
        for name, chosen in ways.items()
        if name in EVENTS and set(chosen) != set(EVENTS[name].default(member.role))
    }
    choice.quiet_days, choice.quiet_from, choice.quiet_to = quiet_days, quiet_from, quiet_to
    choice.time_zone, choice.shows_text = time_zone, shows_text
    db.session.add(choice)


def quiet_now(member: Told) -> datetime | None:
    return member.quiet_until(now())


def _told(member: Membership, zone: str, choice: NotificationChoice | None) -> Told:
    own = choice.time_zone if choice and choice.time_zone else zone
    return Told(member.user, Role(member.role), own, choice)
