"""What Graph's refusals mean, as data: what to do about a message, what happened in plain words, and what its owner
can do. By code alone: Meta changes its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.channels.border import SendFailed

MAX_DETAILS = 200
MAX_CODE = 999_999


@dataclass(frozen=True, slots=True)
class Fault:
    """`says_details`: Graph's own words name the part that is wrong."""

    trouble: str
    words: str
    next_step: str = ""
    says_details: bool = False


class GraphFailed(SendFailed):
    """Graph itself said so. `code` is its own, with its subcode where it has one: "100/33"."""

    @property
    def number(self) -> str:
        return self.code.partition("/")[0]


_LATER = "We try again by ourselves."
_RECONNECT = "Open Settings → Channels and connect this channel again with a new access token."
_SUPPORT = "Open the account in Meta’s Business Support Home to see what it asks of you."
_FILE = "Send the file again, or send it as another type."
_TEMPLATE = "Open Settings → Templates, sync, and choose the template again."
_NOBODY = "Ask them another way for a message on WhatsApp, or call them."

_BUSY = Fault("retry", "WhatsApp has a trouble of its own right now.", _LATER)
_TOO_FAST = Fault("retry", "WhatsApp takes fewer messages at once than there are.", _LATER)
_TOKEN = Fault("reconnect", "WhatsApp no longer accepts this channel’s access token.", _RECONNECT)
_PERMISSION = Fault(
    "reconnect", "The access token lacks a permission that WhatsApp wants.",
    "Give the token the permissions whatsapp_business_messaging and whatsapp_business_management, then connect "
    "the channel again under Settings → Channels.",
)  # fmt: skip
_NOT_TAKEN = Fault(
    "permanent", "WhatsApp didn’t take this message as it is.", "Change it and send it again.", True
)
_PART_WRONG = Fault(
    "permanent", "The template’s variables aren’t filled as WhatsApp wants them.", _TEMPLATE, True
)

# A table has 2, 190 and 200 at least: for a busy server, an unknown 401 and the other permissions.
WHATSAPP: Mapping[int, Fault] = {
    1: _BUSY,
    2: _BUSY,
    4: _TOO_FAST,
    80007: _TOO_FAST,
    130429: _TOO_FAST,
    131000: _BUSY,
    131016: _BUSY,
    131057: Fault("retry", "WhatsApp is working on this account.", _LATER),
    133016: Fault("retry", "The number was registered too often lately.", _LATER),
    131056: Fault("retry", "WhatsApp takes one message every 6 seconds for one person.", _LATER),
    131049: Fault(
        "wait", "WhatsApp held this back: this person gets enough marketing messages for now.",
        "We try again in a day.",
    ),
    131048: Fault(
        "wait", "WhatsApp holds back messages of this number: too many people blocked or reported it.",
        "Stop campaigns for now and write only to people who wrote to you.",
    ),
    131064: Fault(
        "wait", "This account has reached its limit of messages: its templates are in the wrong categories.",
        "Stop campaigns for now and look at the categories under Settings → Templates.",
    ),
    131047: Fault(
        "template", "More than 24 hours have passed since this person last wrote.",
        "Send an approved template, or wait until they write.",
    ),
    0: _TOKEN,
    3: _PERMISSION,
    10: _PERMISSION,
    101: Fault("reconnect", "The app’s secret isn’t right any more.", _RECONNECT),
    190: _TOKEN,
    131005: _PERMISSION,
    200: _PERMISSION,
    368: Fault("billing", "Meta has blocked this account for a time: it broke a rule.", _SUPPORT),
    131031: Fault("billing", "Meta has locked this account.", _SUPPORT),
    130497: Fault(
        "billing", "This account may not write to people in this country.",
        "Ask Meta’s support, or reach them another way.",
    ),
    131042: Fault(
        "billing", "The WhatsApp account has no payment method that works.",
        "Add one in Meta’s WhatsApp Manager, then send the message again.",
    ),
    131045: Fault(
        "billing", "The number isn’t registered for the Cloud API, or its certificate is wrong.",
        "Open Settings → Channels and connect the number again.",
    ),
    133010: Fault(
        "billing", "The number isn’t registered for the Cloud API.",
        "Open Settings → Channels and connect the number again.",
    ),
    33: Fault("permanent", "WhatsApp doesn’t know this number any more.", _RECONNECT),
    100: _NOT_TAKEN,
    131008: _NOT_TAKEN,
    131009: _NOT_TAKEN,
    131021: Fault("permanent", "A number can’t write to itself.", "Send it to somebody else."),
    131026: Fault(
        "permanent", "This can’t be delivered: the number isn’t on WhatsApp, its app is old, or it blocked yours.",
        _NOBODY,
    ),
    131030: Fault(
        "permanent", "The app is still in its test mode, and this number isn’t on its list.",
        "Add the number to the list in Meta’s App Dashboard, or set the app live.",
    ),
    131037: Fault(
        "permanent", "Meta hasn’t approved the name that customers see.",
        "Ask for approval of the display name in Meta’s WhatsApp Manager.",
    ),
    131050: Fault(
        "opted_out", "This person has stopped marketing messages from you.",
        "You can still answer when they write.",
    ),
    131051: Fault("permanent", "WhatsApp knows no message of this type.", "Send it as text."),
    131052: Fault("permanent", "WhatsApp couldn’t fetch the file.", _FILE),
    131053: Fault("permanent", "WhatsApp couldn’t take the file: its type or size doesn’t fit.", _FILE),
    131062: Fault(
        "permanent", "This template goes to telephone numbers only, and this person’s isn’t known.",
        "Ask them for their number.",
    ),
    131063: Fault("permanent", "WhatsApp doesn’t deliver this message to this person.", _NOBODY),
    130472: Fault(
        "permanent", "WhatsApp left this person out: they take part in one of its experiments.", _NOBODY
    ),
    132000: _PART_WRONG,
    132001: Fault(
        "permanent", "The template doesn’t exist in this language, or isn’t approved yet.", _TEMPLATE
    ),
    132005: Fault(
        "permanent", "The template is too long with what was filled in.", "Fill in shorter words."
    ),
    132007: Fault(
        "permanent", "The template breaks one of WhatsApp’s rules.",
        "Change it under Settings → Templates and submit it again.",
    ),
    132008: _PART_WRONG,
    132012: _PART_WRONG,
    132015: Fault(
        "permanent", "WhatsApp has paused this template: too many people disliked it.",
        "Use another, or wait until it is unpaused.",
    ),
    132016: Fault(
        "permanent", "WhatsApp has switched this template off for good.", "Make another with other words."
    ),
    132068: Fault("permanent", "The form in this template is blocked.", "Correct it at Meta."),
    132069: Fault("permanent", "The form in this template is used too often right now.", "Try it again in an hour."),
    135000: _NOT_TAKEN,
}  # fmt: skip
_PERMISSIONS = range(200, 300)


def failure(
    error: Mapping[str, Any], *, status: int = 0, secrets: tuple[str, ...] = (),
    table: Mapping[int, Fault] = WHATSAPP,
) -> GraphFailed:  # fmt: skip
    """Of an error as Graph answers it, or tells it in a webhook; parts may be missing. `status`: HTTP's, for
    codes that no table has. `secrets` stand in no message: Graph repeats a token that it can't read."""
    code = _number(error.get("code"))
    fault = _fault(error, code, status, table)
    words, details = fault.words, _details(error, secrets)
    if fault.says_details and details:
        words = f"{words} It says: {details}"
    subcode = _number(error.get("error_subcode"))
    return GraphFailed(
        fault.trouble, words, next_step=fault.next_step,
        code=f"{code}/{subcode}" if subcode > 0 else str(code),
    )  # fmt: skip


def _number(said: Any) -> int:
    return said if isinstance(said, int) else -1


def _details(error: Mapping[str, Any], secrets: tuple[str, ...]) -> str:
    data = error.get("error_data")
    said = data.get("details") if isinstance(data, Mapping) else None
    details = str(said or error.get("message") or "")
    for secret in filter(None, secrets):
        details = details.replace(secret, "…")
    return details[:MAX_DETAILS]


def _fault(error: Mapping[str, Any], code: int, status: int, table: Mapping[int, Fault]) -> Fault:
    """By the subcode where the table has it: a large one is nobody’s code."""
    subcode = _number(error.get("error_subcode"))
    found = (table.get(subcode) if subcode > MAX_CODE else None) or table.get(code)
    return found or _by_range(code, table) or _by_status(code, status, table)


def _by_range(code: int, table: Mapping[int, Fault]) -> Fault | None:
    return table[200] if code in _PERMISSIONS else None


def _by_status(code: int, status: int, table: Mapping[int, Fault]) -> Fault:
    if status >= 500 or status == 429:
        return table[2]
    if status == 401:
        return table[190]
    said = f" (code {code})" if code > 0 else ""
    return Fault("permanent", f"The provider refused this message{said}.", "", True)
