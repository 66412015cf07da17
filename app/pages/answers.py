"""Why the assistant said what it said, and turning what was missing into knowledge."""

from collections.abc import Iterable

from flask import Blueprint, Response, abort, flash, request, url_for
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

import app.frontdesk.toolbox  # noqa: F401  every tool has its title
from app.accounts.models import User
from app.assistant import gaps, services
from app.assistant.models import Answer, ModelCall, ToolUse
from app.conversations.models import Message
from app.core import tenancy, web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.core.tools import registry
from app.extensions import db
from app.knowledge import explaining
from app.knowledge import services as knowledge
from app.knowledge.forms import QuestionForm
from app.knowledge.models import MAX_ID, RegressionCase
from app.knowledge.services import MAX_QUESTION_CHARACTERS

answers = Blueprint("answers", __name__)


@answers.get("/<int:message_id>")
@requires(Permission.INBOX_READ)
def show(message_id: int) -> Response:
    message = _message_or_404(message_id, "assistant")
    answer = Answer.of_message(message.id)
    return _page(message, answer, _form(answer.question if answer else "", ""))


def _page(
    message: Message, answer: Answer | None, form: QuestionForm, status: int = 200
) -> Response:
    return web.page(
        "answers/show.html",
        status,
        message=message,
        answer=answer,
        reasons=explaining.reasons(answer.features) if answer else [],
        calls=ModelCall.of_question(message.question_id) if message.question_id else [],
        tools=ToolUse.of_question(message.question_id) if message.question_id else [],
        tool_titles={name: tool.title for name, tool in registry.items()},
        rated_by=_rated_by(answer),
        case=_case(answer) if not form.errors else None,
        form=form,
    )


@answers.post("/<int:message_id>/rating")
@requires(Permission.INBOX_REPLY)
def create_rating(message_id: int) -> BaseResponse:
    answer = Answer.of_message(_message_or_404(message_id, "assistant").id) or abort(404)
    services.rate(
        answer, current_user, request.form.get("rating", ""), request.form.get("reason", "")
    )
    flash(_("Thank you. Your opinion is kept with the answer."), "success")
    if answer.rating == "down":
        return web.go_to(_to_correction(message_id))
    return web.go(".show", message_id=message_id)


@answers.get("/<int:message_id>/opinions")
@requires(Permission.INBOX_READ)
def opinions(message_id: int) -> Response:
    """What the visitor and the team think of it, as it stands now."""
    message, answer = _answered_or_404(message_id)
    return web.fragment(
        "answers/_opinions.html", message=message, answer=answer, rated_by=_rated_by(answer)
    )


@answers.get("/of/<int:conversation_id>")
@requires(Permission.INBOX_READ)
def marks(conversation_id: int) -> Response:
    """What was thought of a conversation's answers: a mark for each that was ever rated."""
    rated = Answer.rated_in(min(conversation_id, MAX_ID))
    return web.fragment("answers/_marks.html", rated=rated)


@answers.get("/<int:message_id>/correction")
@requires(Permission.KNOWLEDGE_WRITE)
def correction(message_id: int) -> Response | BaseResponse:
    """The form, for the inbox and for correcting once more."""
    message, answer = _answered_or_404(message_id)
    if not web.is_htmx():
        return web.go_to(_to_correction(message_id))
    if "cancelled" in request.args:
        return _correcting(message, answer, _form("", ""), _case(answer), is_cancelled=True)
    return _correcting(message, answer, _form(answer.question, ""))


@answers.post("/<int:message_id>/correction")
@requires(Permission.KNOWLEDGE_WRITE)
def create_correction(message_id: int) -> Response | BaseResponse:
    (message, answer), form = _answered_or_404(message_id), QuestionForm()
    if not form.validate():
        return _refused(message, answer, form)
    try:
        case = knowledge.correct(**form.words, by=current_user, message_id=message.id)
        assert case.source_id is not None  # only a check made by hand may have none
        gaps.corrected(message.id, case.source_id, current_user)
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return _refused(message, answer, form)
    if web.is_htmx():
        return _correcting(message, answer, form, case)
    flash(_("Your answer is saved. The question is being asked again with it."), "success")
    return web.go(".show", message_id=message_id)


@answers.get("/<int:message_id>/outcome")
@requires(Permission.INBOX_READ)
def outcome(message_id: int) -> Response:
    """What came of asking the question again."""
    message, answer = _answered_or_404(message_id)
    case = _case(answer) or abort(404)
    return web.fragment("answers/_outcome.html", message=message, answer=answer, case=case)


def _refused(message: Message, answer: Answer, form: QuestionForm) -> Response:
    if web.is_htmx():
        return _correcting(message, answer, form, status=422)
    return _page(message, answer, form, 422)


def _correcting(
    message: Message,
    answer: Answer,
    form: QuestionForm,
    case: RegressionCase | None = None,
    status: int = 200,
    *,
    is_cancelled: bool = False,
) -> Response:
    """In the inbox under the message, or on the answer's page."""
    form.question.id, form.answer.id = f"question-{message.id}", f"answer-{message.id}"
    return web.fragment(
        "answers/_correcting.html", status,
        message=message, answer=answer, form=form, case=case,
        is_inline=True, is_cancelled=is_cancelled,
    )  # fmt: skip


def _to_correction(message_id: int) -> str:
    return url_for(".show", message_id=message_id) + "#correction"


def _case(answer: Answer | None) -> RegressionCase | None:
    return RegressionCase.of_answer(answer.message_id, answer.question) if answer else None


def _rated_by(answer: Answer | None) -> User | None:
    return db.session.get(User, answer.rated_by) if answer and answer.rated_by else None


@answers.get("/<int:message_id>/proposal")
@requires(Permission.KNOWLEDGE_WRITE)
def proposal(message_id: int) -> Response:
    """A person's reply as a question and answer, to look over before it is saved."""
    message = _message_or_404(message_id, "member")
    asked = message.conversation.last_question_before(message.position)
    form = _form(asked.body if asked else "", message.body)
    return web.page("answers/proposal.html", message=message, form=form)


def _answered_or_404(message_id: int) -> tuple[Message, Answer]:
    message = _message_or_404(message_id, "assistant")
    return message, Answer.of_message(message.id) or abort(404)


def _message_or_404(message_id: int, author: str) -> Message:
    if message_id > MAX_ID:
        abort(404)
    message = db.session.get(Message, (tenancy.current_business_id(), message_id))
    if message is None or message.author != author or message.kind != "outgoing":
        abort(404)
    return message


def _form(question: str, answer: str) -> QuestionForm:
    question = " ".join(question.split())[:MAX_QUESTION_CHARACTERS]
    return QuestionForm(formdata=None, data={"question": question, "answer": answer})


@answers.app_template_global("receipts_of")
def _receipts_of(messages: Iterable[Message]) -> dict[int, Answer]:
    """For the inbox: what was thought of each answer in a stretch of a conversation, in one query."""
    return Answer.of_messages(each.id for each in messages if each.author == "assistant")
