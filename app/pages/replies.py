"""Settings → Replies: what is kept to be sent again, and how long one's own reply can be taken back."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, request
from flask_babel import gettext as _
from flask_babel import lazy_gettext as _l
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import MultipleFileField, RadioField, StringField, TextAreaField
from wtforms.fields import SelectChoice
from wtforms.validators import InputRequired, Length

from app.conversations import canned, variables
from app.conversations.models import CannedFile, CannedReply
from app.conversations.services import MAX_REPLY_CHARACTERS
from app.core import web
from app.core.access import Permission, may, requires
from app.core.errors import FrontdeskError
from app.extensions import db

replies = Blueprint("replies", __name__)

UNDO_SECONDS = (0, 5, 10)
MULTIPART_BYTES = 1024 * 1024  # what a form weighs beside its files


@replies.url_value_preprocessor
def _limit_upload(endpoint: str | None, _values: dict[str, Any] | None) -> None:
    """Before anything reads the form."""
    if endpoint in ("replies.create", "replies.change"):
        request.max_content_length = canned.MAX_FILES * canned.MAX_BYTES + MULTIPART_BYTES


class ReplyForm(FlaskForm):
    """app/conversations/canned.py checks the shortcut, the variables and the files."""

    title = StringField(
        _l("Title"),
        [
            InputRequired(_l("Give it a title.")),
            Length(max=80, message=_l("%(most)s characters fit.", most=80)),
        ],
        description=_l("You and your team find it by this."),
    )
    shortcut = StringField(
        _l("Shortcut"),
        [InputRequired(_l("Give it a shortcut, like opening-hours."))],
        description=_l("Type / and then this in a conversation."),
    )
    body = TextAreaField(
        _l("Text"),
        filters=[lambda text: text.replace("\r\n", "\n").strip() if text else text],
        validators=[
            InputRequired(_l("Write what is to be sent.")),
            Length(
                max=MAX_REPLY_CHARACTERS,
                message=_l("%(most)s characters fit.", most=f"{MAX_REPLY_CHARACTERS:,}"),
            ),
        ],
    )
    whose = RadioField(
        _l("Who uses it"),
        choices=[SelectChoice("team", _l("The whole team")), SelectChoice("own", _l("Only me"))],
        default="team",
    )
    files = MultipleFileField(_l("Files"))

    @property
    def said(self) -> dict[str, Any]:
        return {
            "is_shared": self.whose.data == "team",
            "shortcut": self.shortcut.data or "",
            "title": self.title.data or "",
            "body": self.body.data or "",
        }

    @property
    def sent_files(self) -> list[Any]:
        return [each for each in self.files.data or () if each and each.filename]


@replies.get("/")
@requires(Permission.INBOX_READ)
def index() -> Response:
    words = request.args.get("q", "")[:100]
    found = CannedReply.searched(current_user.id, words)
    return web.page_or_fragment(
        "replies/index.html", "replies/_rows.html", found=found, words=words,
        undo_choices=UNDO_SECONDS, undo_seconds=g.member.undo_seconds,
    )  # fmt: skip


@replies.get("/new")
@requires(Permission.INBOX_REPLY)
def new() -> Response:
    return _edit(ReplyForm(formdata=None))


@replies.post("/")
@requires(Permission.INBOX_REPLY)
def create() -> Response | BaseResponse:
    form = ReplyForm()
    return _save(form, None)


@replies.get("/<int:reply_id>")
@requires(Permission.INBOX_REPLY)
def edit(reply_id: int) -> Response:
    reply = _changed(reply_id)
    whose = "team" if reply.is_shared else "own"
    form = ReplyForm(
        formdata=None, title=reply.title, shortcut=reply.shortcut, body=reply.body, whose=whose
    )
    return _edit(form, reply)


@replies.post("/<int:reply_id>")
@requires(Permission.INBOX_REPLY)
def change(reply_id: int) -> Response | BaseResponse:
    return _save(ReplyForm(), _changed(reply_id))


@replies.post("/<int:reply_id>/deletion")
@requires(Permission.INBOX_REPLY)
def delete(reply_id: int) -> BaseResponse:
    reply = _changed(reply_id)
    canned.delete(reply)
    flash(_("“%(title)s” is deleted. What was sent with it stays.", title=reply.title), "success")
    return web.go(".index")


@replies.post("/<int:reply_id>/files/<int:file_id>/deletion")
@requires(Permission.INBOX_REPLY)
def delete_file(reply_id: int, file_id: int) -> BaseResponse:
    reply = _changed(reply_id)
    file = CannedFile.by_id(file_id, current_user.id)
    if file is None or file.reply_id != reply.id:
        abort(404)
    canned.remove_file(file)
    return web.go(".edit", reply_id=reply.id)


@replies.post("/undo-seconds")
@requires(Permission.INBOX_REPLY)
def change_undo() -> BaseResponse:
    """Each member's own."""
    seconds = request.form.get("undo_seconds", type=int)
    if seconds not in UNDO_SECONDS:
        abort(400)
    g.member.undo_seconds = seconds
    told = (
        _("Your replies wait %(seconds)s seconds.", seconds=seconds)
        if seconds
        else _("Your replies go out at once.")
    )
    flash(told, "success")
    return web.go(".index")


def _save(form: ReplyForm, reply: CannedReply | None) -> Response | BaseResponse:
    if not form.validate():
        return _edit(form, reply, 422)
    try:
        if reply is None:
            reply = canned.create(current_user, **form.said)
        else:
            canned.change(reply, current_user, **form.said)
        for sent in form.sent_files:
            canned.add_file(reply, sent)
    except FrontdeskError as refusal:
        field = getattr(form, refusal.code, form.body)
        field.errors = [refusal.message]
        was = reply.id if reply and request.endpoint == "replies.change" else None
        db.session.rollback()
        return _edit(form, _load(was) if was else None, 422)
    flash(_("Saved. Type /%(shortcut)s in a conversation.", shortcut=reply.shortcut), "success")
    return web.go(".index")


def _edit(form: ReplyForm, reply: CannedReply | None = None, status: int = 200) -> Response:
    return web.page("replies/edit.html", status, form=form, reply=reply, variables=variables.KNOWN)


@replies.app_template_test("changeable")
def _may_change(reply: CannedReply) -> bool:
    """The team's is used by all who answer, and changed by who set the team up or has made it."""
    if not may(Permission.INBOX_REPLY):
        return False
    is_own = not reply.is_shared or reply.made_by == current_user.id
    return is_own or may(Permission.SETTINGS_WRITE)


def _changed(reply_id: int) -> CannedReply:
    reply = _load(reply_id)
    if not _may_change(reply):
        abort(403)
    return reply


def _load(reply_id: int) -> CannedReply:
    return CannedReply.by_id(reply_id, current_user.id) or abort(404)
