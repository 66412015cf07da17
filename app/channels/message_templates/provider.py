"""The calls to the provider, for one connected number of the account. Made by the worker alone: they bring an HTTP
library along, which is imported when it is needed."""

from typing import Any

from app.channels.border import Line, SendFailed
from app.channels.message_templates.reasons import FULL, TOO_MANY_NOW, fault_in_words
from app.lib.marking import kept

EXISTS = 2388024  # subcodes
ACCOUNT_FULL = 2388019
TOO_FAST = ("80007", "80008")


def listed(line: Line) -> list[dict[str, Any]]:
    from app.channels.whatsapp import template_calls

    return [each for page in template_calls.listed(line) for each in page]


def create(line: Line, template: dict[str, Any]) -> dict[str, Any]:
    from app.channels.whatsapp import template_calls

    try:
        return template_calls.create(line, template)
    except SendFailed as failure:
        raise _explained(failure) from failure


def edit(line: Line, template_id: str, change: dict[str, Any]) -> None:
    from app.channels.whatsapp import template_calls

    try:
        template_calls.edit(line, template_id, change)
    except SendFailed as failure:
        raise _explained(failure) from failure


def delete(line: Line, name: str, template_id: str) -> None:
    from app.channels.whatsapp import template_calls

    template_calls.delete(line, name, template_id)


def unpause(line: Line, template_id: str) -> None:
    from app.channels.whatsapp import template_calls

    if not template_calls.unpause(line, template_id):
        raise SendFailed(
            "permanent",
            kept("WhatsApp doesn’t let it be sent again yet. Try it again in some hours."),
        )


def upload_example(line: Line, name: str, mime: str, body: bytes) -> str:
    from app.channels.whatsapp import template_calls

    return template_calls.upload_example(line, name, mime, body)


def code_of(failure: SendFailed) -> int:
    """The provider's finer code, where it gives one: "100/2388024"."""
    code = failure.code.rpartition("/")[2]
    return int(code) if code.isdecimal() else 0


def _explained(failure: SendFailed) -> SendFailed:
    """What a template's owner can do about it. Too many in an hour aren't tried again within a minute."""
    if failure.code.partition("/")[0] in TOO_FAST:
        return SendFailed("permanent", TOO_MANY_NOW, code=failure.code)
    words = FULL if code_of(failure) == ACCOUNT_FULL else fault_in_words(code_of(failure))
    if words is None:
        return failure
    return SendFailed("permanent", words, code=failure.code)
