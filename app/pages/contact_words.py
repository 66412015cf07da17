"""What templates of contacts ask for: a line of the timeline in words, and where it leads."""

from dataclasses import dataclass
from datetime import date, datetime

from flask import Blueprint, g, url_for
from flask_babel import gettext as _
from markupsafe import Markup

from app.channels.consent_entries import ENTRIES, LABELS
from app.contacts import fields
from app.contacts.models import Activity, Contact, ContactField, Tag
from app.core.access import Permission, may
from app.core.db import now
from app.lib import later


@dataclass(frozen=True, slots=True)
class Look:
    icon: str
    words: str
    is_named: bool = False  # the summary goes on with the sentence


# Each kind of activity in words. A new one gets its line here.
LOOKS = {
    "conversation.started": Look("message-circle", "Started a conversation"),
    "conversation.resolved": Look("circle-check", "Conversation resolved"),
    "conversation.reopened": Look("rotate-ccw", "Conversation opened again"),
    "conversation.rated": Look("thumbs-up", "Rated the conversation"),
    "conversation.joined": Look("message-circle", "Two conversations made one"),
    "conversation.snoozed": Look("clock", "Conversation snoozed until they reply"),
    "conversation.woken": Look("clock", "Snooze over"),
    "conversation.assigned": Look("user-check", "Conversation assigned to", is_named=True),
    "conversation.unassigned": Look("users", "Conversation put back"),
    "conversation.tagged": Look("tag", "Conversation tagged", is_named=True),
    "conversation.untagged": Look("tag", "Tag taken from the conversation"),
    "conversation.prioritised": Look("triangle-alert", "Priority changed"),
    "hand_off.called": Look("hand", "A person was called"),
    "hand_off.taken": Look("user-check", "Taken over from the assistant"),
    "hand_off.given_back": Look("sparkles", "Given back to the assistant"),
    "callback.left": Look("phone", "Left a message for you"),
    "callback.done": Look("check-check", "Called or written back"),
    "chat.consent": Look("user-check", "Agreed to how the chat works"),
    "consent.changed": Look("user-check", "Said what you may write"),
    "person.blocked": Look("circle-alert", "Blocked"),
    "person.unblocked": Look("circle-check", "Unblocked"),
    "contact.made": Look("user-plus", "Became a contact"),
    "contact.changed": Look("pencil", "Contact changed"),
    "contact.merged": Look("users", "Merged with", is_named=True),
    "contact.parted": Look("users", "Parted again from", is_named=True),
    "contact.archived": Look("inbox", "Archived"),
    "contact.restored": Look("rotate-ccw", "Restored"),
    "identity.added": Look("link", "Address added"),
    "identity.removed": Look("x", "Address removed"),
    "tag.added": Look("tag", "Tagged", is_named=True),
    "tag.removed": Look("tag", "Tag removed"),
    "note.written": Look("sticky-note", "Note"),
    "note.deleted": Look("sticky-note", "Note deleted"),
    "file.added": Look("paperclip", "File kept"),
    "file.deleted": Look("paperclip", "File deleted"),
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
        return f"Started a conversation on {LABELS[said['channel']]}"
    if activity.kind == "conversation.snoozed" and said.get("until"):
        until = datetime.fromisoformat(said["until"])
        return f"Conversation snoozed until {later.in_words(until, now(), g.business.time_zone)}"
    if activity.kind == "conversation.rated" and said.get("stars"):
        return _("Rated the conversation: %(stars)s of 5 stars", stars=said["stars"])
    if activity.kind == "conversation.prioritised" and not activity.summary:
        return "Priority taken away"
    if activity.kind == "consent.changed":
        words = SAID.get((said.get("purpose", ""), said.get("state", "")), found.words)
        return f"{words} ({LABELS.get(said.get('channel_kind', ''), 'everywhere')})"
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
        return day_in_words(date.fromisoformat(value))
    return fields.shown(field, value)


def day_in_words(day: date) -> str:
    return f"{day.day} {day:%B %Y}"


def register(blueprint: Blueprint) -> None:
    blueprint.add_app_template_filter(look, "activity_look")
    blueprint.add_app_template_filter(url, "activity_url")
    blueprint.add_app_template_filter(day_in_words, "day_in_words")
    blueprint.add_app_template_global(own_field, "own_field")
    blueprint.add_app_template_global(Tag.all, "all_tags")
