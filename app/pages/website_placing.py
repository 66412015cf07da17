"""Settings → Website chat → Install: how the line gets onto a website, and whether it is there; and the secret
with which a site signs who its visitor is."""

from flask import Response, flash, render_template, request
from flask_babel import gettext as _
from werkzeug.wrappers import Response as BaseResponse

from app.channels import website_identity
from app.channels.models import Channel
from app.core import unit_of_work, web
from app.core.access import Permission, requires
from app.extensions import limiter
from app.pages import site_check
from app.pages.settings import settings
from app.pages.snippet import snippet
from app.widget import seen

MAX_URL = 500
OWN_BUTTON = (
    """<button type="button" onclick="(window.Frontdesk ||= []).push(['open'])">Ask us</button>"""
)
EXAMPLES = {
    "python": "Python",
    "php": "PHP",
    "ruby": "Ruby",
    "node": "Node.js",
    "java": "Java",
}


@settings.get("/website/install")
@requires(Permission.SETTINGS_READ)
def install_website() -> Response:
    return _install()


@settings.post("/website/install")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit("10 per minute")
def check_site() -> Response:
    """Whether the line stands on that page."""
    url = request.form.get("url", "").strip()[:MAX_URL]
    channel = Channel.of_kind("website")
    key, allowed = channel.public_key, channel.allowed_sites
    unit_of_work.rollback()  # a slow site holds no connection
    finding = site_check.look(url, key, allowed)
    return _install(url, finding, 422 if finding.is_mistyped else 200)


@settings.get("/website/identity")
@requires(Permission.SETTINGS_READ)
def website_secret() -> Response:
    return _identity()


@settings.post("/website/identity")
@requires(Permission.SETTINGS_WRITE)
def make_website_secret() -> Response:
    """Shown in this answer alone."""
    return _identity(website_identity.make(Channel.of_kind("website")))


@settings.post("/website/identity/deletion")
@requires(Permission.SETTINGS_WRITE)
def forget_website_secret() -> BaseResponse:
    website_identity.forget(Channel.of_kind("website"))
    flash(_("Removed. Nobody is known by a signature any more."), "success")
    return web.go(".website_secret")


def _install(
    url: str = "", finding: site_check.Finding | None = None, status: int = 200
) -> Response:
    channel = Channel.of_kind("website")
    return web.page(
        "pages/website_install.html", status,
        snippet=snippet(channel), own_button=OWN_BUTTON, url=url, finding=finding, seen=seen.sites_of(channel),
    )  # fmt: skip


def _identity(secret: str = "") -> Response:
    channel = Channel.of_kind("website")
    examples = [
        (name, title, render_template(f"pages/identity/{name}.txt"))
        for name, title in EXAMPLES.items()
    ]
    response = web.page(
        "pages/website_identity.html",
        secret=secret,
        has_secret=bool(website_identity.valid(channel)),
        old_until=website_identity.old_until(channel),
        examples=examples,
    )
    response.headers["Cache-Control"] = "no-store"
    return response
