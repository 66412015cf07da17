"""Settings → Notifications: each member's own."""

from collections.abc import Mapping, Sequence

from flask import Blueprint, Response, flash, g, request
from flask_babel import gettext as _
from flask_login import current_user
from werkzeug.wrappers import Response as BaseResponse

from app.core import mail, web
from app.core.access import Permission, requires
from app.notifications import choosing, pushing
from app.notifications.choosing import Told
from app.notifications.events import WAY_LABELS, WAYS, Event, of_role
from app.notifications.forms import QuietForm, clock
from app.notifications.models import NotificationChoice, PushSubscription

notification_settings = Blueprint("notification_settings", __name__)


@notification_settings.get("/")
@requires(Permission.SETTINGS_READ)
def show() -> Response:
    member = _me()
    choice = member.choice or NotificationChoice(
        quiet_days=[], quiet_from=22 * 60, quiet_to=7 * 60, time_zone="", shows_text=False
    )
    form = QuietForm(
        formdata=None,
        days=choice.quiet_days,
        begins=clock(choice.quiet_from),
        ends=clock(choice.quiet_to),
        time_zone=choice.time_zone,
        shows_text=choice.shows_text,
    )
    return _page(member, form, {each.name: member.ways(each) for each in _events(member)})


@notification_settings.post("/")
@requires(Permission.SETTINGS_READ)
def change() -> Response | BaseResponse:
    member, form = _me(), QuietForm()
    ways = {each.name: _ticked(each) for each in _events(member)}
    if not form.offer_zones(g.business.time_zone).validate():
        return _page(member, form, ways, 422)
    choosing.change(member, ways, **form.chosen)
    flash(_("Saved. It holds from now on."), "success")
    return web.go(".show")


def _page(
    member: Told, form: QuietForm, ways: Mapping[str, Sequence[str]], status: int = 200
) -> Response:
    return web.page(
        "notifications/settings.html", status,
        form=form.offer_zones(g.business.time_zone), events=_events(member), ways=ways,
        way_names=WAYS, way_labels=WAY_LABELS, mail_problem=mail.problem(),
        subscriptions=PushSubscription.of_users([member.user.id]), server_key=pushing.server_key(),
    )  # fmt: skip


def _ticked(event: Event) -> list[str]:
    names = [f"{event.name}-{way}" for way in WAYS]
    return [
        way
        for way, name in zip(WAYS, names, strict=True)
        if name in request.form and way not in event.without
    ]


def _events(member: Told) -> list[Event]:
    return of_role(member.role)


def _me() -> Told:
    member = choosing.of(current_user.id)
    assert member is not None
    return member
