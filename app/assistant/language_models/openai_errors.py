"""What goes wrong with an endpoint of the owner's own, in words that say what to change."""

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Any

from app.assistant.language_models.border import ProviderError, Trouble
from app.core import pinned
from app.core.http import AddressRefused, OutgoingError, TooLarge, TooSlow
from app.lib.marking import kept

MAX_QUOTED = 200  # characters of the endpoint's own words
MAX_RETRY_SECONDS = 600.0
_NO_MONEY = {"insufficient_quota", "billing_hard_limit_reached", "billing_not_active"}
_TOO_LONG = re.compile("context_length_exceeded|context length|context window|too many tokens")
_NO_TOOLS = re.compile(
    "does not support (tool|function)|tool-call-parser|tool choice requires|(tools are|tool use is) not supported"
)

NO_MODEL = kept("The endpoint has no model called “%(model)s”.")
NO_TOOLS = kept("This model can’t use tools, which your assistant needs. Choose another model.")
NO_CHAT = kept(
    "There is no chat at this address. It must be the part before /chat/completions, which mostly ends in /v1."
)
WEB_PAGE = kept("The address answers with a web page and not as a language model. Check its path.")
BROKE_OFF = kept("The endpoint broke off its answer.")
NOT_UNDERSTOOD = kept(
    "The endpoint’s answer can’t be understood. Does it speak OpenAI’s chat completions?"
)


_OF_THE_LINE = {
    pinned.NO_CERTIFICATE: kept("The endpoint's security certificate isn't valid."),
    pinned.NO_ANSWER: kept("The endpoint can't be reached, or broke off its answer."),
}


@dataclass(frozen=True, slots=True)
class Refused:
    """An error as the endpoint told it."""

    status: int
    headers: Mapping[str, str]
    message: str
    codes: frozenset[str]

    @property
    def is_too_long(self) -> bool:
        return self.status in (400, 413, 422) and self.says(_TOO_LONG)

    def refuses(self, parameter: str) -> bool:
        """Whether it is this parameter of the request that it can't take."""
        return self.status in (400, 422) and parameter in self.message

    def says(self, phrases: re.Pattern[str]) -> bool:
        return any(phrases.search(each) for each in (self.message.lower(), *self.codes))

    def error(self, model: str, key: str) -> ProviderError:
        """Without the key, which some repeat in their message."""
        told = replace(self, message=self.message.replace(key, "…")) if key else self
        return ProviderError(*_kind_and_words(told, model), _retry_after(self.headers))


def refused(status: int, headers: Mapping[str, str], told: Any) -> Refused:
    """`told` is the body, or the error of an event: servers differ in where they put the message."""
    if isinstance(told, bytes):
        told = _read(told)
    inner = told.get("error", told) if isinstance(told, dict) else told
    if not isinstance(inner, dict):
        inner = {"message": str(inner or "")}
    message = str(inner.get("message") or inner.get("detail") or inner.get("msg") or "")
    codes = frozenset(str(inner[key]) for key in ("code", "type") if inner.get(key))
    return Refused(status or _status_in(inner), headers, message, codes)


def of_the_line(error: OutgoingError) -> ProviderError:
    """No answer, from app/core/http.py."""
    if isinstance(error, TooSlow):
        return ProviderError(Trouble.TIMEOUT, kept("The endpoint took too long to answer."))
    if isinstance(error, TooLarge):
        return ProviderError(Trouble.BROKEN, BROKE_OFF)
    if isinstance(error, AddressRefused):
        return ProviderError(Trouble.BAD_REQUEST, str(error))
    return ProviderError(Trouble.UNREACHABLE, _OF_THE_LINE.get(str(error), str(error)))


def _kind_and_words(told: Refused, model: str) -> tuple[Trouble, str]:  # noqa: PLR0911 - a table
    status = told.status
    if told.codes & _NO_MONEY or status == 402:
        return Trouble.SPEND_LIMIT, kept("The account at the endpoint has no money or quota left.")
    if status == 401:
        return Trouble.KEY, kept("The endpoint refuses the key.")
    if status == 403:
        return Trouble.KEY, kept(
            "The endpoint doesn’t let this key use the model “%(model)s”.", model=model
        )
    if status == 404 and ("model" in told.message.lower() or "model_not_found" in told.codes):
        return Trouble.BAD_REQUEST, kept(NO_MODEL, model=model)
    if status in (404, 405):
        return Trouble.BAD_REQUEST, NO_CHAT
    if 300 <= status < 400:
        leads = told.headers.get("location", "")[:MAX_QUOTED]
        return Trouble.BAD_REQUEST, kept(
            "The address leads on to another one. Type that: %(leads)s", leads=leads
        )
    if status == 408:
        return Trouble.TIMEOUT, kept("The endpoint took too long to answer.")
    if status == 429:
        return Trouble.RATE_LIMITED, kept("The endpoint is asked too often just now.")
    if status in (503, 529):
        return Trouble.OVERLOADED, kept("The endpoint has too much to do just now.")
    if status >= 500:
        return Trouble.SERVER, kept(
            "The endpoint has an error of its own (status %(status)s).", status=status
        )
    if told.says(_NO_TOOLS):
        return Trouble.BAD_REQUEST, NO_TOOLS
    return Trouble.BAD_REQUEST, kept(
        "The endpoint refuses the request: “%(quoted)s”", quoted=_quoted(told.message)
    )


def _read(body: bytes) -> Any:
    try:
        return json.loads(body)
    except ValueError:
        return body.decode(errors="replace")


def _status_in(error: dict[str, Any]) -> int:
    """An error inside a stream has none, or one as its code."""
    code = str(error.get("code") or error.get("status_code") or "")
    known = {"rate_limit_exceeded": 429, "rate_limit_error": 429, "overloaded_error": 529}
    named = known.get(code) or known.get(str(error.get("type")))
    return named or (int(code) if code.isdecimal() and 400 <= int(code) < 600 else 500)


def _quoted(message: str) -> str:
    words = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    return words if len(words) <= MAX_QUOTED else words[:MAX_QUOTED].rstrip() + "…"


def _retry_after(headers: Mapping[str, str]) -> float | None:
    given = headers.get("retry-after", "")
    try:
        return min(max(float(given), 0.0), MAX_RETRY_SECONDS)
    except ValueError:
        return None
