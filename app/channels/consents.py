"""Who may be written to, for what. Every change is a row with its evidence; the newest of an address counts.

Offers and news ("marketing") want a yes and no later no. Answers and notices stop only at "all": do not contact.
A no to marketing is no "do not contact".
"""

from collections.abc import Iterable, Mapping
from datetime import datetime
from typing import Any, Protocol

from sqlalchemy import select
from sqlalchemy.dialects.postgresql import distinct_on, insert

from app.channels import opt_words
from app.channels.border import Preference
from app.channels.models import Channel, Consent, Delivery, VisitorAddress
from app.channels.opt_replies import REPLIES
from app.contacts import activities
from app.contacts.models import Visitor
from app.core import tenancy
from app.core.db import now
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib.marking import kept

# The answer to an opt-out is the one thing that is sent after it: queue it in this category.
CONFIRMATION = "confirmation"
CARRIED = ("sms",)  # carriers stop everything there by themselves, and answer
FORGEABLE = {"email"}  # anybody can write anybody’s sender: a no counts, a yes would need proof
NEVER = kept(
    "They asked not to be contacted at all. They can write START, or you record under Settings → Consent that they want it again."
)
OUT = kept(
    "They don’t want offers and news. Only they can change that: by writing START, or by telling you."
)
NO_EVIDENCE = kept(
    "Nothing shows that they want offers and news. Record how and when they agreed under Settings → Consent."
)


class HasAddress(Protocol):
    """A border.Address, or a VisitorAddress."""

    @property
    def kind(self) -> str: ...
    @property
    def value(self) -> str: ...


class Written(Protocol):
    """A conversation's message."""

    id: Any
    body: Any
    content: Any
    sent_at: Any


def key_of(address: HasAddress) -> str:
    return f"{address.kind}:{address.value}"


def record(
    channel_kind: str,
    addresses: Iterable[str],
    *,
    purpose: str,
    state: str,
    basis: str,
    evidence: Mapping[str, Any],
    visitor_id: int | None = None,
    user_id: int | None = None,
    occurred_at: datetime | None = None,
    source_key: str | None = None,
) -> bool:
    """For each of a person's addresses. With a `source_key` what is told twice is kept once: False."""
    at = occurred_at or now()
    rows = [
        {
            "channel_kind": channel_kind,
            "address": address,
            "visitor_id": visitor_id,
            "purpose": purpose,
            "state": state,
            "basis": basis,
            "evidence": dict(evidence),
            "user_id": user_id,
            "source_key": f"{source_key}/{purpose}/{address}" if source_key else None,
            "occurred_at": at,
        }
        for address in addresses
    ]
    if not rows:
        return False
    kept = insert(Consent).values(rows).on_conflict_do_nothing().returning(Consent.id)
    if not db.session.scalars(kept).all():
        return False
    if visitor_id is not None:
        _note_activity(rows[0])
    return True


def _note_activity(row: Mapping[str, Any]) -> None:
    """In the timeline of who said it: once, by however many of its addresses."""
    by_member = row["user_id"] is not None
    activities.record(
        "consent.changed",
        visitor=db.session.get(Visitor, (tenancy.current_business_id(), row["visitor_id"])),
        actor="member" if by_member else "visitor", user_id=row["user_id"],
        payload={name: row[name] for name in ("channel_kind", "purpose", "state")},
        occurred_at=row["occurred_at"], source_key=row["source_key"] and f"consent-{row['source_key']}",
    )  # fmt: skip


def current(channel_kind: str, addresses: Iterable[HasAddress], purpose: str) -> Consent | None:
    """What counts now, by whichever of the person's addresses it was said."""
    return _current(channel_kind, addresses).get(purpose)


def states(channel_kind: str, addresses: Iterable[HasAddress]) -> dict[str, dict[str, str]]:
    """Of many people at once: {address: {purpose: state}}."""
    query = (
        select(Consent.address, Consent.purpose, Consent.state)
        .where(
            Consent.channel_kind == channel_kind,
            Consent.address.in_([key_of(each) for each in addresses]),
        )
        .order_by(Consent.occurred_at, Consent.id)
    )
    found: dict[str, dict[str, str]] = {}
    for address, purpose, state in db.session.execute(query):
        found.setdefault(address, {})[purpose] = state
    return found


def refusal(channel_kind: str, addresses: Iterable[HasAddress], category: str) -> str | None:
    """Why a message of this category may not go to this person, in words for a member."""
    if category == CONFIRMATION:
        return None
    found = _current(channel_kind, addresses)
    if _is(found.get("all"), "out"):
        return NEVER
    if category.lower() != "marketing" or _is(found.get("marketing"), "in"):
        return None
    return OUT if "marketing" in found else NO_EVIDENCE


def note_words(channel: Channel, visitor: Visitor, message: Written) -> str | None:
    """What somebody wrote or pressed. None: it says nothing of consent, and is answered as usual. Otherwise it
    isn't, and what is returned is sent as a CONFIRMATION; "" when they were told before, or a carrier tells them.
    """
    if channel.is_own:
        return None
    button = _button(message)
    said = opt_words.read(button or message.body) or opt_words.read(message.body)
    if channel.kind in CARRIED:
        said = _carried(channel, visitor, message.body) or said
    if said is None or (said.means == "help" and said.language != CARRIER):
        return None
    addresses = VisitorAddress.of_visitor(visitor.id)
    found = _current(channel.kind, addresses)
    changes = _changes(said.means, found, is_carried=channel.kind in CARRIED)
    if changes is None or (
        channel.kind in FORGEABLE and any(state == "in" for _, state in changes)
    ):
        return None
    told = [
        record(
            channel.kind, map(key_of, addresses), purpose=purpose, state=state,
            basis="button" if button else "word",
            evidence={"words": message.body, "message_id": message.id},
            visitor_id=visitor.id, occurred_at=message.sent_at, source_key=f"message-{message.id}",
        )
        for purpose, state in changes
    ]  # fmt: skip
    is_ours_to_say = any(told) and said.language != CARRIER
    return REPLIES[said.language][_reply(changes)] if is_ours_to_say else ""


def note_preference(channel: Channel, preference: Preference) -> None:
    """The provider was told by the person."""
    addresses, at = preference.person.addresses, preference.occurred_at
    record(
        channel.kind, map(key_of, addresses), purpose=preference.purpose, state=preference.state,
        basis="preference", evidence=preference.evidence,
        visitor_id=_visitor_of(channel, addresses), occurred_at=at,
        source_key=f"{channel.kind}-preference-{preference.state}-{int(at.timestamp())}",
    )  # fmt: skip


def note_error(channel: Channel, visitor: Visitor, delivery: Delivery, code: str = "") -> None:
    """The provider refused a message since the person had told it that they want none."""
    record(
        channel.kind, map(key_of, VisitorAddress.of_visitor(visitor.id)),
        purpose="all" if channel.kind in CARRIED else "marketing", state="out",
        basis="error", evidence={"code": code or delivery.error_code, "delivery_id": delivery.id},
        visitor_id=visitor.id, source_key=f"delivery-{delivery.id}",
    )  # fmt: skip


# --- What was said, and what follows from it

CARRIER = "carrier"  # as a language: the carrier answers


def _carried(channel: Channel, visitor: Visitor, body: str) -> opt_words.Said | None:
    """A word that carriers act upon. “Yes” is one only from somebody whom the carrier has stopped."""
    word = opt_words.normal(body)
    if word in opt_words.CARRIER_STOP:
        return opt_words.Said("never", CARRIER)
    if word in opt_words.CARRIER_HELP:
        return opt_words.Said("help", CARRIER)
    is_start = word in opt_words.CARRIER_START
    if is_start and _is(current(channel.kind, VisitorAddress.of_visitor(visitor.id), "all"), "out"):
        return opt_words.Said("back", CARRIER)
    return None


def _changes(
    means: str, found: Mapping[str, Consent], *, is_carried: bool
) -> list[tuple[str, str]] | None:
    """Purposes with their new state. None: it was plain talk. Empty: it was so already."""
    outs = [purpose for purpose, each in found.items() if each.state == "out"]
    if means == "help":
        return []
    if means == "back":
        return [(purpose, "in") for purpose in outs] or None
    if means == "in":
        wanted = {"marketing": "in"} | ({"all": "in"} if "all" in outs else {})
    else:
        wanted = {"all" if means == "never" or is_carried else "marketing": "out"}
    return [each for each in wanted.items() if not _is(found.get(each[0]), each[1])]


def _reply(changes: list[tuple[str, str]]) -> str:
    if changes[0][1] == "in":
        return "in"
    return "never" if changes[0][0] == "all" else "out"


def _button(message: Written) -> str:
    """What stands behind a button that was pressed: a payload like STOP_PROMOTIONS."""
    content = message.content or {}
    return content.get("id", "") if content.get("type") == "choice" else ""


def _is(consent: Consent | None, state: str) -> bool:
    return consent is not None and consent.state == state


def _current(channel_kind: str, addresses: Iterable[HasAddress]) -> dict[str, Consent]:
    """By purpose."""
    query = (
        select(Consent)
        .where(
            Consent.channel_kind == channel_kind,
            Consent.address.in_([key_of(each) for each in addresses]),
        )
        .ext(distinct_on(Consent.purpose))
        .order_by(Consent.purpose, Consent.occurred_at.desc(), Consent.id.desc())
        .execution_options(**PREPARED)
    )
    return {each.purpose: each for each in db.session.scalars(query)}


def _visitor_of(channel: Channel, addresses: Iterable[HasAddress]) -> int | None:
    for each in addresses:
        found = db.session.scalar(
            select(VisitorAddress.visitor_id).where(
                VisitorAddress.channel_id == channel.id,
                VisitorAddress.kind == each.kind,
                VisitorAddress.value == each.value,
            )
        )
        if found is not None:
            return found
    return None
