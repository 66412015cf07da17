"""Gaps: what visitors asked and the assistant couldn't answer, and answering it once for all of them."""

from dataclasses import dataclass
from typing import Any

from flask import Blueprint, Response, abort, flash, make_response, request, url_for
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_babel import ngettext
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.assistant import gaps as services
from app.assistant import grouping
from app.assistant.models import Answer, Gap, GapQuestion
from app.conversations.models import Message
from app.core import tenancy, web
from app.core.access import Permission, may, requires
from app.core.errors import Invalid
from app.core.pagination import Cursor
from app.extensions import db
from app.knowledge import explaining
from app.knowledge import services as knowledge
from app.knowledge.forms import QuestionForm
from app.pages import shell

gaps = Blueprint("gaps", __name__)

STATUSES = {"open": _l("Open"), "answered": _l("Answered"), "dismissed": _l("Dismissed")}
PAGE_ROWS = 50
MOST_ROWS = 500  # that a live list keeps up to date
MAX_WORDS = 200  # characters of a search
EXAMPLES = 20  # newest wordings on a gap's own part
PASSAGES = 3


@dataclass(frozen=True, slots=True)
class Listing:
    """A page of the list. `last` is the place of its last row when there are more after it."""

    rows: list[Gap]
    status: str
    words: str
    last: Cursor | None
    waiting: dict[int, int]  # by gap: visitors who wait for a person

    @property
    def filter(self) -> dict[str, str]:
        chosen = {"show": self.status if self.status != "open" else "", "q": self.words}
        return {name: value for name, value in chosen.items() if value}


@gaps.get("/")
@requires(Permission.KNOWLEDGE_READ)
def index() -> Response:
    return web.page_or_fragment(
        "gaps/index.html", "gaps/_block.html", listing=_listing(), statuses=STATUSES
    )


@gaps.get("/rows")
@requires(Permission.KNOWLEDGE_READ)
def rows() -> Response:
    """What a page showed, as it is now."""
    return web.fragment("gaps/_rows.html", listing=_listing(refresh=True))


@gaps.get("/badge")
@requires(Permission.KNOWLEDGE_READ)
def badge() -> Response:
    return web.fragment("gaps/_badge.html", item=shell.tab_count("gaps.index"))


@gaps.get("/<int:gap_id>")
@requires(Permission.KNOWLEDGE_READ)
def show(gap_id: int) -> Response:
    gap = _gap_or_404(gap_id)
    return _page(gap, _form(gap))


@gaps.post("/<int:gap_id>/answer")
@requires(Permission.KNOWLEDGE_WRITE)
def create_answer(gap_id: int) -> Response | BaseResponse:
    gap, form = _gap_or_404(gap_id), QuestionForm()
    if not form.validate():
        return _page(gap, form, 422)
    try:
        answered = services.answer(
            gap, form.question.data or "", form.answer.data or "", current_user, _chosen()
        )
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return _page(gap, form, 422)
    return _done(_saved(answered.sent_count), "gaps/_answered.html", gap=gap, answered=answered)


@gaps.post("/<int:gap_id>/dismissal")
@requires(Permission.KNOWLEDGE_WRITE)
def create_dismissal(gap_id: int) -> Response | BaseResponse:
    gap = _gap_or_404(gap_id)
    services.dismiss(gap, current_user)
    message = _(
        "Dismissed. It comes back if it is asked %(returns_after)s more times.",
        returns_after=services.RETURNS_AFTER,
    )
    if web.is_htmx():
        undo = url_for(".create_reopening", gap_id=gap.id)
        return web.told(make_response(""), message, undo=undo)
    flash(message, "success")
    return web.go(".index")


@gaps.post("/<int:gap_id>/reopening")
@requires(Permission.KNOWLEDGE_WRITE)
def create_reopening(gap_id: int) -> Response | BaseResponse:
    services.reopen(_gap_or_404(gap_id))
    message = _("It is open again.")
    if web.is_htmx():
        return web.told(make_response(""), message, "gaps")
    flash(message, "success")
    return web.go(".index")


@gaps.post("/questions/<int:question_id>/separation")
@requires(Permission.KNOWLEDGE_WRITE)
def create_separation(question_id: int) -> Response | BaseResponse:
    """This wording means something else: a gap of its own."""
    question = GapQuestion.by_id(question_id) or abort(404)
    gap = _gap_or_404(question.gap_id)
    grouping.separate(question)
    if web.is_htmx():
        return _page(gap, _form(gap))
    flash(_("It is a question of its own now."), "success")
    return web.go(".show", gap_id=gap.id)


@gaps.post("/replies/<int:message_id>")
@requires(Permission.KNOWLEDGE_WRITE)
def create_from_reply(message_id: int) -> Response | BaseResponse:
    """A person's reply, looked over, becomes knowledge; what it replied to is a gap no more."""
    reply, form = _reply_or_404(message_id), QuestionForm()
    if not form.validate():
        return web.page("answers/proposal.html", 422, message=reply, form=form)
    try:
        source = knowledge.add_question(**form.words, by=current_user)
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return web.page("answers/proposal.html", 422, message=reply, form=form)
    services.answered_in_reply(reply, source.id, current_user)
    flash(_saved(0), "success")
    return web.go("conversations.show", conversation_id=reply.conversation_id)


def _gap_or_404(gap_id: int) -> Gap:
    return Gap.by_id(gap_id) or abort(404)


def _reply_or_404(message_id: int) -> Message:
    if message_id >= 2**63:
        abort(404)
    message = db.session.get(Message, (tenancy.current_business_id(), message_id))
    if message is None or (message.author, message.kind) != ("member", "outgoing"):
        abort(404)
    return message


def _listing(*, refresh: bool = False) -> Listing:
    status = request.args.get("show", "open")
    status = status if status in STATUSES else "open"
    words = request.args.get("q", "").replace("\x00", "").strip()[:MAX_WORDS]
    before = Cursor.parse(request.args.get("before"))
    through = Cursor.parse(request.args.get("through")) if refresh else None
    limit = MOST_ROWS if through else PAGE_ROWS
    query = Gap.listed(status, words, before, through).limit(limit + 1)
    found = list(db.session.scalars(query))
    last = found[limit - 1].cursor if len(found) > limit else through
    shown = found[:limit]
    waiting = Gap.waiting_counts([gap.id for gap in shown]) if status == "open" else {}
    return Listing(shown, status, words, last, waiting)


def _form(gap: Gap) -> QuestionForm:
    return QuestionForm(formdata=None, data={"question": gap.question})


def _page(gap: Gap, form: QuestionForm, status: int = 200) -> Response:
    for field in (form.question, form.answer):  # several of these stand on one page
        field.id = web.dom_id(gap, field.name)
    asked = gap.questions(EXAMPLES)
    answer = Answer.of_message(asked[0].message_id) if asked else None
    return web.page_or_fragment(
        "gaps/show.html", "gaps/_gap_body.html", status,
        gap=gap,
        form=form,
        asked=asked,
        talks=services.conversations_of(gap) if _may_send(gap) else [],
        wording=_wordings(asked),
        chosen=_chosen() if request.method == "POST" else None,
        answer=answer,
        passages=answer.passages[:PASSAGES] if answer else [],
        reasons=explaining.reasons(answer.features) if answer else [],
        closed_by=_closed_by(gap),
    )  # fmt: skip


def _may_send(gap: Gap) -> bool:
    return gap.is_open and may(Permission.KNOWLEDGE_WRITE) and may(Permission.INBOX_REPLY)


def _wordings(asked: list[GapQuestion]) -> dict[int, str]:
    """How it was asked in each conversation, the newest time."""
    return {each.conversation_id: each.words for each in reversed(asked)}


def _closed_by(gap: Gap) -> User | None:
    user_id = {"answered": gap.answered_by, "dismissed": gap.dismissed_by}.get(gap.status)
    return db.session.get(User, user_id) if user_id else None


def _chosen() -> set[int]:
    """Conversations to send the answer to; nobody's without the right to reply."""
    if not may(Permission.INBOX_REPLY):
        return set()
    return set(request.form.getlist("send_to", type=int))


def _saved(sent_count: int) -> str:
    saved = _("Your answer is saved. The assistant knows it in a moment.")
    if not sent_count:
        return saved
    return ngettext(
        "%(saved)s It was sent to %(num)s visitor.",
        "%(saved)s It was sent to %(num)s visitors.",
        sent_count,
        saved=saved,
    )


def _done(message: str, template: str, **context: Any) -> Response | BaseResponse:
    if web.is_htmx():
        return web.told(web.fragment(template, **context), message)
    flash(message, "success")
    return web.go(".index")
