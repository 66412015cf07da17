"""What rules speak of: members, tags, fields of contacts, channels. Each is read once in a transaction."""

from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.channels.models import Channel
from app.contacts.models import ContactField, Tag
from app.conversations import assigning
from app.conversations.chips import CHANNELS, STATUSES
from app.conversations.models import PRIORITIES
from app.core import unit_of_work

Options = list[tuple[str, str]]

NOBODY = "nobody"
STATES = {
    "assistant": _l("the assistant answers"),
    "waiting": _l("it waits for a person"),
    "person": _l("a person has it"),
}
LANGUAGES = {
    "en": _l("English"), "es": _l("Spanish"), "pt": _l("Portuguese"), "fr": _l("French"), "de": _l("German"),
    "it": _l("Italian"), "nl": _l("Dutch"), "pl": _l("Polish"), "tr": _l("Turkish"), "ru": _l("Russian"),
    "uk": _l("Ukrainian"), "hi": _l("Hindi"), "ar": _l("Arabic"), "zh": _l("Chinese"), "ja": _l("Japanese"),
}  # fmt: skip
URGENCY = {"none": _l("none"), "low": _l("low"), "high": _l("high"), "urgent": _l("urgent")}
WHETHER = {"open": _l("open"), "snoozed": _l("snoozed"), "resolved": _l("resolved")}
assert WHETHER.keys() == STATUSES.keys()


def people() -> dict[str, User]:
    """Who may have conversations, by id."""
    return unit_of_work.kept(
        "automation_people", lambda: {str(each.id): each for each in assigning.candidates()}
    )


def tags() -> dict[str, str]:
    """Names by id."""
    return unit_of_work.kept(
        "automation_tags", lambda: {str(each.id): each.name for each in Tag.all()}
    )


def fields() -> dict[str, ContactField]:
    return unit_of_work.kept(
        "automation_fields", lambda: {each.key: each for each in ContactField.all()}
    )


def tag_options() -> Options:
    return list(tags().items())


def people_options() -> Options:
    return [(user_id, each.name) for user_id, each in people().items()]


def assignee_options() -> Options:
    return [(NOBODY, str(_l("nobody"))), *people_options()]


def channel_options() -> Options:
    return [(kind, CHANNELS.get(kind, kind)) for kind in ("website", *Channel.kinds_in_use())]


def language_options() -> Options:
    return _said(LANGUAGES)


def status_options() -> Options:
    return _said(WHETHER)


def state_options() -> Options:
    return _said(STATES)


def priority_options() -> Options:
    return _said({name: URGENCY[name] for name in PRIORITIES})


def _said(choices: dict[str, object]) -> Options:
    return [(name, str(label)) for name, label in choices.items()]
