"""Meta's Graph API, for WhatsApp and Messenger: one pooled client a process, a business's token with each call.

Imported by what runs in the worker, or inside functions: requests costs memory.
"""

import hashlib
import hmac
import logging
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import cache
from http.cookiejar import DefaultCookiePolicy
from typing import Any

import requests
from flask import current_app
from requests.adapters import HTTPAdapter

from app.channels.border import Line
from app.channels.breaks import broken, unanswered
from app.channels.graph_errors import WHATSAPP, Fault, GraphFailed, failure

TIMEOUT = (3.05, 20)  # seconds to connect, and without a byte
POOL = 100
NOT_TAKEN = (429, 503)


@dataclass(frozen=True, slots=True)
class Access:
    """Who asks. With the app's secret each call proves that it is the app's own."""

    token: str = field(repr=False)
    app_secret: str = field(default="", repr=False)


def access_of(line: Line) -> Access:
    """The deployment's own app has its secret in the configuration, an owner's with the channel."""
    secret = line.credentials.get("app_secret", "")
    if line.settings.get("app") == "ours":
        secret = current_app.config["META_APP_SECRET"]
    return Access(line.credentials.get("access_token", ""), secret)


def call(
    access: Access, method: str, path: str, *, is_send: bool = False, table: Mapping[int, Fault] = WHATSAPP,
    params: dict[str, Any] | None = None, headers: dict[str, str] | None = None, **body: Any,
) -> dict[str, Any]:  # fmt: skip
    """Graph's answer. `body`: json, data or files, as requests has them. Raises SendFailed.

    `is_send`: what may have been taken must not be asked again, so a call that breaks once it is written is
    "unknown". All other calls can be repeated, and are "retry" then.
    """
    sent_headers = {"Authorization": f"Bearer {access.token}"} | (headers or {})
    try:
        answer = _session().request(
            method, _url(path), params=(params or {}) | _proof(access), headers=sent_headers,
            timeout=TIMEOUT, allow_redirects=False, **body,
        )  # fmt: skip
    except requests.RequestException as error:
        # Not `from error`: its words hold the address, and that may hold a secret.
        raise broken("Meta", error, is_send=is_send) from None
    return _read(answer, access, is_send, table)


def _url(path: str) -> str:
    config = current_app.config
    return f"{config['GRAPH_BASE_URL']}/{config['GRAPH_VERSION']}/{path.lstrip('/')}"


def _proof(access: Access) -> dict[str, str]:
    if not access.app_secret:
        return {}
    digest = hmac.new(access.app_secret.encode(), access.token.encode(), hashlib.sha256)
    return {"appsecret_proof": digest.hexdigest()}


@cache
def _session() -> requests.Session:
    session = requests.Session()
    session.trust_env = False
    session.cookies.set_policy(DefaultCookiePolicy(allowed_domains=[]))
    for scheme in ("http://", "https://"):
        session.mount(scheme, HTTPAdapter(pool_connections=4, pool_maxsize=POOL))
    # It writes whole addresses to the log, and a token may stand in one.
    logging.getLogger("urllib3.connectionpool").setLevel(logging.INFO)
    return session


def _read(
    answer: requests.Response, access: Access, is_send: bool, table: Mapping[int, Fault]
) -> dict[str, Any]:
    try:
        said = answer.json()
    except ValueError:
        said = None
    error = said.get("error") if isinstance(said, dict) else None
    if isinstance(error, dict):
        raise _refused(answer, error, access, table)
    is_page = not isinstance(said, dict) and answer.status_code not in NOT_TAKEN
    if is_page and (answer.status_code < 300 or answer.status_code >= 500):
        raise unanswered(
            "Meta", is_send=is_send
        )  # a gateway's words: what stands behind it may have taken it
    if answer.status_code >= 300 or not isinstance(said, dict):
        raise failure({}, status=answer.status_code, table=table)
    return said


def _refused(
    answer: requests.Response, error: dict[str, Any], access: Access, table: Mapping[int, Fault]
) -> GraphFailed:
    secrets = (access.token, access.app_secret)
    failed = failure(error, status=answer.status_code, secrets=secrets, table=table)
    after = answer.headers.get("Retry-After", "")
    failed.retry_after = float(after) if after.isdecimal() else None
    return failed
