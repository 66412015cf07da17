"""The start page, and the live stream of every page of the dashboard."""

from flask import Blueprint, Response, abort, g
from flask_login import current_user

from app.assistant import notices
from app.assistant.models import Gap
from app.channels import showing
from app.channels.models import Channel
from app.conversations.models import Callback
from app.core import realtime, web
from app.core.access import Permission, may, requires
from app.knowledge import listing
from app.knowledge.forms import AddressForm, FilesForm, NoteForm, QuestionForm
from app.knowledge.models import Source
from app.pages import first_steps
from app.pages.snippet import snippet

dashboard = Blueprint("dashboard", __name__)

NEWEST = 5  # sources beside the forms; the rest are one click away


@dashboard.get("/")
@requires(Permission.SETTINGS_READ)
def start() -> Response:
    return web.page(
        "pages/start.html",
        steps=first_steps.STEPS,
        needing=Source.needing_owner(),
        channel_warnings=showing.warnings(),
        notices=notices.current(g.business.time_zone),
        gap_count=Gap.open_count() if may(Permission.KNOWLEDGE_READ) else 0,
        callback_count=Callback.open_count() if may(Permission.INBOX_READ) else 0,
        files_form=FilesForm(),
        address_form=AddressForm(formdata=None),
        question_form=QuestionForm(formdata=None),
        note_form=NoteForm(formdata=None),
        listing=listing.page("all", "", limit=NEWEST),
        preview=Channel.of_kind("preview"),
        snippet=snippet(Channel.of_kind("website")),
    )


@dashboard.get("/steps/<name>")
@requires(Permission.SETTINGS_READ)
def step(name: str) -> Response:
    return web.fragment("pages/_step.html", step=first_steps.step(name) or abort(404))


@dashboard.get("/live")
def live() -> Response:
    """For any member: the door has checked that this is one."""
    return realtime.stream(f"business:{g.business.id}", key=f"member:{current_user.id}")
