"""Beside a conversation: what may be written to the person, and the block list."""

from collections.abc import Callable

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.channels import consent_entries
from app.contacts.models import Visitor
from app.conversations import blocking, consent_card, people
from app.conversations.models import Conversation
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid

consent = Blueprint("consent", __name__)


@consent.get("/")
@requires(Permission.INBOX_READ)
def show(conversation_id: int) -> Response | BaseResponse:
    conversation = _load(conversation_id)
    return _pane(conversation) if web.is_htmx() else _to_pane(conversation)


@consent.post("/")
@requires(Permission.INBOX_REPLY)
def create(conversation_id: int) -> Response | BaseResponse:
    conversation, typed = _load(conversation_id), request.form
    what, words = typed.get("what", ""), typed.get("words", "")
    kind = conversation.channel.kind
    try:
        consent_entries.enter(conversation.visitor, kind, what, words, current_user)
    except Invalid as refusal:
        if not web.is_htmx():
            raise
        return _pane(conversation, 422, problem=refusal)
    people.tell(conversation)
    return _told(conversation, _("Noted."))


@consent.post("/block")
@requires(Permission.INBOX_REPLY)
def block(conversation_id: int) -> Response | BaseResponse:
    return _decided(
        conversation_id, blocking.block, _("Blocked. Nothing is sent to them any more.")
    )


@consent.post("/unblock")
@requires(Permission.INBOX_REPLY)
def unblock(conversation_id: int) -> Response | BaseResponse:
    return _decided(conversation_id, blocking.unblock, _("Unblocked. You can write to them again."))


def _decided(
    conversation_id: int, decide: Callable[[Visitor, User], None], words: str
) -> Response | BaseResponse:
    conversation = _load(conversation_id)
    decide(conversation.visitor, current_user._get_current_object())
    return _told(conversation, words)


def _told(conversation: Conversation, words: str) -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(_pane(conversation), words)
    flash(words, "success")
    return _to_pane(conversation)


def _pane(
    conversation: Conversation, status: int = 200, problem: Invalid | None = None
) -> Response:
    return web.fragment(
        "consents/_pane.html", status,
        conversation=conversation, problem=problem, typed=request.form if problem else {},
    )  # fmt: skip


def _to_pane(conversation: Conversation) -> BaseResponse:
    return web.go(
        "conversations.show",
        conversation_id=conversation.id, view=request.args.get("view"), pane="contact",
    )  # fmt: skip


def _load(conversation_id: int) -> Conversation:
    """Of a channel with a provider: the website's visitors can't be written to later."""
    found = Conversation.in_inbox(conversation_id)
    return found if found and not found.channel.is_own else abort(404)


consent.add_app_template_filter(consent_entries.what_in_words, "consent_what")
consent.add_app_template_filter(consent_entries.how_in_words, "consent_how")
consent.add_app_template_filter(consent_entries.address_in_words, "consent_address")
consent.add_app_template_global(consent_card.of, "consent_card_of")
