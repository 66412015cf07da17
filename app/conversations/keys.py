"""The inbox by keyboard: one table, from which the help is made. static/js/inbox-keys.js does what it says; keys
with a field `data-key` in a template press that button."""

from typing import NamedTuple

from flask_babel import lazy_gettext as _l

from app.lib.marking import N_


class Key(NamedTuple):
    """`press` is one key, several one after the other ("g m"), or a range's ends ("j", "k")."""

    press: str
    words: str


GROUPS: dict[str, tuple[Key, ...]] = {
    N_("Conversations"): (
        Key("j", _l("Next conversation")),
        Key("k", _l("Previous conversation")),
        Key(_l("Enter"), _l("Open the one that is marked")),
        Key("x", _l("Select it")),
        Key("Shift+X", _l("Select all from the last one to this one")),
        Key("[", _l("Earlier messages")),
        Key("]", _l("The newest message")),
    ),
    N_("This conversation"): (
        Key("r", _l("Write a reply")),
        Key("n", _l("Write a note")),
        Key("/", _l("Put in a saved reply")),
        Key("a", _l("Assign it")),
        Key("z", _l("Snooze it")),
        Key("t", _l("Tag it")),
        Key("p", _l("Set its priority")),
        Key("m", _l("Run a macro")),
        Key("e", _l("Resolve it, or open it again")),
        Key("u", _l("Mark it as unread")),
        Key("c", _l("About the contact")),
    ),
    N_("Go to"): (
        Key("g m", _l("Mine")),
        Key("g u", _l("Unassigned")),
        Key("g @", _l("Mentions")),
        Key("g s", _l("Snoozed")),
        Key("g o", _l("Open")),
        Key("g r", _l("Resolved")),
        Key("f", _l("Filter the list")),
        Key("Ctrl+K", _l("Anything: actions, pages, people")),
    ),
    N_("Everywhere"): (
        Key(_l("Esc"), _l("Leave the field, close what is open")),
        Key("?", _l("This list")),
    ),
}
