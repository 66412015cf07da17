"""Settings → Channels: which there are, how they are, connecting another one."""

from typing import Any

from flask import Blueprint, Response, abort, flash, g, request
from flask_babel import gettext as _
from flask_login import current_user
from flask_wtf import FlaskForm
from werkzeug.wrappers import Response as BaseResponse

from app.channels import checks, connecting, deliveries, showing, signup_views
from app.channels.adapters import PLACES, adapter
from app.channels.border import Adapter
from app.channels.forms import DisconnectForm, connect_form, typed_in
from app.channels.models import Channel, ConnectAttempt
from app.core import web
from app.core.access import Permission, requires
from app.core.translating import spoken
from app.extensions import limiter

channels = Blueprint("channels", __name__)

TRIES = "20 per hour"  # each asks a provider, with what somebody typed
CHECKS = "10 per minute"


@channels.get("/")
@requires(Permission.SETTINGS_READ)
def index() -> Response:
    return web.page_or_fragment(
        "channels/index.html",
        "channels/_list.html",
        website=Channel.of_kind("website"),
        rows=[showing.shown(each) for each in Channel.connected()],
        providers=showing.connectable(),
        offers_signup=signup_views.is_offered(),
    )


@channels.get("/bar")
@requires(Permission.SETTINGS_READ)
def bar() -> Response:
    """On every page of the dashboard: which are broken."""
    return web.fragment("channels/_bar.html")


@channels.get("/new/<kind>")
@requires(Permission.SETTINGS_WRITE)
def new(kind: str) -> Response:
    provider = _provider(kind)
    return _form_page(provider, connect_form(provider, formdata=None))


@channels.post("/new/<kind>")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit(TRIES, key_func=lambda: f"business-{g.business.id}")
def connect(kind: str) -> Response | BaseResponse:
    return _try(_provider(kind), None)


@channels.get("/attempts/<int:attempt_id>")
@requires(Permission.SETTINGS_WRITE)
def attempt(attempt_id: int) -> Response | BaseResponse:
    """What has become of it so far."""
    found = ConnectAttempt.by_id(attempt_id) or abort(404)
    if found.state == "done":
        return web.go(".show", channel_id=found.channel_id)
    provider = adapter(found.kind)
    if found.state == "asked":
        return web.page_or_fragment(
            "channels/asking.html", "channels/_asking.html", attempt=found, provider=provider
        )
    if web.is_htmx():
        return Response(status=204, headers={"HX-Redirect": request.path})  # type: ignore[return-value]
    if found.values.get("app") == "ours":
        return signup_views.refused_page(found)
    return _refused_page(found, provider)


@channels.get("/<int:channel_id>")
@requires(Permission.SETTINGS_READ)
def show(channel_id: int) -> Response:
    return _page(_channel(channel_id), DisconnectForm(formdata=None))


@channels.get("/<int:channel_id>/health")
@requires(Permission.SETTINGS_READ)
def health(channel_id: int) -> Response:
    return web.fragment("channels/_health.html", **_about(_channel(channel_id)))


@channels.post("/<int:channel_id>/checks")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit(CHECKS, key_func=lambda: f"business-{g.business.id}")
def check(channel_id: int) -> Response | BaseResponse:
    channel = _channel(channel_id)
    checks.ask_now(channel)
    if web.is_htmx():
        return web.told(
            web.fragment("channels/_health.html", **_about(channel)), _("Checking now.")
        )
    flash(_("Checking now. The page changes when the answer is there."), "success")
    return web.go(".show", channel_id=channel_id)


@channels.get("/<int:channel_id>/reconnection")
@requires(Permission.SETTINGS_WRITE)
def reconnect(channel_id: int) -> Response | BaseResponse:
    channel = _channel(channel_id)
    if channel.settings.get("app") == "ours" and signup_views.is_offered():
        return web.go("whatsapp_signup.show")
    provider = adapter(channel.kind)
    form = connect_form(provider, _kept(provider, channel.credentials), formdata=None,
                        data=_plain(provider, channel.settings))  # fmt: skip
    return _form_page(provider, form, channel=channel, kept=_kept(provider, channel.credentials))


@channels.post("/<int:channel_id>/reconnection")
@requires(Permission.SETTINGS_WRITE)
@limiter.limit(TRIES, key_func=lambda: f"business-{g.business.id}")
def connect_again(channel_id: int) -> Response | BaseResponse:
    channel = _channel(channel_id)
    return _try(adapter(channel.kind), channel)


@channels.post("/<int:channel_id>/disconnection")
@requires(Permission.SETTINGS_WRITE)
def disconnect(channel_id: int) -> Response | BaseResponse:
    channel, form = _channel(channel_id), DisconnectForm()
    if not form.validate():
        return _page(channel, form, 422)
    connecting.disconnect(channel)
    flash(_("Disconnected. Its conversations are still in your inbox."), "success")
    return web.go(".show", channel_id=channel_id)


def _try(provider: Adapter, channel: Channel | None) -> Response | BaseResponse:
    stored = _stored(provider, channel)
    kept = _kept(provider, stored)
    form = connect_form(provider, kept)
    if not form.validate():
        return _form_page(provider, form, 422, channel=channel, kept=kept)
    asked = connecting.ask(
        provider.kind, typed_in(form, provider, stored), current_user.id, channel
    )
    return web.go(".attempt", attempt_id=asked.id)


def _stored(provider: Adapter, channel: Channel | None) -> dict[str, str]:
    """Secrets that need not be typed again: of the try before, and of the channel itself."""
    before = ConnectAttempt.by_id(request.form.get("attempt", 0, type=int))
    stored = channel.credentials if channel else {}
    if before is None or before.kind != provider.kind:
        return stored
    is_same = before.channel_id == (channel.id if channel else None)
    return stored | before.values if is_same else stored


def _refused_page(found: ConnectAttempt, provider: Adapter) -> Response:
    channel = Channel.by_id(found.channel_id) if found.channel_id else None
    kept = _kept(provider, found.values)
    form = connect_form(provider, kept, formdata=None, data=_plain(provider, found.values))
    for name, words in found.problems.items():
        if name in form:
            form[name].errors = [spoken(words)]
        else:
            form.form_errors.append(spoken(words))
    return _form_page(provider, form, channel=channel, kept=kept, attempt_id=found.id)


def _form_page(
    provider: Adapter, form: FlaskForm, status: int = 200, *, channel: Channel | None = None,
    kept: frozenset[str] = frozenset(), attempt_id: int = 0,
) -> Response:  # fmt: skip
    return web.page(
        "channels/form.html", status,
        provider=provider,
        form=form,
        channel=channel,
        kept=kept,
        attempt_id=attempt_id or request.form.get("attempt", 0, type=int),
    )  # fmt: skip


def _page(channel: Channel, form: DisconnectForm, status: int = 200) -> Response:
    return web.page("channels/show.html", status, form=form, **_about(channel))


def _about(channel: Channel) -> dict[str, Any]:
    shown = showing.shown(channel)
    return {
        "channel": channel,
        "shown": shown,
        "webhook": showing.webhook(channel) if shown.is_own_app else None,
        "arrived": deliveries.delivered_this_month(channel.id),
        "waiting_count": connecting.waiting_count(channel),
    }


def _channel(channel_id: int) -> Channel:
    channel = Channel.by_id(channel_id)
    if channel is None or channel.kind not in PLACES:
        abort(404)
    return channel


def _provider(kind: str) -> Adapter:
    if kind not in PLACES or not adapter(kind).fields:
        abort(404)
    return adapter(kind)


def _kept(provider: Adapter, stored: dict[str, str]) -> frozenset[str]:
    return frozenset(
        each.name for each in provider.fields if each.is_secret and stored.get(each.name)
    )


def _plain(provider: Adapter, values: dict[str, Any]) -> dict[str, Any]:
    return {each.name: values.get(each.name) for each in provider.fields if not each.is_secret}
