"""What Graph's refusals mean, as data: what to do about a message, what happened in plain words, and what its owner
can do. By code alone: Meta changes its words."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from app.channels.border import SendFailed
from app.lib.marking import kept

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


_LATER = kept("We try again by ourselves.")
_RECONNECT = kept(
    "Open Settings → Channels and connect this channel again with a new access token."
)
_SUPPORT = kept("Open the account in Meta’s Business Support Home to see what it asks of you.")
_FILE = kept("Send the file again, or send it as another type.")
_TEMPLATE = kept("Open Settings → Templates, sync, and choose the template again.")
_NOBODY = kept("Ask them another way for a message on WhatsApp, or call them.")

_BUSY = Fault("retry", kept("WhatsApp has a trouble of its own right now."), _LATER)
_TOO_FAST = Fault("retry", kept("WhatsApp takes fewer messages at once than there are."), _LATER)
_TOKEN = Fault(
    "reconnect", kept("WhatsApp no longer accepts this channel’s access token."), _RECONNECT
)
_PERMISSION = Fault(
    "reconnect", kept("The access token lacks a permission that WhatsApp wants."),
    kept("Give the token the permissions whatsapp_business_messaging and whatsapp_business_management, then connect the channel again under Settings → Channels."),
)  # fmt: skip
_NOT_TAKEN = Fault(
    "permanent",
    kept("WhatsApp didn’t take this message as it is."),
    kept("Change it and send it again."),
    True,
)
_PART_WRONG = Fault(
    "permanent",
    kept("The template’s variables aren’t filled as WhatsApp wants them."),
    _TEMPLATE,
    True,
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
    131057: Fault("retry", kept("WhatsApp is working on this account."), _LATER),
    133016: Fault("retry", kept("The number was registered too often lately."), _LATER),
    131056: Fault("retry", kept("WhatsApp takes one message every 6 seconds for one person."), _LATER),
    131049: Fault(
        "wait", kept("WhatsApp held this back: this person gets enough marketing messages for now."),
        kept("We try again in a day."),
    ),
    131048: Fault(
        "wait", kept("WhatsApp holds back messages of this number: too many people blocked or reported it."),
        kept("Stop campaigns for now and write only to people who wrote to you."),
    ),
    131064: Fault(
        "wait", kept("This account has reached its limit of messages: its templates are in the wrong categories."),
        kept("Stop campaigns for now and look at the categories under Settings → Templates."),
    ),
    131047: Fault(
        "template", kept("More than 24 hours have passed since this person last wrote."),
        kept("Send an approved template, or wait until they write."),
    ),
    0: _TOKEN,
    3: _PERMISSION,
    10: _PERMISSION,
    101: Fault("reconnect", kept("The app’s secret isn’t right any more."), _RECONNECT),
    190: _TOKEN,
    131005: _PERMISSION,
    200: _PERMISSION,
    368: Fault("billing", kept("Meta has blocked this account for a time: it broke a rule."), _SUPPORT),
    131031: Fault("billing", kept("Meta has locked this account."), _SUPPORT),
    130497: Fault(
        "billing", kept("This account may not write to people in this country."),
        kept("Ask Meta’s support, or reach them another way."),
    ),
    131042: Fault(
        "billing", kept("The WhatsApp account has no payment method that works."),
        kept("Add one in Meta’s WhatsApp Manager, then send the message again."),
    ),
    131045: Fault(
        "billing", kept("The number isn’t registered for the Cloud API, or its certificate is wrong."),
        kept("Open Settings → Channels and connect the number again."),
    ),
    133010: Fault(
        "billing", kept("The number isn’t registered for the Cloud API."),
        kept("Open Settings → Channels and connect the number again."),
    ),
    33: Fault("permanent", kept("WhatsApp doesn’t know this number any more."), _RECONNECT),
    100: _NOT_TAKEN,
    131008: _NOT_TAKEN,
    131009: _NOT_TAKEN,
    131021: Fault("permanent", kept("A number can’t write to itself."), kept("Send it to somebody else.")),
    131026: Fault(
        "permanent", kept("This can’t be delivered: the number isn’t on WhatsApp, its app is old, or it blocked yours."),
        _NOBODY,
    ),
    131030: Fault(
        "permanent", kept("The app is still in its test mode, and this number isn’t on its list."),
        kept("Add the number to the list in Meta’s App Dashboard, or set the app live."),
    ),
    131037: Fault(
        "permanent", kept("Meta hasn’t approved the name that customers see."),
        kept("Ask for approval of the display name in Meta’s WhatsApp Manager."),
    ),
    131050: Fault(
        "opted_out", kept("This person has stopped marketing messages from you."),
        kept("You can still answer when they write."),
    ),
    131051: Fault("permanent", kept("WhatsApp knows no message of this type."), kept("Send it as text.")),
    131052: Fault("permanent", kept("WhatsApp couldn’t fetch the file."), _FILE),
    131053: Fault("permanent", kept("WhatsApp couldn’t take the file: its type or size doesn’t fit."), _FILE),
    131062: Fault(
        "permanent", kept("This template goes to telephone numbers only, and this person’s isn’t known."),
        kept("Ask them for their number."),
    ),
    131063: Fault("permanent", kept("WhatsApp doesn’t deliver this message to this person."), _NOBODY),
    130472: Fault(
        "permanent", kept("WhatsApp left this person out: they take part in one of its experiments."), _NOBODY
    ),
    132000: _PART_WRONG,
    132001: Fault(
        "permanent", kept("The template doesn’t exist in this language, or isn’t approved yet."), _TEMPLATE
    ),
    132005: Fault(
        "permanent", kept("The template is too long with what was filled in."), kept("Fill in shorter words.")
    ),
    132007: Fault(
        "permanent", kept("The template breaks one of WhatsApp’s rules."),
        kept("Change it under Settings → Templates and submit it again."),
    ),
    132008: _PART_WRONG,
    132012: _PART_WRONG,
    132015: Fault(
        "permanent", kept("WhatsApp has paused this template: too many people disliked it."),
        kept("Use another, or wait until it is unpaused."),
    ),
    132016: Fault(
        "permanent", kept("WhatsApp has switched this template off for good."), kept("Make another with other words.")
    ),
    132068: Fault("permanent", kept("The form in this template is blocked."), kept("Correct it at Meta.")),
    132069: Fault("permanent", kept("The form in this template is used too often right now."), kept("Try it again in an hour.")),
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
        words = kept("%(words)s It says: %(details)s", words=words, details=details)
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
    return Fault(
        "permanent", kept("The provider refused this message%(said)s.", said=said), "", True
    )
