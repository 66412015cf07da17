"""What a member can be told of, and by which ways."""

from dataclasses import dataclass
from typing import Any

from flask_babel import lazy_gettext as _l

from app.core.access import PERMISSIONS, Permission, Role

PAGE, MAIL, PUSH = WAYS = ("page", "mail", "push")
WAY_LABELS = {PAGE: _l("In Frontdesk"), MAIL: _l("E-mail"), PUSH: _l("Browser")}
ANSWERS = (Role.OWNER, Role.MANAGER, Role.AGENT)
LEADS = (Role.OWNER, Role.MANAGER)


@dataclass(frozen=True, slots=True)
class Event:
    """`headline` names `who`: the visitor, the colleague or the channel. `defaults`: the ways of those in `roles`, until
    they choose for themselves. `without`: the ways that aren't offered, `why` in words. One that is urgent passes
    quiet hours."""

    name: str
    label: Any
    headline: Any
    defaults: tuple[str, ...] = ()
    roles: tuple[Role, ...] = ANSWERS
    permission: Permission = Permission.INBOX_READ
    without: tuple[str, ...] = ()
    why: Any = ""
    is_urgent: bool = False

    def default(self, role: Role) -> tuple[str, ...]:
        return self.defaults if role in self.roles else ()

    def is_for(self, role: Role) -> bool:
        return self.permission in PERMISSIONS[role]


_CLOCK = _l("Who gets an e-mail, and when, is set under Settings → Hand-off.")
EVENTS = {
    each.name: each
    for each in (
        Event("new_conversation", _l("A new conversation"), _l("%(who)s began a conversation")),
        Event("message_mine", _l("A message in a conversation that you have"), _l("%(who)s wrote"),
              (PAGE, MAIL, PUSH)),
        Event("message_unassigned", _l("A message in a conversation that nobody has"),
              _l("%(who)s wrote, and nobody has the conversation"), (PAGE, PUSH)),
        Event("assigned", _l("A conversation is assigned to you"), _l("You have the conversation with %(who)s"),
              (PAGE, MAIL, PUSH)),
        Event("mention", _l("A colleague names you in a note"), _l("You are named in a note about %(who)s"),
              (PAGE, MAIL, PUSH), (*ANSWERS, Role.VIEWER)),
        Event("hand_off", _l("A visitor waits for a person"), _l("%(who)s waits for a person"), (PAGE, PUSH),
              without=(MAIL,), why=_CLOCK),
        Event("hand_off_late", _l("Nobody has come, and it is your turn"), _l("%(who)s still waits, and it is your turn"),
              (PAGE, PUSH), without=(MAIL,), why=_CLOCK, is_urgent=True),
        Event("woken", _l("A conversation that you snoozed is back"), _l("The conversation with %(who)s is back"),
              (PAGE, PUSH)),
        Event("scheduled_failed", _l("A message for later wasn’t sent"), _l("Your message to %(who)s wasn’t sent"),
              (PAGE, MAIL, PUSH)),
        Event("rating", _l("A visitor rates a conversation"), _l("%(who)s rated the conversation"), (PAGE,)),
        Event("channel_broken", _l("A channel stops working"), _l("%(who)s is not working any more"),
              (PAGE, PUSH), LEADS, Permission.SETTINGS_READ, without=(MAIL,),
              why=_l("Owners always get an e-mail.")),
    )
}  # fmt: skip


def of_role(role: Role) -> list[Event]:
    return [each for each in EVENTS.values() if each.is_for(role)]
