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

from app.channels.border import Line, SendFailed
from app.channels.breaks import broken, unanswered
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
        raise broken("Twilio", error, is_send=is_send) from None
    except (TwilioException, ValueError, KeyError):  # an answer that can't be read
        raise unanswered("Twilio", is_send=is_send) from None


def _refused(error: TwilioRestException | TwilioServiceException, is_send: bool) -> SendFailed:
    status = int(error.status or 0)
    code = int(error.code) if str(error.code or "").isdecimal() else 0
    if status >= 500 and status != 503 and is_send:
        return unanswered("Twilio", is_send=is_send)
    return failure(code if code != status else 0, status=status)


@cache
def _line() -> TwilioHttpClient:
    made = TwilioHttpClient(timeout=TIMEOUT)
    assert made.session is not None
    made.session.trust_env = False
    for scheme in ("http://", "https://"):
        made.session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL))
    logging.getLogger("twilio.http_client").setLevel(logging.WARNING)  # it tells of each request
    return made
