"""The templates of a conversation's channel: chosen, filled in, looked at and sent from the inbox."""

from typing import Any
from uuid import uuid4

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.channels.message_templates import filling
from app.channels.message_templates.drafts import draft_of
from app.channels.message_templates.preview import bubble
from app.channels.models import MessageTemplate
from app.conversations import inbox, template_sending
from app.conversations.asked import load
from app.conversations.models import Conversation
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.lib.words import words

conversation_templates = Blueprint("conversation_templates", __name__)

MAX_SHOWN = 40


@conversation_templates.get("/")
@requires(Permission.INBOX_REPLY)
def index(conversation_id: int) -> Response:
    conversation = load(conversation_id)
    sought = request.args.get("q", "").strip()
    offered = template_sending.offered(conversation)
    found = [each for each in offered if _fits(each, sought)]
    return web.page_or_fragment(
        "message_templates/picker.html",
        "message_templates/_picker.html",
        **_about(conversation),
        templates=found[:MAX_SHOWN],
        more=len(found) - MAX_SHOWN,
        is_any=bool(offered),
        sought=sought,
    )


@conversation_templates.get("/<int:template_id>")
@requires(Permission.INBOX_REPLY)
def fields(conversation_id: int, template_id: int) -> Response:
    conversation = load(conversation_id)
    template = _template_or_404(conversation, template_id)
    values = filling.values_for(template, conversation.visitor)
    return _filling(conversation, template, values, str(uuid4()))


@conversation_templates.post("/<int:template_id>/preview")
@requires(Permission.INBOX_REPLY)
def preview(conversation_id: int, template_id: int) -> Response:
    conversation = load(conversation_id)
    template = _template_or_404(conversation, template_id)
    shown = bubble(draft_of(template), _shown_values(template, _typed(template)))
    return web.fragment(
        "message_templates/_picker_preview.html", message_template=template, bubble=shown, **_about(conversation)
    )  # fmt: skip


@conversation_templates.post("/<int:template_id>")
@requires(Permission.INBOX_REPLY)
def create(conversation_id: int, template_id: int) -> Response | BaseResponse:
    conversation = load(conversation_id)
    template = _template_or_404(conversation, template_id)
    values = _typed(template)
    key = request.form.get("client_key", "")
    if not 0 < len(key) <= 64:
        abort(400)
    try:
        template_sending.send(
            conversation, current_user._get_current_object(), template, values, key
        )
    except Invalid as refusal:
        return _filling(conversation, template, values, str(uuid4()), refusal)
    if not web.is_htmx():
        flash(_("The template is on its way."), "success")
    return web.go("conversations.show", conversation_id=conversation.id, view=_view())


def _filling(
    conversation: Conversation,
    template: MessageTemplate,
    values: dict[str, str],
    client_key: str,
    refusal: Invalid | None = None,
) -> Response:
    return web.page_or_fragment(
        "message_templates/picker_fields.html",
        "message_templates/_picker_fields.html",
        422 if refusal else 200,
        **_about(conversation),
        message_template=template,
        asked=filling.variables_of(template),
        values=values,
        client_key=client_key,
        refusal=refusal,
        stopped=template_sending.stopped(conversation, template),
        bubble=bubble(draft_of(template), _shown_values(template, values)),
    )


def _about(conversation: Conversation) -> dict[str, Any]:
    return {"conversation": conversation, "view": _view()}


def _view() -> str:
    return inbox.known_view(request.args.get("view"))


def _typed(template: MessageTemplate) -> dict[str, str]:
    names = [each.name for each in filling.variables_of(template)]
    return {name: request.form.get(f"value-{name}", "").strip() for name in names}


def _shown_values(template: MessageTemplate, values: dict[str, str]) -> dict[str, str]:
    return {each.name: values.get(each.name, "") for each in filling.variables_of(template)}


def _fits(template: MessageTemplate, sought: str) -> bool:
    said = f"{template.name} {draft_of(template).body}".replace("_", " ").casefold()
    return all(word in said for word in words(sought))


def _template_or_404(conversation: Conversation, template_id: int) -> MessageTemplate:
    """Another number's isn't there, nor one that may not be sent."""
    template = MessageTemplate.by_id(template_id) or abort(404)
    if template.account_id != conversation.channel.settings.get("waba_id"):
        abort(404)
    return template
