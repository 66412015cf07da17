"""The contact beside a conversation: looking, writing, and deciding whether it is who it says."""

from collections.abc import Callable

from flask import Blueprint, Response, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.contacts import services as contacts
from app.conversations import contact_card, people
from app.conversations.asked import load
from app.conversations.forms import ContactForm
from app.conversations.models import Conversation
from app.conversations.views import page
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid

contact = Blueprint("contact", __name__)


@contact.get("/")
@requires(Permission.INBOX_READ)
def show(conversation_id: int) -> Response | BaseResponse:
    """The card as it stands now, for htmx."""
    conversation = load(conversation_id)
    return _card(conversation) if web.is_htmx() else _to_card(conversation)


@contact.get("/edit")
@requires(Permission.INBOX_REPLY)
def edit(conversation_id: int) -> Response:
    conversation = load(conversation_id)
    typed = contact_card.typed(contact_card.of(conversation))
    return _form(conversation, ContactForm(formdata=None, data=typed))


@contact.post("/")
@requires(Permission.INBOX_REPLY)
def change(conversation_id: int) -> Response | BaseResponse:
    conversation, form = load(conversation_id), ContactForm()
    if not _changed(conversation, form):
        return _form(conversation, form, 422)
    return _told(conversation, _("Saved."))


@contact.post("/confirmation")
@requires(Permission.INBOX_REPLY)
def confirm(conversation_id: int) -> Response | BaseResponse:
    return _decided(conversation_id, people.confirm, _("Noted: it is the same person."))


@contact.post("/refusal")
@requires(Permission.INBOX_REPLY)
def refuse(conversation_id: int) -> Response | BaseResponse:
    return _decided(conversation_id, people.refuse, _("Noted: it is somebody else."))


def _changed(conversation: Conversation, form: ContactForm) -> bool:
    """False: the form says why."""
    if not form.validate():
        return False
    try:
        typed = contacts.read(form.name.data, form.email.data, form.phone.data)
        people.change(conversation, typed, form.note.data or "", current_user)
    except (Invalid, Conflict) as refusal:
        if refusal.code in form:
            form[refusal.code].errors = [refusal.message]
        else:
            form.form_errors.append(refusal.message)
        return False
    return True


def _decided(
    conversation_id: int, decide: Callable[[Conversation], None], words: str
) -> Response | BaseResponse:
    conversation = load(conversation_id)
    decide(conversation)
    return _told(conversation, words)


def _told(conversation: Conversation, words: str) -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(_card(conversation), words)
    flash(words, "success")
    return _to_card(conversation)


def _card(conversation: Conversation) -> Response:
    return web.fragment(
        "conversations/_contact_card.html",
        conversation=conversation, card=contact_card.of(conversation), view=request.args.get("view"),
    )  # fmt: skip


def _form(conversation: Conversation, form: ContactForm, status: int = 200) -> Response:
    if web.is_htmx():
        return web.fragment(
            "conversations/_contact_form.html", status,
            conversation=conversation, contact_form=form, view=request.args.get("view"),
        )  # fmt: skip
    return page(conversation, status=status, pane="contact", contact_form=form)


def _to_card(conversation: Conversation) -> BaseResponse:
    return web.go(
        "conversations.show",
        conversation_id=conversation.id, view=request.args.get("view"), pane="contact",
    )  # fmt: skip
