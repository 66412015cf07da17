"""The test bench: asking the assistant as a visitor, and seeing what it did."""

from typing import Any

from flask import Blueprint, Response, abort, flash, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse
from wtforms import RadioField

from app.assistant import persona as personas
from app.assistant.models import AssistantSettings
from app.core import web
from app.core.access import Permission, requires
from app.core.errors import Conflict, Invalid
from app.frontdesk import bench as benches
from app.frontdesk.bench import Exchange, Talk
from app.knowledge import checking
from app.knowledge.forms import CheckForm
from app.knowledge.models import Source
from app.knowledge.services import MAX_QUESTION_CHARACTERS
from app.pages.persona import VoiceForm

bench = Blueprint("bench", __name__)


class BenchForm(VoiceForm):
    channel = RadioField(_l("Channel"), choices=list(benches.CHANNELS.items()), default="website")
    voice = RadioField(_l("Persona"), choices=[("saved", _l("As saved")), ("draft", _l("A draft"))])

    @property
    def chosen_persona(self) -> personas.Persona | None:
        """None for what is saved. Raises Invalid."""
        return self.persona if self.voice.data == "draft" else None


@bench.get("/")
@requires(Permission.KNOWLEDGE_WRITE)
def index() -> Response:
    """`talk` is one that goes on: its last question says how it was asked."""
    token = request.args.get("talk", "")
    talk = (benches.find(token, current_user) if token else None) or benches.new_talk()
    last = talk.exchanges[-1] if talk.exchanges else None
    return _page(talk, _form(last))


@bench.post("/")
@requires(Permission.KNOWLEDGE_WRITE)
def ask() -> Response | BaseResponse:
    talk, form = _talk(request.form.get("talk", "")), BenchForm()
    question = request.form.get("question", "")
    try:
        asked = benches.ask(
            talk, question, form.channel.data or "", form.chosen_persona, current_user
        )
    except (Invalid, Conflict) as refusal:
        if web.is_htmx():
            raise  # as a toast: nothing on the page changes
        form.tell(refusal)
        return _page(talk, form, question, refusal.status)
    if not web.is_htmx():
        return web.go(".index", talk=talk.token, _anchor=f"exchange-{asked.number}")
    talk = Talk(talk.token, (*talk.exchanges, asked))
    return web.fragment("assistant/_asked.html", talk=talk, exchange=asked, question="", **_words())


@bench.get("/<token>/<int:number>")
@requires(Permission.KNOWLEDGE_WRITE)
def show(token: str, number: int) -> Response:
    """What came of a question, or nothing yet: whoever waits keeps waiting."""
    talk, exchange = _exchange_or_404(token, number)
    if exchange.result is None and not exchange.is_late:
        return Response(status=204)
    return web.fragment("assistant/_outcome.html", talk=talk, exchange=exchange, **_words())


@bench.get("/<token>/<int:number>/check")
@requires(Permission.KNOWLEDGE_WRITE)
def keep_form(token: str, number: int) -> Response:
    talk, exchange = _answered_or_404(token, number)
    return _keep(talk, exchange, keep_form=_check_form(exchange))


@bench.post("/<token>/<int:number>/check")
@requires(Permission.KNOWLEDGE_WRITE)
def keep(token: str, number: int) -> Response | BaseResponse:
    talk, exchange = _answered_or_404(token, number)
    form = CheckForm()
    if not _is_kept(form):
        return _keep(talk, exchange, 422, keep_form=form)
    if web.is_htmx():
        return _keep(talk, exchange, is_kept=True)
    flash(_("Kept as a check, which is being asked."), "success")
    return web.go("checks.index")


@bench.post("/persona")
@requires(Permission.SETTINGS_WRITE)
def save_draft() -> Response | BaseResponse:
    """What was tried becomes the assistant's persona."""
    form = BenchForm()
    try:
        personas.save(form.persona)
    except Invalid as refusal:
        if web.is_htmx():
            raise
        form.tell(refusal)
        talk = _talk(request.form.get("talk", ""))
        return _page(talk, form, request.form.get("question", ""), 422)
    if web.is_htmx():
        return web.told(
            Response(status=200), _("Saved. Your assistant speaks like this from now on.")
        )
    flash(_("Saved. Your assistant speaks like this from now on."), "success")
    return web.go("persona.show")


def _form(last: Exchange | None) -> BenchForm:
    persona = (last and last.persona) or personas.Persona.of(AssistantSettings.current())
    return BenchForm(
        formdata=None,
        obj=persona,
        channel=last.channel if last else "website",
        voice="draft" if last and last.persona else "saved",
    )


def _page(talk: Talk, form: BenchForm, question: str = "", status: int = 200) -> Response:
    return web.page(
        "assistant/bench.html", status,
        talk=talk,
        form=form,
        tones=personas.TONES,
        asked=personas.ASKED,
        question=question,
        **_words(),
    )  # fmt: skip


def _words() -> dict[str, Any]:
    return {"channels": benches.CHANNELS, "max_length": benches.MAX_QUESTION}


def _keep(talk: Talk, exchange: Exchange, status: int = 200, **shown: Any) -> Response:
    return web.page_or_fragment(
        "assistant/keep.html", "assistant/_keep.html", status,
        talk=talk, exchange=exchange, **shown,
    )  # fmt: skip


def _check_form(exchange: Exchange) -> CheckForm:
    """As the exchange went: what was quoted word for word, and where from."""
    found = exchange.result or {}
    source_id = next((each["source_id"] for each in found.get("citations", [])), None)
    source = Source.by_id(source_id) if source_id else None
    question = " ".join(exchange.question.split())[:MAX_QUESTION_CHARACTERS]
    return CheckForm(
        formdata=None,
        data={
            "question": question,
            "must_contain": found.get("quoted", ""),
            "source_name": source.name if source else "",
        },
    )


def _is_kept(form: CheckForm) -> bool:
    if not form.validate():
        return False
    try:
        checking.add(**form.words, by=current_user)
    except Invalid as refusal:
        form.form_errors.append(refusal.message)
        return False
    return True


def _talk(token: str) -> Talk:
    """Raises Conflict when it is over."""
    if not token:
        return benches.new_talk()
    talk = benches.find(token, current_user)
    if talk is None:
        raise Conflict(_("This talk is over: it was kept for an hour. Start over."))
    return talk


def _exchange_or_404(token: str, number: int) -> tuple[Talk, Exchange]:
    talk = benches.find(token, current_user) or abort(404)
    return talk, talk.exchange(number) or abort(404)


def _answered_or_404(token: str, number: int) -> tuple[Talk, Exchange]:
    talk, exchange = _exchange_or_404(token, number)
    return (talk, exchange) if exchange.is_answered else abort(404)
