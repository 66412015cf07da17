"""What a rule may ask for: of the conversation, the contact and what was written. A condition is
{"what", "op", "value"}; its value is text, whatever it stands for."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from typing import Any

from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l

from app.automations import catalogue
from app.automations.seen import Seen
from app.contacts import fields
from app.contacts.models import ContactField
from app.conversations.models import PRIORITIES
from app.core.errors import Invalid
from app.lib import names
from app.lib.words import fold, words

OPS = {
    "is": _l("is"),
    "is_not": _l("isn’t"),
    "at_least": _l("is at least"),
    "more_than": _l("is more than"),
    "has": _l("has"),
    "has_not": _l("hasn’t"),
    "contains": _l("contains any of"),
    "starts": _l("starts with"),
    "exactly": _l("is exactly"),
    "known": _l("is known"),
    "unknown": _l("isn’t known"),
    "open": _l("are open"),
    "closed": _l("are closed"),
}
WITHOUT_VALUE = ("known", "unknown", "open", "closed")
OF_FIELD = "field:"  # before a contact field's key
MAX_VALUE = 500  # characters
MAX_MINUTES = 60 * 24 * 366
Part = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Kind:
    """`phrases` say it whole, by what is asked (`op`). `options` None: the value is typed."""

    label: Any
    phrases: dict[str, Any]
    holds: Callable[[Seen, str, str], bool]
    options: Callable[[], catalogue.Options] | None = None
    help: Any = ""
    is_number: bool = False


@dataclass(frozen=True, slots=True)
class Held:
    """A condition in words, and whether it holds."""

    words: str
    is_met: bool

    def as_json(self) -> Part:
        return {"words": self.words, "held": self.is_met}


@dataclass(frozen=True, slots=True)
class Verdict:
    is_met: bool
    conditions: list[Held] = field(default_factory=list)


def look(parts: Iterable[Part], matching: str, seen: Seen) -> Verdict:
    """None of them holds for everything."""
    found = [Held(said(part), holds(part, seen)) for part in parts]
    met = [each.is_met for each in found]
    return Verdict(not met or (any(met) if matching == "any" else all(met)), found)


def holds(part: Part, seen: Seen) -> bool:
    return kind(part["what"]).holds(seen, part["op"], part["value"])


def kind(what: str) -> Kind:
    """Raises Invalid for a field that is no more."""
    if what in KINDS:
        return KINDS[what]
    known = catalogue.fields().get(what.removeprefix(OF_FIELD))
    if known is None or not what.startswith(OF_FIELD):
        raise Invalid(_("A condition asks for a field that is gone. Choose another."), code="what")
    return _of_field(known)


def offered() -> list[tuple[str, Any]]:
    """(name, label) of each, those of the business’s own fields last."""
    own = [(f"{OF_FIELD}{key}", _("Contact: %(field)s", field=each.label)) for key, each in catalogue.fields().items()]  # fmt: skip
    return [(name, each.label) for name, each in KINDS.items()] + own


def said(part: Part) -> str:
    """ "the channel is WhatsApp" """
    of = kind(part["what"])
    value = part["value"]
    if of.options is not None:
        value = dict(of.options()).get(value, value)
    return str(of.phrases[part["op"]] % {"value": value})


def check(part: Part) -> None:
    """Raises Invalid for what can't be asked, or not any more; its code is the input: what, op, value."""
    of = kind(part["what"])
    if part["op"] not in of.phrases:
        raise Invalid(_("Choose how it is compared."), code="op")
    if part["op"] in WITHOUT_VALUE:
        return
    if of.options is not None:
        refuse_unknown(part["value"], of.options())
        return
    _check_typed(of, part["value"])


def refuse_unknown(value: str, options: catalogue.Options) -> None:
    """Raises Invalid."""
    if not value:
        raise Invalid(_("Choose one."), code="value")
    if value not in dict(options):
        raise Invalid(_("This doesn’t exist any more. Choose another."), code="value")


def _check_typed(of: Kind, value: str) -> None:
    if not value.strip():
        raise Invalid(_("Write something here."), code="value")
    if len(value) > MAX_VALUE:
        raise Invalid(_("%(count)s characters fit.", count=MAX_VALUE), code="value")
    if of.is_number and not (value.isascii() and value.isdigit() and int(value) <= MAX_MINUTES):
        raise Invalid(_("Write a number of minutes."), code="value")


def _either(op: str, is_so: bool) -> bool:
    return is_so if op in ("is", "has", "known", "open") else not is_so


def _priority(seen: Seen, op: str, value: str) -> bool:
    number = PRIORITIES.index(value)
    return seen.conversation.priority == number if op == "is" else seen.conversation.priority >= number  # fmt: skip


def _assignee(seen: Seen, op: str, value: str) -> bool:
    has = seen.conversation.assignee_id
    return _either(op, has is None if value == catalogue.NOBODY else str(has) == value)


def _text(seen: Seen, op: str, value: str) -> bool:
    return _compared(seen.text, op, value)


def _compared(text: str, op: str, value: str) -> bool:
    """Case and accents don't count. Of a list with commas one is enough, each whole words."""
    said, wanted = _plain(text), [_plain(each) for each in value.split(",")]
    wanted = [each for each in wanted if each]
    if op == "contains":
        return any(f" {each} " in f" {said} " for each in wanted)
    whole = _plain(value)
    return bool(whole) and (said.startswith(whole) if op == "starts" else said == whole)


def _plain(text: str) -> str:
    return " ".join(fold(word) for word in words(text))


def _company(seen: Seen, op: str, value: str) -> bool:
    company = seen.contact.company if seen.contact else None
    if op in ("known", "unknown"):
        return _either(op, company is not None)
    return company is not None and names.key(company.name) == names.key(value)


def _of_field(known: ContactField) -> Kind:
    def holds(seen: Seen, op: str, value: str) -> bool:
        has = seen.custom(known.key)
        if op in ("known", "unknown"):
            return _either(op, has is not None)
        text = fields.typed(known, has)
        if op == "contains":
            return _compared(text, op, value)
        return _either(op, names.key(text) == names.key(value))

    label = known.label.replace("%", "%%")
    return Kind(
        known.label,
        {
            "is": _("the contact’s %(field)s is “%(value)s”", field=label, value="%(value)s"),
            "is_not": _("the contact’s %(field)s isn’t “%(value)s”", field=label, value="%(value)s"),
            "contains": _("the contact’s %(field)s contains any of “%(value)s”", field=label, value="%(value)s"),
            "known": _("the contact’s %(field)s is known", field=label),
            "unknown": _("the contact’s %(field)s isn’t known", field=label),
        },
        holds,
    )  # fmt: skip


KINDS: dict[str, Kind] = {
    "hours": Kind(
        _l("Opening hours"),
        {"closed": _l("you are closed"), "open": _l("you are open")},
        lambda seen, op, _v: _either(op, seen.is_open),
    ),
    "text": Kind(
        _l("What they wrote"),
        {
            "contains": _l("the text contains any of “%(value)s”"),
            "starts": _l("the text starts with “%(value)s”"),
            "exactly": _l("the text is exactly “%(value)s”"),
        },
        _text,
        help=_l(
            "Whole words, several with commas between them. Capitals and accents don’t count."
        ),
    ),
    "channel": Kind(
        _l("Channel"),
        {"is": _l("it comes by %(value)s"), "is_not": _l("it doesn’t come by %(value)s")},
        lambda seen, op, value: _either(op, seen.conversation.channel.kind == value),
        catalogue.channel_options,
    ),
    "status": Kind(
        _l("Status"),
        {"is": _l("the status is %(value)s"), "is_not": _l("the status isn’t %(value)s")},
        lambda seen, op, value: _either(op, seen.conversation.status == value),
        catalogue.status_options,
    ),
    "state": Kind(
        _l("Who answers"),
        {"is": "%(value)s", "is_not": _l("it isn’t so that %(value)s")},
        lambda seen, op, value: _either(op, seen.conversation.state == value),
        catalogue.state_options,
    ),
    "assignee": Kind(
        _l("Assignee"),
        {"is": _l("%(value)s has it"), "is_not": _l("it isn’t %(value)s who has it")},
        _assignee,
        catalogue.assignee_options,
    ),
    "priority": Kind(
        _l("Priority"),
        {"is": _l("the priority is %(value)s"), "at_least": _l("the priority is at least %(value)s")},
        _priority,
        catalogue.priority_options,
    ),
    "tag": Kind(
        _l("Tag of the conversation"),
        {"has": _l("it has the tag “%(value)s”"), "has_not": _l("it hasn’t the tag “%(value)s”")},
        lambda seen, op, value: _either(op, value in seen.tags),
        catalogue.tag_options,
    ),
    "language": Kind(
        _l("Language"),
        {"is": _l("the language is %(value)s"), "is_not": _l("the language isn’t %(value)s")},
        lambda seen, op, value: _either(op, seen.language == value),
        catalogue.language_options,
    ),
    "waiting": Kind(
        _l("Minutes that the customer waits"),
        {"more_than": _l("the customer has waited for more than %(value)s minutes")},
        lambda seen, _op, value: seen.minutes_waiting > int(value),
        is_number=True,
    ),
    "email": Kind(
        _l("Contact: e-mail address"),
        {"known": _l("their e-mail address is known"), "unknown": _l("their e-mail address isn’t known")},
        lambda seen, op, _v: _either(op, seen.reached_by("email")),
    ),
    "phone": Kind(
        _l("Contact: phone number"),
        {"known": _l("their phone number is known"), "unknown": _l("their phone number isn’t known")},
        lambda seen, op, _v: _either(op, seen.reached_by("phone")),
    ),
    "contact_tag": Kind(
        _l("Contact: tag"),
        {"has": _l("the contact has the tag “%(value)s”"), "has_not": _l("the contact hasn’t the tag “%(value)s”")},
        lambda seen, op, value: _either(op, value in seen.contact_tags),
        catalogue.tag_options,
    ),
    "company": Kind(
        _l("Contact: company"),
        {
            "is": _l("the contact’s company is “%(value)s”"),
            "known": _l("the contact’s company is known"),
            "unknown": _l("the contact’s company isn’t known"),
        },
        _company,
    ),
}  # fmt: skip
