"""The inbox by keyboard: one table, from which the help is made. static/js/inbox-keys.js does what it says; keys
with a field `data-key` in a template press that button."""

from typing import NamedTuple


class Key(NamedTuple):
    """`press` is one key, several one after the other ("g m"), or a range's ends ("j", "k")."""

    press: str
    words: str


GROUPS: dict[str, tuple[Key, ...]] = {
    "Conversations": (
        Key("j", "Next conversation"),
        Key("k", "Previous conversation"),
        Key("Enter", "Open the one that is marked"),
        Key("x", "Select it"),
        Key("Shift+X", "Select all from the last one to this one"),
        Key("[", "Earlier messages"),
        Key("]", "The newest message"),
    ),
    "This conversation": (
        Key("r", "Write a reply"),
        Key("n", "Write a note"),
        Key("/", "Put in a saved reply"),
        Key("a", "Assign it"),
        Key("z", "Snooze it"),
        Key("t", "Tag it"),
        Key("p", "Set its priority"),
        Key("m", "Run a macro"),
        Key("e", "Resolve it, or open it again"),
        Key("u", "Mark it as unread"),
        Key("c", "About the contact"),
    ),
    "Go to": (
        Key("g m", "Mine"),
        Key("g u", "Unassigned"),
        Key("g @", "Mentions"),
        Key("g s", "Snoozed"),
        Key("g o", "Open"),
        Key("g r", "Resolved"),
        Key("f", "Filter the list"),
        Key("Ctrl+K", "Anything: actions, pages, people"),
    ),
    "Everywhere": (
        Key("Esc", "Leave the field, close what is open"),
        Key("?", "This list"),
    ),
}
