"""What a member chooses from: until when, whom, which tags, how urgent. For one conversation or for many."""

from dataclasses import dataclass

from flask_babel import lazy_gettext as _l
from flask_login import current_user

from app.accounts.models import User
from app.contacts.models import Tag
from app.conversations import assigning, tagging
from app.conversations.models import PRIORITIES, Conversation
from app.core.db import now
from app.lib import later

MOST_TAGS = 100  # offered; any other is typed
FILTERED_FROM = 8  # a longer list is searched by typing
TITLES = {
    "snooze": _l("Snooze until"),
    "assign": _l("Assign to"),
    "tag": _l("Tags"),
    "priority": _l("Priority"),
}


@dataclass(frozen=True, slots=True)
class Panel:
    """`conversation` None: for those that are selected."""

    name: str
    zone: str
    conversation: Conversation | None = None

    @property
    def title(self) -> str:
        return str(TITLES[self.name])

    @property
    def times(self) -> list[tuple[str, str, str]]:
        """(name, label, exactly when)"""
        at = now()
        offered = later.choices(at, self.zone)
        return [(each.name, each.label, later.in_words(each.at, at, self.zone)) for each in offered]

    @property
    def earliest(self) -> str:
        """For the field of date and time, which begins with tomorrow morning."""
        return later.for_field(now(), self.zone)

    @property
    def proposed(self) -> str:
        tomorrow = next(each for each in later.choices(now(), self.zone) if each.name == "tomorrow")
        return later.for_field(tomorrow.at, self.zone)

    @property
    def people(self) -> list[User]:
        """Oneself first."""
        return sorted(assigning.candidates(), key=lambda each: each.id != current_user.id)

    @property
    def has(self) -> list[Tag]:
        return tagging.of(self.conversation.id) if self.conversation else []

    @property
    def offered_tags(self) -> list[Tag]:
        has = {each.id for each in self.has}
        return [each for each in Tag.all() if each.id not in has][:MOST_TAGS]

    @property
    def priorities(self) -> list[tuple[int, str]]:
        """Most urgent first."""
        return list(enumerate(PRIORITIES))[::-1]
