"""What Twilio's error codes mean, as data: what to do about a message, what happened in plain words, and what its
owner can do. By code alone: Twilio changes its words."""

from dataclasses import dataclass

from app.channels.border import SendFailed
from app.lib.marking import kept


@dataclass(frozen=True, slots=True)
class Fault:
    trouble: str  # border.TROUBLES
    words: str
    next_step: str = ""


_LATER = kept("We try again by ourselves.")
_RECONNECT = kept("Open Settings → Channels and connect this number again.")
_NUMBER = kept("Check the number, or reach them another way.")
_CONSOLE = kept("Log in to Twilio’s console: it says what it asks of you.")
_UNREACHABLE = Fault(
    "permanent", kept("Their phone couldn’t be reached."), kept("Try later, or call them.")
)
_TOO_FAST = Fault("retry", kept("Twilio takes fewer messages at once than there are."), _LATER)
_NOT_A_NUMBER = Fault("permanent", kept("This number can’t get text messages."), _NUMBER)
_NOT_YOURS = Fault(
    "reconnect", kept("The number isn’t in this Twilio account any more."), _RECONNECT
)
_TOKEN = Fault("reconnect", kept("Twilio no longer accepts this channel’s auth token."), _RECONNECT)
_CLOSED = Fault("billing", kept("The Twilio account is suspended or closed."), _CONSOLE)
_MEDIA = Fault(
    "permanent", kept("Twilio couldn’t fetch the picture, or doesn’t take its type."), kept("Send it as JPEG, PNG or GIF.")
)  # fmt: skip

FAULTS: dict[int, Fault] = {
    14107: _TOO_FAST,
    20429: _TOO_FAST,
    20003: _TOKEN,
    20404: _NOT_YOURS,
    20005: _CLOSED,
    30002: _CLOSED,
    90010: _CLOSED,
    20008: Fault("reconnect", kept("These are Twilio’s test credentials: they send nothing."), _RECONNECT),
    21211: _NOT_A_NUMBER,
    21217: _NOT_A_NUMBER,
    21614: _NOT_A_NUMBER,
    21212: _NOT_YOURS,
    21606: Fault(
        "reconnect", kept("Twilio can’t send text messages from this number."),
        kept("Choose a number that can, and connect it under Settings → Channels."),
    ),
    21659: _NOT_YOURS,
    21660: _NOT_YOURS,
    21703: Fault("reconnect", kept("The messaging service has no numbers."), kept("Add one in Twilio’s console.")),
    21704: _NOT_YOURS,
    21705: _NOT_YOURS,
    21266: Fault("permanent", kept("A number can’t write to itself."), kept("Send it to somebody else.")),
    21408: Fault(
        "permanent", kept("The Twilio account may not write to this country."),
        kept("Switch the country on in Twilio’s console under Messaging → Geo permissions."),
    ),
    21608: Fault(
        "billing", kept("A trial account writes only to numbers that you have verified."),
        kept("Upgrade the account in Twilio’s console."),
    ),
    21610: Fault(
        "opted_out", kept("They wrote STOP: their carrier takes no more messages from you."),
        kept("They can write START. Until then call them."),
    ),
    21612: Fault("permanent", kept("No carrier takes messages from your number to theirs."), _NUMBER),
    21605: Fault("permanent", kept("The message is too long for a text message."), kept("Shorten it.")),
    21617: Fault("permanent", kept("The message is too long for a text message."), kept("Shorten it.")),
    21619: Fault("permanent", kept("There is nothing in this message."), kept("Write something.")),
    21620: _MEDIA,
    12300: _MEDIA,
    30019: _MEDIA,
    63019: _MEDIA,
    30001: Fault("retry", kept("Too many messages wait at Twilio."), _LATER),
    30003: _UNREACHABLE,
    30004: Fault("permanent", kept("Their phone or carrier blocks this message."), kept("Call them.")),
    30005: Fault("permanent", kept("This number isn’t in use."), _NUMBER),
    30006: Fault("permanent", kept("This is a landline, or its carrier takes no text messages."), kept("Call them.")),
    30007: Fault(
        "permanent", kept("The carrier took this for spam and dropped it."),
        kept("Write it in other words, without short links. If it happens often, ask Twilio’s support."),
    ),
    30008: Fault("permanent", kept("The carrier didn’t deliver it and didn’t say why."), kept("Send it again, or call them.")),
    30022: Fault("retry", kept("The carrier takes fewer messages from your number than there are."), _LATER),
    30032: Fault("billing", kept("This toll-free number isn’t verified yet."), _CONSOLE),
    30034: Fault(
        "billing", kept("US carriers want numbers like yours to be registered (A2P 10DLC)."),
        kept("Register the number in Twilio’s console under Messaging → Regulatory compliance."),
    ),
}  # fmt: skip
_BUSY = Fault("retry", kept("Twilio has a trouble of its own right now."), _LATER)


def failure(code: int, *, status: int = 0) -> SendFailed:
    """`status`: HTTP's, for codes that the table doesn't have."""
    fault = FAULTS.get(code) or _by_status(code, status)
    said = str(code) if code > 0 else ""
    return SendFailed(fault.trouble, fault.words, next_step=fault.next_step, code=said)


def _by_status(code: int, status: int) -> Fault:
    if status == 429:
        return _TOO_FAST
    if status == 401:
        return _TOKEN
    if status >= 500:
        return _BUSY
    said = f" (code {code})" if code > 0 else ""
    return Fault(
        "permanent",
        kept("Twilio didn’t take this message%(said)s.", said=said),
        kept("Look the code up at Twilio."),
    )
