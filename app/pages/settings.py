"""Settings: the website chat, and work that failed."""

from flask import Blueprint, Response, abort, flash
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse
from wtforms import ColorField, TextAreaField
from wtforms.validators import DataRequired, Regexp, ValidationError

from app.channels import services as channels
from app.channels.models import Channel
from app.channels.sites import SiteError, site_origins
from app.core import given_up, web
from app.core.access import Permission, requires
from app.frontdesk import inbound
from app.lib.colour import HEX_COLOUR, contrast, ink_on
from app.pages.failed_work import all_of_it
from app.pages.snippet import snippet

settings = Blueprint("settings", __name__)

MAX_ID = 2**63 - 1  # of a bigint


class WebsiteForm(FlaskForm):
    colour = ColorField(
        "Colour",
        [
            DataRequired("Choose a colour."),
            Regexp(HEX_COLOUR.pattern + "$", HEX_COLOUR.flags, "Choose a colour like #0f7a55."),
        ],
        description="Of the button, the header and the visitor’s own words.",
    )
    allowed_sites = TextAreaField(
        "Allowed websites",
        description="One per line, like https://www.example.com. "
        "The chat then opens on these alone; empty means on every website.",
    )

    def validate_allowed_sites(self, field: TextAreaField) -> None:
        try:
            self.origins = site_origins(field.data or "")
        except SiteError as problem:
            raise ValidationError(str(problem)) from problem


@settings.get("/website")
@requires(Permission.SETTINGS_READ)
def website() -> Response:
    channel = Channel.of_kind("website")
    form = WebsiteForm(colour=channel.colour, allowed_sites="\n".join(channel.allowed_sites))
    return _website(channel, form)


@settings.post("/website")
@requires(Permission.SETTINGS_WRITE)
def change_website() -> Response | BaseResponse:
    form = WebsiteForm()
    if not form.validate():
        return _website(Channel.of_kind("website"), form, 422)
    channels.update_website(form.colour.data, form.origins)
    flash("Saved. Your website shows it within five minutes.", "success")
    return web.go(".website")


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
    flash("It is tried again now. It comes back here if it fails once more.", "success")
    return web.go(".failed_jobs")


def _website(channel: Channel, form: WebsiteForm, status: int = 200) -> Response:
    colour = channel.colour if form.colour.errors else form.colour.data
    return web.page(
        "pages/website.html", status,
        form=form,
        channel=channel,
        snippet=snippet(channel),
        colour=colour,
        ink=ink_on(colour),
        contrast=contrast(colour, ink_on(colour)),
    )  # fmt: skip
