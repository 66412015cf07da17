"""Twilio's own client, for the worker: one pooled line a process, an account's credentials with each call."""

import logging
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache

import requests
from flask import current_app
from requests.adapters import HTTPAdapter
from twilio.base.exceptions import TwilioException, TwilioRestException, TwilioServiceException
from twilio.http.http_client import TwilioHttpClient
from twilio.rest import Client
from urllib3.exceptions import MaxRetryError, NewConnectionError, SSLError

from app.channels.border import Line, SendFailed
from app.channels.sms.errors import failure

TIMEOUT = 20.0  # seconds without a byte
POOL = 100


def of(account_sid: str, auth_token: str) -> Client:
    client = Client(account_sid, auth_token, http_client=_line())
    base = current_app.config["TWILIO_BASE_URL"]
    client.api.base_url = base
    client.messaging.base_url = base.replace("//api.", "//messaging.")
    return client


def of_line(line: Line) -> Client:
    return of(line.settings.get("account_sid", ""), line.credentials.get("auth_token", ""))


@contextmanager
def errors_in_words(*, is_send: bool = False) -> Iterator[None]:
    """Raises SendFailed. Twilio knows no key by which a message is taken once: what broke after it was written
    may have been taken, and is "unknown" for a message."""
    try:
        yield
    except (TwilioRestException, TwilioServiceException) as error:
        raise _refused(error, is_send) from None
    except requests.RequestException as error:
        raise _broken(error, is_send) from None
    except (TwilioException, ValueError, KeyError):  # an answer that can't be read
        raise _unanswered(is_send) from None


def _refused(error: TwilioRestException | TwilioServiceException, is_send: bool) -> SendFailed:
    status = int(error.status or 0)
    code = int(error.code) if str(error.code or "").isdecimal() else 0
    if status >= 500 and status != 503 and is_send:
        return _unanswered(is_send)
    return failure(code if code != status else 0, status=status)


def _broken(error: requests.RequestException, is_send: bool) -> SendFailed:
    if _is_before_writing(error):
        return SendFailed(
            "retry", "Twilio can’t be reached right now.", next_step="We try again by ourselves."
        )
    return _unanswered(is_send)


def _unanswered(is_send: bool) -> SendFailed:
    if is_send:
        return SendFailed(
            "unknown", "Twilio didn’t answer. It may have taken the message.",
            next_step="Its report will say; send it again only if it stays like this.",
        )  # fmt: skip
    return SendFailed(
        "retry", "Twilio didn’t answer in time.", next_step="We try again by ourselves."
    )


def _is_before_writing(error: requests.RequestException) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = cause.reason if isinstance(cause, MaxRetryError) else cause
    return isinstance(reason, NewConnectionError | SSLError)


@cache
def _line() -> TwilioHttpClient:
    made = TwilioHttpClient(timeout=TIMEOUT)
    assert made.session is not None
    made.session.trust_env = False
    for scheme in ("http://", "https://"):
        made.session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL))
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it tells of each request
    return made
