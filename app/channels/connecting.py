"""Connecting a channel to its provider, and disconnecting it.

What an owner typed is kept as an attempt; the worker asks the provider, since that may take long, and its
libraries cost the web process memory. A channel is there only when everything was right.
"""

import logging
import secrets
from collections.abc import Mapping
from dataclasses import asdict
from datetime import timedelta

from sqlalchemy import delete, select
from sqlalchemy.dialects.postgresql import insert

from app.channels import trouble
from app.channels.adapters import adapter
from app.channels.border import Connected, ConnectRefused, Line, SendFailed
from app.channels.lines import line_of
from app.channels.models import Channel, ChannelRoute, ConnectAttempt, Delivery, new_public_key
from app.core import realtime, tenancy
from app.core.db import now
from app.core.errors import Conflict
from app.core.jobs import commit_step, enqueue
from app.extensions import db
from app.lib.marking import kept

logger = logging.getLogger(__name__)

ACCOUNT = "_account"  # behind a kind: the route of what several channels share
KEPT = timedelta(days=1)  # an attempt, with what was typed
TAKEN = kept(
    "This one is connected to another business on Frontdesk. Disconnect it there first, or ask whoever runs that business."
)
ANOTHER = (
    "This is “{name}”, not the one that was connected here. Connect it as a new channel instead."
)
WENT_WRONG = kept("Something went wrong on our side. Nothing was changed. Try again in a moment.")


def ask(
    kind: str, typed: Mapping[str, str], user_id: int, channel: Channel | None = None
) -> ConnectAttempt:
    attempt = ConnectAttempt(
        kind=kind, values=dict(typed), user_id=user_id, channel_id=channel.id if channel else None
    )
    db.session.add(attempt)
    db.session.flush()
    enqueue("channels.connect", attempt.id, key=f"connect-{attempt.id}")
    enqueue("channels.forget_attempt", attempt.id, queue="bulk", at=now() + KEPT)
    return attempt


def carry_out(attempt_id: int) -> None:
    """In the worker. Asked twice, it is done once."""
    attempt = ConnectAttempt.by_id(attempt_id)
    if attempt is None or attempt.state != "asked":
        return
    provider, typed = adapter(attempt.kind), attempt.values
    commit_step()  # a provider may take its time
    try:
        connected = provider.connect(typed)
        channel = _keep(attempt, connected)
    except ConnectRefused as refused:
        attempt.values = typed | refused.keep
        _refuse(attempt, refused.problems)
    except SendFailed as failed:
        _refuse(attempt, {"": f"{failed}\n{failed.next_step}".strip()})
    else:
        _finish(attempt, "done")
        attempt.values, attempt.channel_id = {}, channel.id
        enqueue("channels.begin", channel.id, key=f"begin-{channel.id}")


def begin(channel_id: int) -> None:
    """In the worker, once the channel is there: then what the provider sends at once finds it."""
    channel = Channel.by_id(channel_id)
    if channel is None or channel.state == "off":
        return
    line = line_of(channel)
    commit_step()
    try:
        adapter(line.kind).begin(line)
    except SendFailed as failed:
        logger.warning("channel %s: %s", channel_id, failed)
    enqueue("channels.check", channel_id, key=f"check-{channel_id}")


def give_up(attempt_id: int, _reason: str) -> None:
    attempt = ConnectAttempt.by_id(attempt_id)
    if attempt is not None and attempt.state == "asked":
        _refuse(attempt, {"": WENT_WRONG})


def forget(attempt_id: int) -> None:
    db.session.execute(delete(ConnectAttempt).where(ConnectAttempt.id == attempt_id))


def disconnect(channel: Channel) -> None:
    """Nothing is sent or taken any more from this moment on. The conversations stay, and so does what waits
    to be sent: it goes out if the channel is connected again."""
    if channel.state == "off":
        raise Conflict(kept("It is disconnected already."))
    channel.state, channel.trouble, channel.broken_at = "off", None, None
    channel.token_expires_at, channel.health = None, []
    db.session.execute(delete(ChannelRoute).where(ChannelRoute.channel_id == channel.id))
    for sibling in _siblings(channel):
        _route_account(sibling)
    for other in _of_same_app(channel):  # whose webhook may stand at our address: it gets theirs
        enqueue("channels.check", other.id, queue="bulk", key=f"check-{other.id}")
    trouble.told(channel)
    enqueue("channels.leave", channel.id, key=f"leave-{channel.id}")


def leave(channel_id: int) -> None:
    """In the worker: the provider is told, then the secrets go, whatever it says."""
    channel = Channel.by_id(channel_id)
    if channel is None or channel.state != "off" or not channel.credentials:
        return
    line = line_of(channel)
    if not _siblings(channel):
        commit_step()
        _leave_politely(line)
    db.session.refresh(channel, with_for_update=True)
    if channel.state == "off":  # and wasn't connected again meanwhile
        channel.credentials = {}


def forget_secrets(channel_id: int, _reason: str) -> None:
    channel = Channel.by_id(channel_id)
    if channel is not None and channel.state == "off":
        channel.credentials = {}


def waiting_count(channel: Channel) -> int:
    waiting = select(Delivery.id).where(
        Delivery.channel_id == channel.id, Delivery.status == "queued"
    )
    return len(db.session.scalars(waiting.limit(1000)).all())


def _keep(attempt: ConnectAttempt, connected: Connected) -> Channel:
    """Raises ConnectRefused when it is somebody else's, or another one than was connected here."""
    with db.session.begin_nested():
        channel = _same_channel(attempt, connected) or _new_channel(attempt.kind, connected)
        _claim(channel)
    secrets_ = channel.credentials | dict(connected.credentials)
    secrets_.setdefault("verify_token", secrets.token_urlsafe(24))
    channel.credentials = secrets_
    channel.settings = {"app": "own"} | channel.settings | dict(connected.settings)
    channel.name = connected.name
    channel.token_expires_at = connected.token_expires_at
    channel.health = [asdict(finding) for finding in connected.findings]
    channel.checked_at = None
    _route_account(channel)
    trouble.mend(channel)
    return channel


def _same_channel(attempt: ConnectAttempt, connected: Connected) -> Channel | None:
    """The one that is connected anew: it keeps its conversations."""
    if attempt.channel_id is not None:
        channel = db.session.get_one(Channel, (attempt.business_id, attempt.channel_id))
        if channel.external_id != connected.external_id:
            raise ConnectRefused({"": ANOTHER.format(name=connected.name)})
        return channel
    known = select(Channel).where(
        Channel.kind == attempt.kind, Channel.external_id == connected.external_id
    )
    return db.session.scalar(known)


def _new_channel(kind: str, connected: Connected) -> Channel:
    channel = Channel(
        kind=kind,
        name=connected.name,
        external_id=connected.external_id,
        public_key=new_public_key(tenancy.current_business_id()),
        state="off",
        settings={},
    )
    db.session.add(channel)
    db.session.flush()
    return channel


def _claim(channel: Channel) -> None:
    """Routes are global: two businesses that connect the same number meet here, and the second is refused. Where
    nothing proves whose a name is, nobody can keep it from others."""
    name = channel.external_id or ""
    if not adapter(channel.kind).proves_name:
        name = f"{channel.business_id}:{name}"
    route = _route(channel.kind, name, channel)
    if (route.business_id, route.channel_id) != (tenancy.current_business_id(), channel.id):
        raise ConnectRefused({"": TAKEN})


def _route(kind: str, external_id: str, channel: Channel) -> ChannelRoute:
    """The one that there is; ours, if there was none."""
    business_id = tenancy.current_business_id()
    made = insert(ChannelRoute).values(
        kind=kind, external_id=external_id, business_id=business_id, channel_id=channel.id
    )
    db.session.execute(made.on_conflict_do_nothing(index_elements=["kind", "external_id"]))
    return db.session.scalars(
        select(ChannelRoute).filter_by(kind=kind, external_id=external_id)
    ).one()


def _route_account(channel: Channel) -> None:
    """What the deployment's own app tells of an account, such as a template's status, names no number: its
    first channel hears it."""
    if channel.settings.get("app") == "ours" and (account := channel.settings.get("waba_id")):
        _route(f"{channel.kind}{ACCOUNT}", account, channel)


def _refuse(attempt: ConnectAttempt, problems: Mapping[str, str]) -> None:
    attempt.problems = dict(problems)
    _finish(attempt, "refused")


def _finish(attempt: ConnectAttempt, state: str) -> None:
    attempt.state, attempt.finished_at = state, now()
    realtime.publish(f"business:{tenancy.current_business_id()}", name="channels", id=attempt.id)


def _siblings(channel: Channel) -> list[Channel]:
    """Several numbers of one account share its subscription."""
    account = channel.settings.get("waba_id")
    return [
        other
        for other in Channel.connected()
        if account and other.settings.get("waba_id") == account
        if other.id != channel.id and other.state != "off"
    ]


def _of_same_app(channel: Channel) -> list[Channel]:
    """An owner's app has one webhook for all that it serves."""
    app_id = channel.settings.get("app_id")
    return [
        other
        for other in Channel.connected()
        if app_id and other.kind == channel.kind and other.settings.get("app_id") == app_id
        if other.id != channel.id and other.state != "off"
    ]


def _leave_politely(line: Line) -> None:
    try:
        adapter(line.kind).leave(line)
    except SendFailed:
        return  # it has to do without our good-bye: its token may be the reason why we part
