"""What is the visitor's own: a chat to keep, and everything to be deleted."""

import hashlib

from flask import Response, g, request, url_for
from flask_babel import gettext as _

from app.channels.website import WebsiteSettings
from app.contacts import services as contacts
from app.contacts.models import Visitor
from app.conversations.models import Conversation
from app.core import jobs, translating
from app.core.access import public
from app.core.errors import Invalid
from app.core.web import page
from app.extensions import limiter
from app.widget import erasing, past_views, requests, speaking, transcripts
from app.widget.door import PER_ADDRESS, widget
from app.widget.frame_views import file_url

NAME = "chat.txt"


@widget.get("/conversations/<int:conversation_id>/transcript")
@public
@limiter.limit(PER_ADDRESS)
def transcript(conversation_id: int) -> Response:
    return _text(transcripts.written(past_views.named(conversation_id)))


def _text(written: str) -> Response:
    response = Response(written, mimetype="text/plain")
    response.headers.set("Content-Disposition", "attachment", filename=NAME)
    response.cache_control.no_store = True
    return response


@widget.get("/kept/<token>")
@public
@limiter.limit(PER_ADDRESS)
def kept(token: str) -> Response:
    """What a mailed link leads to: the chat as it was then, to read and to take along. Mail programs may open it."""
    translating.speak(speaking.of_page(WebsiteSettings.of(g.channel), by_link=True))
    found = transcripts.behind(g.channel, token)
    if found and "text" in request.args:
        return _text(transcripts.written(*found))
    response = page(
        "widget/transcript.html", 200 if found else 404,
        channel=g.channel,
        title=transcripts.title(),
        entries=transcripts.entries(*found) if found else None,
        as_text=url_for(".kept", token=token, lang=translating.language(), text=""),
        file=file_url,
    )  # fmt: skip
    response.cache_control.no_store = True
    return response


def _recipient() -> str:
    """Whom a limit counts: nobody is written to again and again in a visitor's name. An empty field is nobody."""
    given = requests.address().strip().lower()
    return hashlib.sha256(given.encode()).hexdigest() if given else requests.visitor_key()


@widget.post("/conversations/<int:conversation_id>/transcript")
@public
@limiter.limit("10 per hour")
@limiter.limit("3 per hour", key_func=requests.visitor_key)
@limiter.limit("3 per day", key_func=_recipient)
def mail_transcript(conversation_id: int) -> Response:
    conversation: Conversation = past_views.named(conversation_id)
    email = contacts.read(email=requests.address()).email
    if email is None:
        raise Invalid(_("Write the e-mail address to which it should go."), code="email")
    if not transcripts.has_answer(conversation):
        raise Invalid(_("There is no answer in this chat yet."), code="unanswered")
    jobs.enqueue(
        "widget.mail_transcript", conversation.id, email, g.language,
        key=f"transcript-{conversation.id}-{email}",
    )  # fmt: skip
    return Response(status=204)


@widget.post("/erasure")
@public
@limiter.limit("20 per hour")
@limiter.limit("5 per hour", key_func=requests.visitor_key)
def erase() -> Response:
    """Safe to repeat: who was erased is nobody any more."""
    requests.confirmed()
    visitor = Visitor.by_uuid(requests.visitor_uuid())
    if visitor is not None:
        erasing.erase(visitor)
    return Response(status=204)
