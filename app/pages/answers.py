"""Why the assistant said what it said, and turning what was missing into knowledge."""

from flask import Blueprint, Response, abort, flash, request
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.accounts.models import User
from app.assistant import gaps, services
from app.assistant.models import Answer
from app.conversations.models import Message
from app.core import tenancy, web
from app.core.access import Permission, requires
from app.core.errors import Invalid
from app.extensions import db
from app.knowledge import explaining
from app.knowledge import services as knowledge
from app.knowledge.forms import QuestionForm
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
        rated_by=db.session.get(User, answer.rated_by) if answer and answer.rated_by else None,
        form=form,
    )


@answers.post("/<int:message_id>/rating")
@requires(Permission.INBOX_REPLY)
def create_rating(message_id: int) -> BaseResponse:
    answer = Answer.of_message(_message_or_404(message_id, "assistant").id) or abort(404)
    services.rate(
        answer, current_user, request.form.get("rating", ""), request.form.get("reason", "")
    )
    flash("Thank you. Your opinion is kept with the answer.", "success")
    return web.go(".show", message_id=message_id)


@answers.post("/<int:message_id>/correction")
@requires(Permission.KNOWLEDGE_WRITE)
def create_correction(message_id: int) -> Response | BaseResponse:
    message = _message_or_404(message_id, "assistant")
    answer, form = Answer.of_message(message.id) or abort(404), QuestionForm()
    if not form.validate():
        return _page(message, answer, form, 422)
    try:
        case = knowledge.correct(**form.words, by=current_user)
        gaps.corrected(message.id, case.source_id, current_user)
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return _page(message, answer, form, 422)
    flash("Your answer is saved. The assistant knows it in a moment.", "success")
    return web.go(".show", message_id=message_id)


@answers.get("/<int:message_id>/proposal")
@requires(Permission.KNOWLEDGE_WRITE)
def proposal(message_id: int) -> Response:
    """A person's reply as a question and answer, to look over before it is saved."""
    message = _message_or_404(message_id, "member")
    asked = message.conversation.last_question_before(message.position)
    form = _form(asked.body if asked else "", message.body)
    return web.page("answers/proposal.html", message=message, form=form)


def _message_or_404(message_id: int, author: str) -> Message:
    if message_id >= 2**63:
        abort(404)
    message = db.session.get(Message, (tenancy.current_business_id(), message_id))
    if message is None or message.author != author or message.kind != "outgoing":
        abort(404)
    return message


def _form(question: str, answer: str) -> QuestionForm:
    question = " ".join(question.split())[:MAX_QUESTION_CHARACTERS]
    return QuestionForm(formdata=None, data={"question": question, "answer": answer})
