"""Browser push: an encrypted note to the browser's maker, who wakes the browser.

Our key is derived from SECRET_KEY, so it is the same on every dyno and stored nowhere. A browser that was added under
an older secret is spoken to with that one's key for as long as SECRET_KEYS_OLD has it. pywebpush, which does the same by
the same two libraries, would bring aiohttp along: 13 MB in the worker.
"""

import base64
import binascii
import json
import re
import time
from email.utils import parseaddr
from hashlib import sha256
from typing import Any
from urllib.parse import urlsplit

from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from flask import current_app
from flask_babel import gettext as _
from sqlalchemy.dialects.postgresql import insert

from app.core.crypto import keys
from app.core.errors import Invalid, OutsideError
from app.core.jobs import commit_step, enqueue, enqueue_next
from app.core.translating import speaking
from app.extensions import db
from app.notifications import choosing, due, places
from app.notifications.choosing import Told
from app.notifications.events import EVENTS, PUSH
from app.notifications.models import Notification, PushSubscription

SECONDS = 10
KEPT_SECONDS = 12 * 3600  # by the push service, for a browser that is off
MOST = 10  # browsers of a member
MAX_ENDPOINT = 1000
MAX_TEXT = 140
HOSTS = re.compile(
    r"fcm\.googleapis\.com|([a-z0-9-]+\.)*push\.services\.mozilla\.com|([a-z0-9-]+\.)+notify\.windows\.com"
    r"|([a-z0-9-]+\.)*push\.apple\.com"
)
GONE = (401, 403, 404, 410)  # the browser has left, or was added under a secret that is gone
_ORDER = 0xFFFFFFFF00000000FFFFFFFFFFFFFFFFBCE6FAADA7179E84F3B9CAC2FC632551  # of the curve P-256


def server_key() -> str:
    """Public: with it a browser takes notes of ours alone."""
    return _public(_private_keys()[0])


def subscribe(user_id: int, sent: Any, browser: str) -> PushSubscription:
    """What a browser's `PushSubscription.toJSON()` says. One that another member added is this member's from now on.
    Raises Invalid."""
    endpoint, p256dh, auth = _read(sent)
    others = [each for each in PushSubscription.of_users([user_id]) if each.endpoint != endpoint]
    if len(others) >= MOST:
        raise Invalid(_("%(most)s browsers fit. Remove one first.", most=MOST))
    values = {
        "user_id": user_id, "p256dh": p256dh, "auth": auth, "server_key": server_key(), "browser": browser[:80],
    }  # fmt: skip
    row = insert(PushSubscription).values(endpoint=endpoint, **values)
    row = row.on_conflict_do_update(index_elements=["business_id", "endpoint"], set_=values)
    return db.session.scalars(row.returning(PushSubscription)).one()


def ask_test(subscription: PushSubscription) -> None:
    enqueue("notifications.test_push", subscription.id, key=f"test-push-{subscription.id}")


def test(subscription_id: int) -> None:
    """The job."""
    subscription = PushSubscription.by_id(subscription_id)
    member = choosing.of(subscription.user_id) if subscription else None
    if subscription is None or member is None:
        return
    slug = places.business().slug
    with speaking(member.user.language):
        note = {
            "title": _("It works"),
            "body": _("This is how Frontdesk tells you here."),
            "tag": "test",
        }
        _deliver(subscription, note | {"url": f"/b/{slug}/notifications/"}, is_urgent=True)


def send(subscription_id: int, about: str) -> None:
    """The job. Nothing when the member has read it, or is looking at it."""
    subscription = PushSubscription.by_id(subscription_id)
    member = choosing.of(subscription.user_id) if subscription else None
    if subscription is None or member is None:
        return
    rows = due.rows(member, about, PUSH)
    if not rows:
        return
    is_urgent = any(EVENTS[each.event].is_urgent for each in rows)
    quiet = due.quiet_until(member, rows)
    if quiet is not None:
        key = f"tell-push-{subscription_id}-{about}"
        enqueue_next("notifications.push", subscription_id, about, at=quiet, key=key)
        return
    with speaking(member.user.language):
        note = _note(member, rows)
    _deliver(subscription, note, is_urgent=is_urgent)


def _note(member: Told, rows: list[Notification]) -> dict[str, str]:
    """Without what was written, unless the member wants it."""
    newest, business = rows[-1], places.business()
    body = newest.text[:MAX_TEXT] if member.shows_text and newest.text else business.name
    return {
        "title": places.headline(newest),
        "body": body,
        "url": places.path(business.slug, newest.about),
        "tag": newest.about,
    }


def _deliver(subscription: PushSubscription, note: dict[str, str], *, is_urgent: bool) -> None:
    private = _private_of(subscription.server_key)
    if private is None or not _is_allowed(subscription.endpoint):
        db.session.delete(subscription)
        return
    endpoint, body = subscription.endpoint, _encrypted(subscription, note)
    headers = _headers(note["tag"], is_urgent) | _signature(endpoint, private)
    commit_step()  # no connection is held while the push service answers
    status = _post(endpoint, body, headers)
    if status > 202:
        _refused(subscription, status)


def _post(endpoint: str, body: bytes, headers: dict[str, str]) -> int:
    """The status. It follows nowhere else."""
    import requests

    try:
        return requests.post(
            endpoint, body, headers=headers, timeout=SECONDS, allow_redirects=False
        ).status_code
    except requests.RequestException as error:
        raise OutsideError(
            _("The push service can’t be reached (%(why)s).", why=type(error).__name__),
            permanent=False,
        ) from error


def _encrypted(subscription: PushSubscription, note: dict[str, str]) -> bytes:
    """RFC 8291, by a key for this note alone."""
    import http_ece

    sealed: bytes = http_ece.encrypt(
        json.dumps(note).encode(), private_key=ec.generate_private_key(ec.SECP256R1()),
        dh=_decoded(subscription.p256dh), auth_secret=_decoded(subscription.auth), version="aes128gcm",
    )  # fmt: skip
    return sealed


def _signature(endpoint: str, private: ec.EllipticCurvePrivateKey) -> dict[str, str]:
    """RFC 8292: who we are, for this service alone."""
    from py_vapid import Vapid02

    url = urlsplit(endpoint)
    claims = {
        "sub": _sender(), "aud": f"{url.scheme}://{url.netloc}", "exp": int(time.time()) + KEPT_SECONDS,
    }  # fmt: skip
    signed: dict[str, str] = Vapid02(private).sign(claims)
    return signed


def _refused(subscription: PushSubscription, status: int) -> None:
    if status in GONE:
        db.session.delete(subscription)
    elif status == 429 or status >= 500:
        raise OutsideError(
            _("The push service can’t take it now (%(status)s).", status=status), permanent=False
        )
    else:
        raise OutsideError(
            _("The push service refused it (%(status)s).", status=status), permanent=True
        )


def _headers(tag: str, is_urgent: bool) -> dict[str, str]:
    """A newer note of the same topic takes the place of one that still waits."""
    return {
        "Content-Type": "application/octet-stream",
        "Content-Encoding": "aes128gcm",
        "TTL": str(KEPT_SECONDS),
        "Urgency": "high" if is_urgent else "normal",
        "Topic": sha256(tag.encode()).hexdigest()[:32],
    }


def _sender() -> str:
    """Whom the push service may turn to."""
    address = parseaddr(current_app.config["MAIL_FROM"])[1]
    return f"mailto:{address}"


def _read(sent: Any) -> tuple[str, str, str]:
    """Endpoint, the browser's key, its secret."""
    fields = sent if isinstance(sent, dict) else {}
    given = fields.get("keys")
    given = given if isinstance(given, dict) else {}
    said = (fields.get("endpoint"), given.get("p256dh"), given.get("auth"))
    endpoint, p256dh, auth = (str(each or "") for each in said)
    if not _are_keys(p256dh, auth):
        raise Invalid(
            _("This browser’s notifications can’t be used. Reload the page and try again.")
        )
    if len(endpoint) > MAX_ENDPOINT or not _is_allowed(endpoint):
        raise Invalid(_("This browser’s push service isn’t known here, so nothing is sent to it."))
    return endpoint, p256dh, auth


def _is_allowed(endpoint: str) -> bool:
    """The services of the four makers; in tests a stand-in on this machine."""
    try:
        url = urlsplit(endpoint)
        host, port = url.hostname or "", url.port
    except ValueError:
        return False
    if current_app.config["ENV"] == "test" and host == "127.0.0.1":
        return True
    is_plain = url.username is None and port in (None, 443)
    return url.scheme == "https" and is_plain and bool(HOSTS.fullmatch(host))


def _are_keys(p256dh: str, auth: str) -> bool:
    try:
        ec.EllipticCurvePublicKey.from_encoded_point(ec.SECP256R1(), _decoded(p256dh))
        return len(_decoded(auth)) == 16
    except (ValueError, binascii.Error):
        return False


def _private_keys() -> list[ec.EllipticCurvePrivateKey]:
    """Of each secret, the newest first."""
    numbers = [int.from_bytes(each) % (_ORDER - 1) + 1 for each in keys().derived("browser push")]
    return [ec.derive_private_key(each, ec.SECP256R1()) for each in numbers]


def _private_of(public: str) -> ec.EllipticCurvePrivateKey | None:
    return next((each for each in _private_keys() if _public(each) == public), None)


def _public(private: ec.EllipticCurvePrivateKey) -> str:
    point = private.public_key().public_bytes(Encoding.X962, PublicFormat.UncompressedPoint)
    return _encoded(point)


def _encoded(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _decoded(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
