"""Templates of a business: written here as drafts, handed in, changed, taken away. The provider is asked by jobs
(asking.py): nothing here waits for it."""

from dataclasses import replace
from typing import IO

from flask_babel import gettext as _

from app.accounts.models import User
from app.channels.message_templates import limits
from app.channels.message_templates.drafts import MEDIA_HEADERS, Draft, components_of, draft_of
from app.channels.message_templates.languages import LANGUAGES, name_of
from app.channels.models import Channel, MessageTemplate
from app.core import realtime, storage, tenancy
from app.core.db import now
from app.core.errors import Conflict, Invalid
from app.core.jobs import enqueue
from app.extensions import db

EDITABLE = ("APPROVED", "REJECTED", "PAUSED")  # what the provider lets one change
FILES = {  # of a header: endings, and bytes at most
    "IMAGE": ((".jpg", ".jpeg", ".png"), 5_000_000),
    "VIDEO": ((".mp4",), 16_000_000),
    "DOCUMENT": ((".pdf",), 100_000_000),
}
BEGINNINGS = {
    ".jpg": (b"\xff\xd8\xff",),
    ".jpeg": (b"\xff\xd8\xff",),
    ".png": (b"\x89PNG\r\n",),
    ".pdf": (b"%PDF-",),
}


def accounts() -> dict[str, Channel]:
    """The first connected channel of each account that has templates."""
    found: dict[str, Channel] = {}
    for channel in Channel.connected():
        account = str(channel.settings.get("waba_id") or "")
        if account and channel.state != "off":
            found.setdefault(account, channel)
    return found


def create(account_id: str, draft: Draft, by: User) -> MessageTemplate:
    """A draft of ours: the provider hears of it when it is handed in. A name and a language stand for one template
    of an account; one that is gone leaves its place."""
    _check_kept(draft)
    if account_id not in accounts():
        raise Invalid(_("Choose the account that it is for."), code="account_id")
    _make_room(account_id, draft)
    template = MessageTemplate(
        account_id=account_id,
        name=draft.name,
        language=draft.language,
        category=draft.category,
        components=components_of(draft),
        fallbacks=dict(draft.fallbacks),
        status="DRAFT",
        created_by=by.id,
    )
    db.session.add(template)
    db.session.flush()
    return template


def change(template: MessageTemplate, draft: Draft) -> None:
    """Of a draft everything; of one that the provider has, its words, kept beside what goes out now."""
    template.lock()
    _check_free(template)
    _check_kept(draft)
    if template.is_draft:
        if (draft.name, draft.language) != (template.name, template.language):
            _make_room(template.account_id, draft)
        template.name, template.language = draft.name, draft.language
        template.category = draft.category
        template.components = components_of(draft)
    else:
        _check_editable(template)
        category = draft.category if template.status == "REJECTED" else template.category
        template.proposed = {"components": components_of(draft), "category": category}
    template.fallbacks = dict(draft.fallbacks)
    template.trouble = None
    db.session.flush()


def draft_as_typed(template: MessageTemplate) -> Draft:
    """With the change that the provider hasn't got yet."""
    proposed = template.proposed
    if not proposed:
        return draft_of(template)
    return replace(draft_of(template, proposed["components"]), category=proposed["category"])


def submit(template: MessageTemplate) -> None:
    """Hand it in. Raises Invalid while WhatsApp wouldn't take it; a second click does nothing."""
    template.lock()
    if template.asking in ("create", "edit"):
        return
    _check_free(template)
    if not template.is_draft and not template.proposed:
        raise Conflict(_("There is no change to hand in."))
    if not template.is_draft:
        _check_editable(template)
    found = limits.problems(draft_as_typed(template))
    if found:
        raise Invalid(found[0].words, code=found[0].field)
    _ask(template, "create" if template.is_draft else "edit")


def discard_change(template: MessageTemplate) -> None:
    template.lock()
    _check_free(template)
    template.proposed, template.trouble = None, None


def unpause(template: MessageTemplate) -> None:
    template.lock()
    if template.asking == "unpause":
        return
    _check_free(template)
    if template.status != "PAUSED":
        raise Conflict(_("It isn’t paused."))
    _ask(template, "unpause")


def delete(template: MessageTemplate, *, all_languages: bool) -> None:
    """Drafts go at once; what the provider has goes when it said so."""
    named = MessageTemplate.named(template.account_id, template.name)
    chosen = named if all_languages else [template]
    for each in chosen:
        each.lock()
        if each.asking not in (None, "delete"):
            raise Conflict(_("WhatsApp is still being asked about it. Try again in a minute."))
    for each in chosen:
        if each.is_draft:
            db.session.delete(each)
        elif each.status != "DELETED" and each.asking is None:
            _ask(each, "delete")
    db.session.flush()


def add_language(template: MessageTemplate, language: str, by: User) -> MessageTemplate:
    """A draft with the same name and words, to be translated."""
    if language not in LANGUAGES:
        raise Invalid(_("Choose one of WhatsApp’s languages."), code="language")
    draft = draft_of(template)
    if draft.is_sealed or (draft.parameter_format != "named" and draft.variable_names):
        raise Conflict(_("Its parts can’t be written here. Add the language in WhatsApp Manager."))
    made = create(template.account_id, replace(draft, language=language), by)
    made.header_file_id = template.header_file_id
    return made


def keep_file(template: MessageTemplate, stream: IO[bytes], name: str) -> None:
    """The file that stands above the words. Raises Invalid."""
    template.lock()
    _check_free(template)
    kind = draft_as_typed(template).header_kind
    if kind not in MEDIA_HEADERS:
        raise Conflict(_("This template has no file above its words."))
    endings, most = FILES[kind]
    ending = "." + name.rpartition(".")[2].lower()
    if ending not in endings:
        raise Invalid(
            _("WhatsApp takes %(listed)s here.", listed=_listed(endings)), code="header_file"
        )
    sha256, length = storage.digest(stream)
    if not length:
        raise Invalid(_("This file is empty."), code="header_file")
    if length > most:
        raise Invalid(
            _("This file is too large: %(value)s MB fit.", value=most // 1000000),
            code="header_file",
        )
    _check_beginning(stream, ending)
    template.header_file_id = storage.store(stream, name[-200:], sha256, length).id


def change_fallbacks(template: MessageTemplate, fallbacks: dict[str, str]) -> None:
    """What is said where nothing is known. Ours alone: the provider isn't asked."""
    for name, said in fallbacks.items():
        if said and (problem := limits.value_problem(said)):
            raise Invalid(problem, code=name)
    template.fallbacks = {name: said for name, said in fallbacks.items() if said}


def ask_sync(account_id: str, *, by_hand: bool = False) -> None:
    """By hand beside the daily one, which may be waiting for its turn."""
    kind = "now" if by_hand else "daily"
    key = f"templates-{kind}-{tenancy.current_business_id()}-{account_id}"
    enqueue("message_templates.sync", account_id, queue="bulk", key=key)


def signal() -> None:
    realtime.publish(f"business:{tenancy.current_business_id()}", name="templates")


def _ask(template: MessageTemplate, what: str) -> None:
    template.asking, template.trouble = what, None
    if what in ("create", "edit"):
        template.submitted_at = now()
    db.session.flush()
    enqueue("message_templates.ask", template.id, what, key=f"template-{template.id}-{what}")
    signal()


def _check_free(template: MessageTemplate) -> None:
    if template.asking:
        raise Conflict(_("WhatsApp is being asked about it just now. Try again in a minute."))


def _check_editable(template: MessageTemplate) -> None:
    if template.status not in EDITABLE:
        raise Conflict(
            _("WhatsApp lets one change a template only once it is approved, rejected or paused.")
        )
    if draft_of(template).is_sealed:
        raise Conflict(_("Its parts can’t be written here. Change it in WhatsApp Manager."))


def _check_kept(draft: Draft) -> None:
    """Without these it can't be kept; everything else may wait till it is handed in."""
    for problem in limits.problems(draft):
        if problem.field in ("title", "category", "language"):
            raise Invalid(problem.words, code=problem.field)


def _make_room(account_id: str, draft: Draft) -> None:
    for each in MessageTemplate.named(account_id, draft.name):
        if each.language != draft.language:
            continue
        if each.status != "DELETED":
            raise Invalid(
                _(
                    "There is a template of this title in %(name_of)s already.",
                    name_of=name_of(draft.language),
                ),
                code="title",
            )
        db.session.delete(each)
    db.session.flush()


def _check_beginning(stream: IO[bytes], ending: str) -> None:
    head = stream.read(16)
    stream.seek(0)
    fits = head[4:8] == b"ftyp" if ending == ".mp4" else head.startswith(BEGINNINGS[ending])
    if not fits:
        raise Invalid(_("This file isn’t what its name says."), code="header_file")


def _listed(endings: tuple[str, ...]) -> str:
    named = [each[1:].upper() for each in endings if each != ".jpeg"]
    return " and ".join(named)
