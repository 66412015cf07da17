"""Consent that members enter: one person's, or a list of people who agreed in the same way. And each row in words."""

from contextlib import suppress
from dataclasses import dataclass

from flask_babel import gettext
from flask_babel import lazy_gettext as _l

from app.accounts.models import User
from app.businesses import profile
from app.channels import consents
from app.channels.border import Address
from app.channels.models import Consent, VisitorAddress
from app.contacts.models import Visitor
from app.core.db import now
from app.core.errors import Invalid
from app.lib import emails, phones

LABELS = {"whatsapp": "WhatsApp", "sms": "SMS", "email": _l("E-mail"), "messenger": _l("Messenger")}
ADDRESS_KINDS = {
    "whatsapp": "phone",
    "sms": "phone",
    "email": "email",
}  # of which a list can be typed
# What is entered: purpose and state, and how it is said.
ENTRIES = {
    "in": ("marketing", "in", _l("Wants offers and news")),
    "out": ("marketing", "out", _l("Wants no offers and news")),
    "never": ("all", "out", _l("Do not contact at all")),
    "again": ("all", "in", _l("May be contacted again")),
}
MIN_WORDS, MAX_WORDS = 8, 500  # characters of evidence
MAX_LINES = 500
DOUBLE = _l("It stands here twice.")
SAID_NO = _l("They said no; only they can change that.")


@dataclass(frozen=True, slots=True)
class Line:
    """One of a pasted list. Either `address` or `problem`; `is_known`: they agreed before."""

    number: int
    typed: str
    address: Address | None = None
    problem: str = ""
    is_known: bool = False


def enter(visitor: Visitor, channel_kind: str, what: str, words: str, by: User) -> None:
    """What somebody told a member. A yes wants evidence. Raises Invalid; its code is the field's name."""
    if what not in ENTRIES:
        raise Invalid(gettext("Choose what they want."), code="what")
    purpose, state, _ = ENTRIES[what]
    consents.record(
        channel_kind, map(consents.key_of, VisitorAddress.of_visitor(visitor.id)),
        purpose=purpose, state=state, basis="member",
        evidence={"words": clean(words, is_needed=state == "in")},
        visitor_id=visitor.id, user_id=by.id,
    )  # fmt: skip


def clean(words: str, *, is_needed: bool) -> str:
    words = " ".join(words.split())
    if is_needed and len(words) < MIN_WORDS:
        raise Invalid(
            gettext(
                "Say how and when they agreed, like “Ticked the box on the sign-up form, 3 May 2026”."
            ),
            code="words",
        )
    if len(words) > MAX_WORDS:
        raise Invalid(
            gettext("This is too long: %(most)s characters fit.", most=MAX_WORDS), code="words"
        )
    return words


def read_list(channel_kind: str, typed: str) -> list[Line]:
    """One number or address a line. What is wrong with a line is said there. Raises Invalid for the whole."""
    texts = [(number, line.strip()) for number, line in enumerate(typed.splitlines(), 1)]
    texts = [(number, line) for number, line in texts if line]
    if not texts:
        raise Invalid(gettext("Paste at least one number or address."), code="list")
    if len(texts) > MAX_LINES:
        raise Invalid(
            gettext(
                "%(most)s lines fit at once; these are %(count)s. Paste them in parts.",
                most=MAX_LINES,
                count=len(texts),
            ),
            code="list",
        )
    home = profile.home_country()
    read = [_read(ADDRESS_KINDS[channel_kind], number, line, home) for number, line in texts]
    return _compared(channel_kind, read)


def enter_list(channel_kind: str, lines: list[Line], words: str, by: User) -> int:
    """Those that are new; how many that is. Safe to repeat."""
    words = clean(words, is_needed=True)
    new = [each.address for each in lines if each.address and not each.is_known]
    consents.record(
        channel_kind, map(consents.key_of, new), purpose="marketing", state="in", basis="import",
        evidence={"words": words, "count": len(new)}, user_id=by.id, occurred_at=now(),
    )  # fmt: skip
    return len(new)


def searched(text: str) -> list[str]:
    """Every address that somebody may mean who types this, as consents have it."""
    text = text.strip()
    found = [f"{kind}:{text}" for kind in ("user", "page_user")] if text else []
    with suppress(phones.NotPhone):
        found.append(f"phone:{phones.normal(text, profile.home_country())}")
    if "@" in text:
        found.append(f"email:{text.lower()}")
    return found


def what_in_words(consent: Consent) -> str:
    wanted = (consent.purpose, consent.state)
    return next(words for *meant, words in ENTRIES.values() if tuple(meant) == wanted)


def how_in_words(consent: Consent) -> str:
    said, provider = consent.evidence, LABELS.get(consent.channel_kind, consent.channel_kind)
    words = said.get("words", "")
    match consent.basis:
        case "word":
            return gettext("Wrote “%(words)s”", words=words)
        case "button":
            return gettext("Pressed “%(words)s”", words=words)
        case "preference":
            return gettext("Changed it in %(provider)s", provider=provider)
        case "error":
            return gettext(
                "%(provider)s refused a message: they had opted out (%(said)s)",
                provider=provider,
                said=said.get("code"),
            )
    return words or gettext("No reason was noted")


def address_in_words(consent: Consent) -> str:
    kind, _, value = consent.address.partition(":")
    return phones.shown(value) if kind == "phone" else value


def _read(kind: str, number: int, typed: str, home: str | None) -> Line:
    try:
        value = phones.normal(typed, home) if kind == "phone" else emails.normal(typed)
    except (phones.NotPhone, emails.NotEmail) as problem:
        return Line(number, typed, problem=str(problem))
    return Line(number, typed, Address(kind, value))


def _compared(channel_kind: str, lines: list[Line]) -> list[Line]:
    """With each other, and with what is known."""
    known = consents.states(channel_kind, [each.address for each in lines if each.address])
    seen: set[Address] = set()
    found = []
    for line in lines:
        address = line.address
        if address is None:
            found.append(line)
        elif address in seen:
            found.append(Line(line.number, line.typed, problem=DOUBLE))
        else:
            seen.add(address)
            found.append(_with_state(line, known.get(consents.key_of(address), {})))
    return found


def _with_state(line: Line, states: dict[str, str]) -> Line:
    if "out" in states.values():
        return Line(line.number, line.typed, problem=SAID_NO)
    is_known = states.get("marketing") == "in"
    return Line(line.number, line.typed, line.address, is_known=is_known)
