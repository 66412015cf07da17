"""A webhook of Meta’s, for WhatsApp and Messenger alike: is it theirs, what is in it, and when was that. Cheap, as it
runs before the answer.
"""

import hashlib
import hmac
import json
import time
from collections.abc import Callable, Iterable, Mapping
from datetime import UTC, datetime
from typing import Any

from app.channels.border import Hook, HookRefused, Update
from app.channels.loose import as_number, dicts

FIRST_SECOND = 1_230_768_000  # 2009: nothing here is older
MAX_SECONDS = 2**33
AHEAD_SECONDS = 300  # a clock that goes so much before ours is wrong


def check_signature(hook: Hook, credentials: Mapping[str, str]) -> None:
    secret = credentials.get("app_secret", "")
    wanted = "sha256=" + hmac.new(secret.encode(), hook.body, hashlib.sha256).hexdigest()
    given = hook.headers.get("x-hub-signature-256", "")
    if not secret or not hmac.compare_digest(wanted.encode(), given.encode(errors="replace")):
        raise HookRefused(401, "the signature is not Meta’s")


def answer_handshake(hook: Hook, credentials: Mapping[str, str]) -> str | None:
    token, given = credentials.get("verify_token", ""), hook.args.get("hub.verify_token", "")
    is_right = token and hmac.compare_digest(token.encode(), given.encode(errors="replace"))
    if not is_right or hook.args.get("hub.mode") != "subscribe":
        return None
    return hook.args.get("hub.challenge", "")


def updates(hook: Hook, of_entry: Callable[[dict[str, Any]], Iterable[Update]]) -> list[Update]:
    """Of all entries of the batch. Raises HookRefused."""
    try:
        found = dicts(json.loads(hook.body), "entry")
        return [update for entry in found for update in of_entry(entry)]
    except (ValueError, RecursionError) as error:
        raise HookRefused(400, "the body is no JSON that anybody means") from error


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(min(max(seconds, 0), MAX_SECONDS), UTC)


def seconds(*given: Any) -> float:
    """The first that can be a moment of ours; else now."""
    latest = time.time() + AHEAD_SECONDS
    for each in given:
        seconds = as_number(each) or 0.0
        if FIRST_SECOND < seconds / 1000 < latest:
            seconds /= 1000
        if FIRST_SECOND < seconds < latest:
            return seconds
    return time.time()


def digest(*parts: Any) -> str:
    written = json.dumps(parts, sort_keys=True, default=str)
    return hashlib.sha256(written.encode(errors="replace")).hexdigest()[:40]
