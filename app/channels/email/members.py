"""Mails at a mailbox that no customer wrote: what a member answers to an e-mail of ours goes another way."""

from collections.abc import Callable

from app.channels.border import Update
from app.channels.email.reading import raw_of

Taker = Callable[[bytes, list[str]], bool]
_takers: list[Taker] = []

# Where servers write to whom a mail was; Bcc is in none of them.
TO = ("delivered-to", "x-original-to", "envelope-to", "to", "cc")


def taken_by(taker: Taker) -> Taker:
    """It is given a mail and its addresses, in the transaction in which the mail would be stored, and says whether it
    has taken it. It opens the business's scope itself."""
    _takers.append(taker)
    return taker


def take(update: Update) -> bool:
    """Whether somebody else than a channel has taken this mail."""
    from email.utils import getaddresses

    from app.channels.email.letters import Letter

    raw = raw_of(update.payload)
    letter = Letter(raw)
    addresses = [address for _, address in getaddresses([letter.header(name) for name in TO])]
    return any(taker(raw, addresses) for taker in _takers)
