"""The chat's own page, for businesses without a website: behind a link or a QR code."""

from flask import Blueprint, Response, abort, current_app, request, url_for

from app.businesses import hours as opening
from app.businesses import hours_said
from app.businesses.models import Business, BusinessProfile
from app.channels.models import Channel, business_of_key
from app.channels.website import WebsiteSettings
from app.core import tenancy, translating, web
from app.core.access import public
from app.core.db import now
from app.widget import speaking
from app.widget.shown import Shown

hosted = Blueprint("hosted", __name__)

MAX_NAME = 64


@hosted.get("/<name>")
@public
def show(name: str) -> Response:
    """By the business's short name, or by its chat's key."""
    channel = _channel(name) or abort(404)
    shown = Shown.of(channel)
    if not shown.settings.hosted:
        abort(404)
    language = speaking.of_page(shown.settings, by_link=True)
    translating.speak(language)
    response = web.page(
        "widget/hosted.html",
        channel=channel,
        told=shown.told(language),
        profile=BusinessProfile.current(),
        opened=_hours(shown.settings),
        indexed=shown.settings.hosted_indexed,
        address=current_app.config["PUBLIC_URL"] + url_for(".show", name=name),
        chat=url_for(
            "widget.frame", key=channel.public_key, hosted="", lang=request.args.get("lang")
        ),
        picture=shown.settings.avatar_sha256,
    )
    if not shown.settings.hosted_indexed:
        response.headers["X-Robots-Tag"] = "noindex"
    return response


def _channel(name: str) -> Channel | None:
    """Enters the scope of its business."""
    business = Business.by_slug(name) if len(name) <= MAX_NAME else None
    if business is not None:
        tenancy.enter_scope(business.id)
        return Channel.of_kind("website")
    business_id = business_of_key(name)
    if business_id is None:
        return None
    tenancy.enter_scope(business_id)
    channel = Channel.by_key(name)
    return channel if channel and channel.kind == "website" else None


def _hours(settings: WebsiteSettings) -> list[str]:
    """What is said of this moment and of the week; nothing where hours aren't known or aren't to be said."""
    known = opening.current()
    if not settings.show_hours or not known.are_known:
        return []
    return [hours_said.at_moment(known, now()), *hours_said.week(known, opening.today())]
