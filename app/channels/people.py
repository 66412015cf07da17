"""Who writes: visitors by the addresses under which a provider knows them.

One person may have several, like a telephone number and a user id, and be heard of by either. When a message
names both and they were two visitors, these are one from then on.
"""

from collections.abc import Callable, Iterable
from contextlib import suppress
from uuid import uuid4

from sqlalchemy import delete, select, tuple_
from sqlalchemy.dialects.postgresql import insert

from app.channels.border import Address, NotYetKnown, Person
from app.channels.models import Channel, VisitorAddress
from app.contacts import attesting
from app.contacts import services as contacts
from app.contacts.models import Visitor
from app.contacts.services import Details
from app.core import unit_of_work
from app.core.preparing import PREPARED
from app.extensions import db
from app.lib import names

# What a contact is recognised by, of each kind of address.
IDENTITIES = {"phone": "phone", "email": "email", "user": "whatsapp", "page_user": "messenger"}

CLAIM = (
    insert(VisitorAddress)
    .on_conflict_do_nothing(index_elements=["business_id", "channel_id", "kind", "value"])
    .returning(VisitorAddress.id)
    .execution_options(**PREPARED)
)

Merger = Callable[[list[int]], Visitor]
_mergers: list[Merger] = []


def merged_by(function: Merger) -> None:
    """It makes one visitor of these, with all that hangs on them: conversations, which stand above us."""
    _mergers.append(function)


def visitor_of(channel: Channel, person: Person) -> Visitor:
    """Whoever has these addresses, made when nobody has."""
    holders = _holders(channel, person.addresses)
    visitors = {visitor.id: visitor for visitor in holders.values()}
    if len(visitors) == 1 and len(holders) == len(set(person.addresses)):
        visitor = next(iter(visitors.values()))
        if person.name and not visitor.name:
            visitor.name = _name(person)
        return visitor
    if not visitors:
        return _met(channel, person)
    return learn(channel, visitors[min(visitors)], person)


def known(channel: Channel, address: Address) -> Visitor | None:
    return _holders(channel, (address,)).get(address)


def learn(channel: Channel, visitor: Visitor, person: Person) -> Visitor:
    """This visitor has these addresses, by the provider's word; older ones of the same kinds no more. Who
    had them is the same person: the visitor that is left is told."""
    mine = {visitor.id}
    if not _claim(channel, visitor, person.addresses):
        mine |= {holder.id for holder in _holders(channel, person.addresses).values()}
    if len(mine) > 1:
        visitor = _mergers[0](sorted(mine))
    _forget_older(channel, visitor, person.addresses)
    introduce(visitor, person)
    return visitor


def rename(channel: Channel, old: Address, new: tuple[Address, ...]) -> Visitor | None:
    """A number or user id was given up for another. None when that is known by now. Raises NotYetKnown."""
    visitor = known(channel, old)
    if visitor is None and _holders(channel, new):
        return None
    if visitor is None:
        raise NotYetKnown(f"nobody is known by {old.kind} {old.value}")
    visitor = learn(channel, visitor, Person(new))
    _drop(channel, visitor, [old])
    return visitor


def _holders(channel: Channel, addresses: Iterable[Address]) -> dict[Address, Visitor]:
    pairs = [(each.kind, each.value) for each in addresses]
    query = (
        select(VisitorAddress.kind, VisitorAddress.value, Visitor)
        .join(Visitor, Visitor.id == VisitorAddress.visitor_id)
        .where(
            VisitorAddress.channel_id == channel.id,
            tuple_(VisitorAddress.kind, VisitorAddress.value).in_(pairs),
        )
    )
    found = db.session.execute(query.execution_options(**PREPARED))
    return {Address(kind, value): visitor for kind, value, visitor in found}


def _met(channel: Channel, person: Person) -> Visitor:
    """Somebody new. Whoever meets them in this very moment is waited for."""
    visitor = Visitor(uuid=uuid4(), channel_id=channel.id, **_said(person))
    db.session.add(visitor)
    db.session.flush()
    unit_of_work.bare(unit_of_work.held(visitor))
    if not _claim(channel, visitor, person.addresses):
        return learn(channel, visitor, person)
    introduce(visitor, person)
    return visitor


def _claim(channel: Channel, visitor: Visitor, addresses: tuple[Address, ...]) -> bool:
    """False when another has one of them; whoever takes one in this moment is waited for. In one order, so
    that two can't wait for each other."""
    if not addresses:
        raise ValueError("nobody is named")
    wanted = sorted({(each.kind, each.value) for each in addresses})
    rows = [
        {"channel_id": channel.id, "visitor_id": visitor.id, "kind": kind, "value": value}
        for kind, value in wanted
    ]
    if len(db.session.scalars(CLAIM, rows).all()) == len(wanted):
        return True
    held = {(each.kind, each.value) for each in VisitorAddress.of_visitor(visitor.id)}
    return held >= set(wanted)


def _forget_older(channel: Channel, visitor: Visitor, newest: tuple[Address, ...]) -> None:
    kinds = {each.kind for each in newest}
    held = [Address(each.kind, each.value) for each in VisitorAddress.of_visitor(visitor.id)]
    older = [each for each in held if each.kind in kinds and each not in newest]
    if older:
        _drop(channel, visitor, older)


def _drop(channel: Channel, visitor: Visitor, addresses: list[Address]) -> None:
    pairs = [(each.kind, each.value) for each in addresses]
    db.session.execute(
        delete(VisitorAddress).where(
            VisitorAddress.channel_id == channel.id,
            VisitorAddress.visitor_id == visitor.id,
            tuple_(VisitorAddress.kind, VisitorAddress.value).in_(pairs),
        )
    )
    attesting.forget(visitor, _identities(addresses))


def introduce(visitor: Visitor, person: Person) -> None:
    """To the contacts: surely, where the provider vouches for the address."""
    said = _said(person)
    visitor.phone = said["phone"] or visitor.phone
    visitor.email = visitor.email or said["email"]
    visitor.name = visitor.name or said["name"]
    db.session.flush()
    if person.is_attested:
        attesting.attest(visitor, _identities(person.addresses), said["name"])
    else:
        details = Details(said["name"], visitor.email, visitor.phone)
        contacts.find_or_update(visitor, details, None)


def _said(person: Person) -> dict[str, str | None]:
    held = {each.kind: each.value for each in person.addresses}
    return {"phone": held.get("phone"), "email": held.get("email"), "name": _name(person)}


def _identities(addresses: Iterable[Address]) -> list[attesting.Identity]:
    return [(IDENTITIES[each.kind], each.value) for each in addresses if each.kind in IDENTITIES]


def _name(person: Person) -> str | None:
    """What they call themselves, unless that is no name."""
    with suppress(names.NotName):
        return names.normal(person.name[: names.MAX_CHARACTERS])
    return None
