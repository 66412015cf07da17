"""Calling an address of the business's own: signed, tried again, and logged."""

import hashlib
import hmac
import json
import secrets
import threading
import time
from datetime import timedelta
from typing import Any

from flask_babel import gettext as _
from sqlalchemy import delete
from sqlalchemy.dialects.postgresql import insert

from app.automations.models import KEPT, AutomationCall, AutomationSecret
from app.automations.steps import Doing
from app.core import http, jobs, tenancy
from app.core.db import now
from app.core.errors import OutsideError
from app.extensions import db

ALLOW = http.PUBLIC  # a test permits loopback
SECONDS = 15
ATTEMPTS = 8  # of a round: it can be begun anew
AT_ONCE = 8  # of a worker: a server that never answers may hold no more of its slots
SOON = timedelta(seconds=5)
SIGNATURE, DELIVERY = "Frontdesk-Signature", "Frontdesk-Delivery"
_room = threading.BoundedSemaphore(AT_ONCE)
GONE = 410  # whoever answers so wants no more of it


def ask(doing: Doing, url: str, _at: int) -> int:
    """In the transaction of the rule: it goes out after the commit. The call's id."""
    db.session.execute(delete(AutomationCall).where(AutomationCall.created_at < now() - KEPT))
    call = AutomationCall(
        run_id=doing.run_id,
        conversation_id=doing.conversation.id,
        url=url,
        payload=_payload(doing),
    )
    db.session.add(call)
    db.session.flush()
    jobs.enqueue("automations.call", call.id, key=_key(call.id))
    return call.id


def call(call_id: int) -> None:
    """The job, also one that was given up and is begun anew. Raises OutsideError when it is to be tried again, or
    not any more."""
    row = db.session.get(AutomationCall, (tenancy.current_business_id(), call_id))
    if row is None or row.state == "done":
        return
    if not _room.acquire(blocking=False):
        jobs.enqueue_next("automations.call", call_id, at=now() + SOON, key=_key(call_id))
        return
    try:
        _call(row)
    finally:
        _room.release()


def _call(row: AutomationCall) -> None:
    body = json.dumps({"delivery": row.id, **row.payload}, ensure_ascii=False).encode()
    url, headers = row.url, _headers(row.id, body)
    row.attempts, row.tried_at = row.attempts + 1, now()
    jobs.commit_step()  # no transaction stays open while somebody else's server thinks
    answer, problem, is_final = _post(url, headers, body)
    row.answer, row.error = answer, problem
    if not problem:
        row.state, row.payload = "done", {}  # nothing of the customer is kept here
        return
    is_final = is_final or row.attempts % ATTEMPTS == 0
    row.state = "failed" if is_final else "waiting"
    jobs.commit_step()
    raise OutsideError(problem, permanent=is_final)


def give_up(call_id: int, reason: str) -> None:
    row = db.session.get(AutomationCall, (tenancy.current_business_id(), call_id))
    if row is not None and row.state == "waiting":
        row.state, row.error = "failed", row.error or reason


def secret() -> str:
    """Of the business in scope; made with the first call."""
    made = insert(AutomationSecret).values(secret=f"whsec_{secrets.token_urlsafe(32)}")
    db.session.execute(made.on_conflict_do_nothing())
    return db.session.get_one(AutomationSecret, tenancy.current_business_id()).secret


def known_secret() -> str:
    """ "" before the first call."""
    found = db.session.get(AutomationSecret, tenancy.current_business_id())
    return found.secret if found else ""


def signature(key: str, at: int, body: bytes) -> str:
    """`t=<seconds>,v1=<HMAC-SHA256 of "<seconds>.<body>">`, in hex."""
    signed = hmac.new(key.encode(), f"{at}.".encode() + body, hashlib.sha256)
    return f"t={at},v1={signed.hexdigest()}"


def _key(call_id: int) -> str:
    return f"automation-call-{call_id}"


def _headers(call_id: int, body: bytes) -> dict[str, str]:
    return {
        "Content-Type": "application/json",
        SIGNATURE: signature(secret(), int(time.time()), body),
        DELIVERY: str(call_id),
    }


def _post(url: str, headers: dict[str, str], body: bytes) -> tuple[int | None, str, bool]:
    """The status, what went wrong, and whether trying again is of no use."""
    try:
        with http.stream(
            url, headers=headers, body=body, timeout=SECONDS, max_bytes=0, allow=ALLOW
        ) as answer:
            status = answer.status  # what it says besides is of no interest, and isn't read
    except http.OutgoingError as error:
        return None, str(error), error.permanent
    if 200 <= status < 300:
        return status, "", False
    return status, _("It answered with %(status)s.", status=status), status == GONE


def _payload(doing: Doing) -> dict[str, Any]:
    conversation = doing.conversation
    contact, message = conversation.visitor.sure_contact, doing.message
    return {
        "event": doing.event or "macro",
        "name": doing.owner.name,
        "at": now().isoformat(),
        "conversation": {
            "id": conversation.id,
            "status": conversation.status,
            "state": conversation.state,
            "channel": conversation.channel.kind,
            "assignee_id": conversation.assignee_id,
            "priority": conversation.priority,
        },
        "contact": {"id": contact.id, "name": contact.name} if contact else None,
        "message": {"id": message.id, "text": message.body} if message and message.kind == "incoming" else None,
    }  # fmt: skip
