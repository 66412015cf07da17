"""What the provider is asked for, one template at a time; in the worker. A name and a language exist once in an
account, so a request whose answer was lost is found again in the account's list and never made twice."""

import mimetypes
from collections.abc import Callable
from typing import Any

from app.channels.border import Line, SendFailed
from app.channels.lines import line_of
from app.channels.message_templates import provider, services, syncing
from app.channels.message_templates.drafts import MEDIA_HEADERS
from app.channels.models import MessageTemplate
from app.core import jobs
from app.core.db import now
from app.core.storage import File
from app.extensions import db
from app.lib.marking import kept

NO_ACCOUNT = kept("The number of this template is no longer connected. Connect it under Channels.")


def ask(template_id: int, what: str) -> None:
    """Raises SendFailed while it may go better later."""
    template = MessageTemplate.by_id(template_id)
    if template is None or template.asking != what:
        return
    channel = services.accounts().get(template.account_id)
    if channel is None:
        _failed(template, NO_ACCOUNT)
        return
    began = now()
    try:
        _WISHES[what](line_of(channel), template)
    except SendFailed as failure:
        if not failure.permanent:
            raise
        _failed(template, in_words(failure))
        return
    template.asking, template.changed_at = None, now()
    template.told_at = began - syncing.SLACK
    services.signal()


def fail(template_id: int, _what: str, reason: str) -> None:
    """The job is given up."""
    template = MessageTemplate.by_id(template_id)
    if template is not None:
        said = reason.removeprefix("SendFailed: ")
        _failed(template, kept("%(said)s Nothing was changed; try again later.", said=said))


def in_words(failure: SendFailed) -> str:
    return " ".join(each for each in (failure.message, failure.next_step) if each)


def _failed(template: MessageTemplate, words: str) -> None:
    template.asking, template.trouble = None, words
    services.signal()


def _create(line: Line, template: MessageTemplate) -> None:
    body = {
        "name": template.name,
        "category": template.category,
        "language": template.language,
        "parameter_format": template.parameter_format.upper(),
        "components": _with_example(line, template, template.components),
    }
    try:
        answer = provider.create(line, body)
    except SendFailed as failure:
        found = _there(line, template) if _may_be_there(failure) else None
        if found is None:
            raise
        answer = found
    _approved(template, answer)


def _approved(template: MessageTemplate, answer: dict[str, Any]) -> None:
    """Taken: in the state and the category that the provider says."""
    template.external_id = str(answer["id"])
    template.status = syncing.status_of(str(answer.get("status", "PENDING"))) or "PENDING"
    template.reason = None
    syncing.note_category(template, str(answer.get("category") or template.category))


def _may_be_there(failure: SendFailed) -> bool:
    return failure.trouble == "unknown" or provider.code_of(failure) == provider.EXISTS


def _there(line: Line, template: MessageTemplate) -> dict[str, Any] | None:
    wanted = (template.name, template.language)
    listed = provider.listed(line)
    return next(
        (each for each in listed if (each.get("name"), each.get("language")) == wanted), None
    )


def _edit(line: Line, template: MessageTemplate) -> None:
    proposed = template.proposed or {}
    components = _with_example(line, template, proposed["components"])
    body: dict[str, Any] = {"components": components}
    if proposed["category"] != template.category:
        body["category"] = proposed["category"]
    provider.edit(line, str(template.external_id), body)
    template.components, template.category = proposed["components"], proposed["category"]
    template.proposed, template.reason, template.status = None, None, "PENDING"


def _delete(line: Line, template: MessageTemplate) -> None:
    provider.delete(line, template.name, str(template.external_id))
    template.status, template.proposed = "DELETED", None


def _unpause(line: Line, template: MessageTemplate) -> None:
    provider.unpause(line, str(template.external_id))
    template.status, template.reason = "APPROVED", None


_WISHES: dict[str, Callable[[Line, MessageTemplate], None]] = {
    "create": _create,
    "edit": _edit,
    "delete": _delete,
    "unpause": _unpause,
}


def _with_example(
    line: Line, template: MessageTemplate, components: list[dict[str, Any]]
) -> list[dict[str, Any]]:
    """A media header wants its example handed over before."""
    return [
        part | {"example": {"header_handle": [_handle(line, template)]}}
        if part.get("format") in MEDIA_HEADERS
        else part
        for part in components
    ]


def _handle(line: Line, template: MessageTemplate) -> str:
    file = db.session.get(File, (template.business_id, template.header_file_id))
    if file is None:
        raise SendFailed("permanent", kept("The file above the words is missing."))
    body = b"".join(file.parts())
    mime = mimetypes.guess_type(file.name)[0] or "application/octet-stream"
    jobs.commit_step()  # no transaction stays open while it is handed over
    return provider.upload_example(line, file.name, mime, body)
