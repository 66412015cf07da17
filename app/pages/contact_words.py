"""What templates of contacts ask for: a line of the timeline in words, and where it leads."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, g, url_for
from flask_babel import gettext
from flask_babel import lazy_gettext as _l
from markupsafe import Markup

from app.channels.consent_entries import ENTRIES, LABELS
from app.contacts import fields
from app.contacts.models import Activity, Contact, ContactField, Tag
from app.core.access import Permission, may
from app.core.db import now
from app.lib import dates, later


@dataclass(frozen=True, slots=True)
class Look:
    icon: str
    words: str
    is_named: bool = False  # the summary goes on with the sentence


# Each kind of activity in words. A new one gets its line here.
LOOKS = {
    "conversation.started": Look("message-circle", _l("Started a conversation")),
    "conversation.resolved": Look("circle-check", _l("Conversation resolved")),
    "conversation.reopened": Look("rotate-ccw", _l("Conversation opened again")),
    "conversation.rated": Look("thumbs-up", _l("Rated the conversation")),
    "conversation.erased": Look("trash-2", _l("Had everything they said and sent deleted")),
    "conversation.joined": Look("message-circle", _l("Two conversations made one")),
    "conversation.parted": Look("message-circle", _l("Two conversations parted again")),
    "conversation.snoozed": Look("clock", _l("Conversation snoozed until they reply")),
    "conversation.woken": Look("clock", _l("Snooze over")),
    "conversation.assigned": Look("user-check", _l("Conversation assigned to"), is_named=True),
    "conversation.unassigned": Look("users", _l("Conversation put back")),
    "conversation.tagged": Look("tag", _l("Conversation tagged"), is_named=True),
    "conversation.untagged": Look("tag", _l("Tag taken from the conversation")),
    "conversation.prioritised": Look("triangle-alert", _l("Priority changed")),
    "hand_off.called": Look("hand", _l("A person was called")),
    "hand_off.taken": Look("user-check", _l("Taken over from the assistant")),
    "hand_off.given_back": Look("sparkles", _l("Given back to the assistant")),
    "callback.left": Look("phone", _l("Left a message for you")),
    "callback.done": Look("check-check", _l("Called or written back")),
    "chat.consent": Look("user-check", _l("Agreed to how the chat works")),
    "consent.changed": Look("user-check", _l("Said what you may write")),
    "person.blocked": Look("circle-alert", _l("Blocked")),
    "person.unblocked": Look("circle-check", _l("Unblocked")),
    "contact.made": Look("user-plus", _l("Became a contact")),
    "contact.changed": Look("pencil", _l("Contact changed")),
    "contact.merged": Look("users", _l("Merged with"), is_named=True),
    "contact.parted": Look("users", _l("Parted again from"), is_named=True),
    "contact.archived": Look("inbox", _l("Archived")),
    "contact.restored": Look("rotate-ccw", _l("Restored")),
    "identity.added": Look("link", _l("Address added")),
    "identity.removed": Look("x", _l("Address removed")),
    "tag.added": Look("tag", _l("Tagged"), is_named=True),
    "tag.removed": Look("tag", _l("Tag removed")),
    "note.written": Look("sticky-note", _l("Note")),
    "note.deleted": Look("sticky-note", _l("Note deleted")),
    "file.added": Look("paperclip", _l("File kept")),
    "file.deleted": Look("paperclip", _l("File deleted")),
}
SAID = {(purpose, state): words for purpose, state, words in ENTRIES.values()}


def look(activity: Activity) -> Look:
    """One that nobody has words for yet is said by its name."""
    found = LOOKS.get(activity.kind)
    if found is None:
        return Look("circle", activity.kind.replace(".", " ").replace("_", " ").capitalize())
    words = _words_of(activity, found)
    return Look(found.icon, words) if words else found


def _words_of(activity: Activity, found: Look) -> str:
    """Of one that says more than its kind; else ""."""
    said = activity.payload
    if activity.kind == "conversation.started" and said.get("channel") in LABELS:
        return gettext("Started a conversation on %(channel)s", channel=LABELS[said["channel"]])
    if activity.kind == "conversation.snoozed" and said.get("until"):
        until = datetime.fromisoformat(said["until"])
        in_words = later.in_words(until, now(), g.business.time_zone)
        return gettext("Conversation snoozed until %(until)s", until=in_words)
    if activity.kind == "conversation.rated" and said.get("stars"):
        return gettext("Rated the conversation: %(stars)s of 5 stars", stars=said["stars"])
    if activity.kind == "conversation.prioritised" and not activity.summary:
        return gettext("Priority taken away")
    if activity.kind == "consent.changed":
        words = SAID.get((said.get("purpose", ""), said.get("state", "")), found.words)
        return f"{words} ({LABELS.get(said.get('channel_kind', ''), gettext('everywhere'))})"
    return ""


def url(activity: Activity) -> str | None:
    """Where what it is about can be seen, for those who may."""
    what, _, row_id = (activity.about or "").partition(":")
    if what == "conversation" and row_id.isdecimal() and may(Permission.INBOX_READ):
        return url_for("conversations.show", conversation_id=int(row_id))
    return None


def own_field(field: ContactField, contact: Contact) -> Markup | str:
    value = contact.custom.get(field.key)
    if field.kind == "link" and value:
        return Markup('<a class="link" href="{}" target="_blank" rel="noopener noreferrer nofollow">{}</a>').format(value, value.removeprefix("https://"))  # fmt: skip
    if field.kind == "date" and value:
        return dates.full(date.fromisoformat(value))
    return fields.shown(field, value)


def register(blueprint: Blueprint) -> None:
    blueprint.add_app_template_filter(look, "activity_look")
    blueprint.add_app_template_filter(url, "activity_url")
    blueprint.add_app_template_global(own_field, "own_field")
    blueprint.add_app_template_global(Tag.all, "all_tags")
