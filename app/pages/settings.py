"""Settings: the work that failed. The website chat's pages hang on the same blueprint (website.py)."""

from flask import Blueprint, Response, abort, flash
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.core import given_up, web
from app.core.access import Permission, requires
from app.frontdesk import inbound
from app.pages.failed_work import all_of_it

settings = Blueprint("settings", __name__)

MAX_ID = 2**63 - 1  # of a bigint


@settings.get("/jobs")
@requires(Permission.SETTINGS_READ)
def failed_jobs() -> Response:
    return web.page("pages/jobs.html", failures=all_of_it())


@settings.post("/jobs/<int:job_id>/retry")
@requires(Permission.SETTINGS_WRITE)
def retry_job(job_id: int) -> BaseResponse:
    if job_id > MAX_ID or not given_up.retry(job_id):
        abort(404)
    return _tried_again()


@settings.post("/updates/<int:update_id>/retry")
@requires(Permission.SETTINGS_WRITE)
def retry_update(update_id: int) -> BaseResponse:
    if update_id > MAX_ID or not inbound.retry(update_id):
        abort(404)
    return _tried_again()


def _tried_again() -> BaseResponse:
    flash(_("It is tried again now. It comes back here if it fails once more."), "success")
    return web.go(".failed_jobs")
