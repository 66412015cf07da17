"""A file on its way in, perhaps for a minute over a slow line: it is read before the request enters the gate, so
that it keeps nobody from the database meanwhile."""

import threading

from flask import g, request
from flask_babel import gettext as _

from app.channels.adapters import MOST_OWN_BYTES
from app.core import gate
from app.widget import requests, visitors

AT_ONCE = 20  # of a process; each lies on the disk until it is stored
BESIDE_BYTES = 64 * 1024  # what is said of it
_room = threading.BoundedSemaphore(AT_ONCE)


def take() -> None:
    """Raises NotKnown before anything is read, and Busy."""
    visitors.named_in(requests.token(), g.key)
    request.max_content_length = MOST_OWN_BYTES + BESIDE_BYTES
    if not _room.acquire(blocking=False):
        raise gate.Busy(_("We are very busy just now. Try again in a moment."))
    try:
        request.files  # noqa: B018 - reads all of it
    finally:
        _room.release()
    gate.enter()
