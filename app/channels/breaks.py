"""A provider's line that broke, in words: before the request was written nothing has happened; after it a message may
have been taken. For what runs in the worker, since requests costs memory."""

import requests
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from app.channels.border import SendFailed
from app.lib.marking import kept

BY_OURSELVES = kept("We try again by ourselves.")


def broken(provider: str, error: requests.RequestException, *, is_send: bool) -> SendFailed:
    if _is_before_writing(error):
        return SendFailed(
            "retry",
            kept("%(provider)s can’t be reached right now.", provider=provider),
            next_step=BY_OURSELVES,
        )
    return unanswered(provider, is_send=is_send)


def unanswered(provider: str, *, is_send: bool) -> SendFailed:
    """`is_send`: asking again could send it twice."""
    if is_send:
        return SendFailed(
            "unknown", kept("%(provider)s didn’t answer. It may have taken the message.", provider=provider),
            next_step=kept("Its report will say; send it again only if it stays like this."),
        )  # fmt: skip
    return SendFailed(
        "retry",
        kept("%(provider)s didn’t answer in time.", provider=provider),
        next_step=BY_OURSELVES,
    )


def _is_before_writing(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | SSLError)
