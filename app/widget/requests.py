"""What a request from the frame says: who is there, and what was sent."""

import json
import re
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from flask import g, request
from flask_babel import gettext as _
from flask_limiter.util import get_remote_address
from werkzeug.datastructures import FileStorage

from app.core.errors import Invalid
from app.widget import visitors

MAX_POSITION = 2**63 - 1  # what the database can compare
CLIENT_KEY = re.compile(r"[\w-]{1,64}")
MAX_PAGE_CHARACTERS = 500
MAX_IDENTITY_CHARACTERS = 4096


@dataclass(frozen=True, slots=True)
class Opinion:
    """Whether an answer helped: up, down, or None when it is taken back."""

    rating: str | None
    reason: str


@dataclass(frozen=True, slots=True)
class Stars:
    """How a whole conversation was, from one to five; words None: nothing is said of them."""

    stars: int
    words: str | None


@dataclass(frozen=True, slots=True)
class Sent:
    """A visitor's message. `after` is the position of the newest that the frame has."""

    text: str
    client_key: str
    after: int | None
    page: str | None
    not_in: int | None  # a conversation that the visitor has left for a new one


def token() -> str:
    given = request.authorization
    return (given.token or "") if given and given.type == "bearer" else ""


def visitor_uuid() -> UUID:
    return visitors.identify(g.channel, token())


def visitor_key() -> str:
    """Whom a rate limit counts. Not checked here: a forged token gets no further than the view."""
    return token() or get_remote_address()


def sent_message() -> Sent:
    text = _body().get("text")
    if not isinstance(text, str):
        raise Invalid(_("Write something first."), code="empty")
    return _sent(text)


def sent_file() -> tuple[FileStorage, Sent]:
    file = request.files.get("file")
    if file is None:
        raise Invalid(_("Choose a file first."), code="file")
    return file, _sent("")


def _sent(text: str) -> Sent:
    body = _body()
    client_key, page, not_in = body.get("client_key"), body.get("page"), body.get("not_in")
    if not isinstance(client_key, str) or not CLIENT_KEY.fullmatch(client_key):
        raise Invalid("This message has no client_key of 1 to 64 letters and digits.")
    left = not_in if isinstance(not_in, int) else None
    return Sent(text, client_key, sent_cursor(), _plain_page(page), left)


def opinion() -> Opinion:
    body = _body()
    rating, reason = (
        body.get("rating", 0),
        body.get("reason", ""),
    )  # nothing said takes nothing back
    if not isinstance(rating, str | None) or not isinstance(reason, str):
        raise Invalid(_("Choose whether the answer helped."), code="rating")
    return Opinion(rating, reason)


def stars() -> Stars:
    body = _body()
    given, words = body.get("stars"), body.get("words")
    if type(given) is not int or not isinstance(words, str | None):
        raise Invalid(_("Choose one to five stars."), code="stars")
    return Stars(given, words)


def consent() -> tuple[int, str]:
    """The version of the words that the visitor agrees to, 0 for none, and the language they were in."""
    body = _body()
    version, language = body.get("consent"), body.get("language")
    number = version if isinstance(version, int) and not isinstance(version, bool) else 0
    return number, (language if isinstance(language, str) else "")


def signed_identity() -> str:
    """A token that the site's owner signed."""
    given = _body().get("token")
    if not isinstance(given, str) or not given or len(given) > MAX_IDENTITY_CHARACTERS:
        raise Invalid("This request carries no token of yours.", code="identity_invalid")
    return given


def attributes() -> dict[str, Any]:
    given = _body().get("values")
    if not isinstance(given, dict):
        raise Invalid("Attributes are names with values.", code="attributes")
    return given


def shown_conversation() -> int | None:
    """The one of which the frame has a cursor; None from a frame that doesn't say."""
    if request.method == "GET":
        return request.args.get("conversation", type=int)
    given = _body().get("conversation")
    return given if isinstance(given, int) else None


def link() -> str:
    """What a mail of ours led here with."""
    given = _body().get("token")
    return given[:MAX_IDENTITY_CHARACTERS] if isinstance(given, str) else ""


def claim() -> str:
    """A browser's own secret."""
    given = _body().get("claim")
    return given[:MAX_IDENTITY_CHARACTERS] if isinstance(given, str) else ""


def typed() -> dict[str, str]:
    """What the visitor filled in."""
    given = _body().get("values")
    if not isinstance(given, dict) or not all(isinstance(each, str) for each in given.values()):
        raise Invalid(_("Something in this request was not right. Go back and try again."))
    return {str(name): value for name, value in given.items()}


def address() -> str:
    given = _body().get("email")
    return given[:MAX_PAGE_CHARACTERS] if isinstance(given, str) else ""


def confirmed() -> None:
    """Raises Invalid: nothing is deleted by a stray request."""
    if _body().get("confirm") is not True:
        raise Invalid(_("Something in this request was not right. Go back and try again."))


def sent_cursor() -> int | None:
    after = _body().get("after")
    return cursor(after) if isinstance(after, int) else None


def cursor(position: int) -> int:
    return max(0, min(position, MAX_POSITION))


def _body() -> dict[str, Any]:
    """What comes with a file stands beside it in one field, `about`."""
    try:
        body = json.loads(request.form.get("about", "")) if request.files else request.get_json()
    except (RecursionError, ValueError):  # thousands of brackets
        body = None
    if not isinstance(body, dict):
        raise Invalid("This request should be a JSON object.")
    return body


def _plain_page(page: Any) -> str | None:
    """Where the visitor wrote from. It becomes a link in the inbox, so it must be a web address."""
    if not isinstance(page, str) or not page.startswith(("https://", "http://")):
        return None
    return page[:MAX_PAGE_CHARACTERS]
