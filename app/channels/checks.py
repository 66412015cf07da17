"""How a channel is: asked of its provider each day, each hour while it is broken, and by "Check now"."""

import logging
import random
import secrets
from dataclasses import asdict
from datetime import datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from flask import current_app
from sqlalchemy import select, update

from app.channels import connecting, forgetting, trouble
from app.channels.adapters import adapter
from app.channels.border import Adapter, Checked, Finding, Line, SendFailed
from app.channels.lines import hook_url, line_of
from app.channels.models import Channel, ChannelRoute
from app.core import http, tenancy
from app.core.db import now
from app.core.jobs import commit_step, enqueue
from app.core.unit_of_work import unit_of_work
from app.extensions import db
from app.lib.marking import kept

logger = logging.getLogger(__name__)

DAY, HOUR = timedelta(days=1), timedelta(hours=1)
AT_ONCE = 200  # routes that one look of the clock takes
EXPIRES_SOON = timedelta(days=14)
SILENT = timedelta(days=7)
NOTICES_STAY = timedelta(days=7)
NOTICE = "notice:"  # at the front of a finding's key: the provider told it by itself
HOOK_SECONDS, HOOK_BYTES = 10.0, 10_000


def enqueue_due() -> None:
    """By the clock. Routes are global, so that one look finds the channels of all businesses."""
    with unit_of_work() as session:
        is_channel = ChannelRoute.kind.not_like(f"%{connecting.ACCOUNT}")
        due = select(ChannelRoute.id).where(is_channel, ChannelRoute.check_at <= now())
        taken = (
            update(ChannelRoute)
            .where(ChannelRoute.id.in_(due.limit(AT_ONCE).with_for_update(skip_locked=True)))
            .values(check_at=_next(DAY))
            .returning(ChannelRoute.business_id, ChannelRoute.channel_id)
        )
        for business_id, channel_id in session.execute(taken).all():
            with tenancy.business_scope(business_id):
                ask(channel_id)
                forgetting.ask(channel_id)


def ask(channel_id: int) -> None:
    enqueue("channels.check", channel_id, queue="bulk", key=f"check-{channel_id}")


def ask_now(channel: Channel) -> None:
    """Somebody is looking. Until the answer is there the page says that it is asked."""
    channel.checked_at = None
    enqueue("channels.check", channel.id, key=f"check-now-{channel.id}")


def check(channel_id: int) -> None:
    """In the worker."""
    channel = Channel.by_id(channel_id)
    if channel is None or channel.state == "off":
        return
    provider, line, url = adapter(channel.kind), line_of(channel), hook_url(channel)
    commit_step()  # a provider may take its time
    listening = _listens(provider, line, url)
    checked = _checked(provider, line)
    db.session.refresh(channel, with_for_update=True)
    if channel.state != "off":
        _note(channel, checked, listening)


def give_up(channel_id: int, reason: str) -> None:
    """It went wrong on our side: the page says so, and tomorrow it is tried again."""
    channel = Channel.by_id(channel_id)
    if channel is not None and channel.state != "off":
        logger.warning("channel %s couldn’t be checked: %s", channel_id, reason)
        failed = SendFailed("retry", kept("something went wrong on our side."))
        _keep(channel, [*_stored(channel), _not_asked(failed)], ())
        channel.checked_at = now()
        trouble.told(channel)


def health(channel: Channel) -> list[Finding]:
    """What was found, and what the calendar says by now; the worst first."""
    found = {each["key"]: _finding(each) for each in channel.health}
    for said in (_expiry(channel), _silence(channel)):
        if said is not None:
            found[said.key] = said
    return sorted(found.values(), key=lambda each: ("bad", "warn", "good").index(each.state))


def _listens(provider: Adapter, line: Line, url: str) -> tuple[Finding, ...]:
    if not provider.has_hook:
        return ()
    answers = _self_test(provider, line, url)
    try:
        return (answers, *provider.listen(line, url)) if answers else provider.listen(line, url)
    except SendFailed as failed:
        why = Finding("listen", kept("Messages to you"), "bad", str(failed), failed.next_step)
        return (answers, why) if answers else (why,)


def _checked(provider: Adapter, line: Line) -> Checked | SendFailed:
    try:
        return provider.check(line)
    except SendFailed as failed:
        return failed


def _note(channel: Channel, checked: Checked | SendFailed, listening: tuple[Finding, ...]) -> None:
    if isinstance(checked, Checked):
        _apply(channel, checked, listening)
    elif checked.trouble == "reconnect":
        trouble.break_channel(channel, f"{checked} {checked.next_step}".strip(), checked.code)
    else:
        _keep(channel, [*_stored(channel), _not_asked(checked)], listening)
    channel.checked_at = now()
    _again(channel, HOUR if channel.state == "broken" else DAY)
    trouble.told(channel)


def _apply(channel: Channel, checked: Checked, listening: tuple[Finding, ...]) -> None:
    channel.settings = {**channel.settings, **checked.facts}
    channel.token_expires_at = checked.token_expires_at or channel.token_expires_at
    _keep(channel, list(checked.findings), listening)
    worst = next((each for each in checked.findings if each.state == "bad"), None)
    if checked.is_broken:
        why = f"{worst.words} {worst.fix}".strip() if worst else kept("The provider refuses it.")
        trouble.break_channel(channel, why)
    elif channel.state == "broken":
        trouble.mend(channel)


def _keep(channel: Channel, found: list[Finding], listening: tuple[Finding, ...]) -> None:
    """With what the provider told by itself lately."""
    by_key = {each.key: asdict(each) for each in (*found, *listening)}
    channel.health = [*by_key.values(), *recent_notices(channel)]


def recent_notices(channel: Channel) -> list[dict[str, Any]]:
    oldest = (now() - NOTICES_STAY).isoformat()
    return [
        each
        for each in channel.health
        if each["key"].startswith(NOTICE) and each.get("at", "") > oldest
    ]


def _stored(channel: Channel) -> list[Finding]:
    return [_finding(each) for each in channel.health if not each["key"].startswith(NOTICE)]


def _finding(stored: dict[str, Any]) -> Finding:
    return Finding(**{key: stored[key] for key in ("key", "label", "state", "words", "fix")})


def _not_asked(failed: SendFailed) -> Finding:
    return Finding(
        "asked",
        kept("The last check"),
        "warn",
        kept("The provider couldn’t be asked: %(failed)s", failed=failed),
        failed.next_step or kept("It is asked again by itself."),
    )


def _self_test(provider: Adapter, line: Line, url: str) -> Finding | None:
    """Whether our own address can be reached from outside and answers as the provider will ask it."""
    if type(provider).answer_handshake is Adapter.answer_handshake:
        return None
    challenge = secrets.token_hex(8)
    token = (
        current_app.config["META_VERIFY_TOKEN"]
        if line.settings.get("app") == "ours"
        else line.credentials.get("verify_token", "")
    )
    asked = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": token}
    try:
        answer = http.fetch(
            f"{url}?{urlencode(asked)}",
            max_bytes=HOOK_BYTES,
            timeout=HOOK_SECONDS,
            allow=_reachable(),
            follow_redirects=False,
        )
    except http.OutgoingError as error:
        return _hook_finding(str(error))
    is_right = answer.status == 200 and answer.body.decode(errors="replace") == challenge
    return _hook_finding(
        "" if is_right else kept("It answered with %(status)s.", status=answer.status)
    )


def _reachable() -> http.Allow:
    """Outside production Frontdesk runs on a machine of somebody's own."""
    if current_app.config["ENV"] == "production":
        return http.PUBLIC
    return http.Allow(ports=range(1, 65_536), permit_loopback_for_tests=True)


def _hook_finding(problem: str) -> Finding:
    if not problem:
        words = kept("It answers as the provider will ask it.")
        return Finding("hook", kept("Your webhook’s address"), "good", words)
    return Finding(
        "hook",
        kept("Your webhook’s address"),
        "bad",
        kept(
            "It doesn’t answer as it should: %(problem)s So no message reaches you.",
            problem=problem,
        ),
        kept(
            "Whoever runs your Frontdesk has to see that PUBLIC_URL is its address on the internet."
        ),
    )


def _expiry(channel: Channel) -> Finding | None:
    at = channel.token_expires_at
    if at is None or channel.state == "off" or at - now() > EXPIRES_SOON:
        return None
    days = max((at - now()).days, 0)
    if at <= now():
        words = kept("It has expired. Nothing can be sent.")
    elif days == 1:
        words = kept("It expires in a day. Then nothing can be sent.")
    else:
        words = kept("It expires in %(days)s days. Then nothing can be sent.", days=days)
    return Finding(
        "token",
        kept("Access token"),
        "bad" if at <= now() else "warn",
        words,
        kept("Make a new one at the provider and use “Connect again”."),
    )


def _silence(channel: Channel) -> Finding | None:
    if channel.state != "active" or not channel.checked_at:
        return None
    heard = channel.heard_at
    if heard is None:
        words, fix = (
            kept("Nothing has come yet."),
            kept("Write to it from a phone of your own to try it."),
        )
    elif now() - heard > SILENT:
        words = kept("Nothing has come for %(days)s days.", days=(now() - heard).days)
        fix = kept(
            "Write to it from a phone of your own. If that doesn’t come, look at the webhook."
        )
    else:
        return None
    return Finding("heard", kept("Messages to you"), "warn", words, fix)


def _again(channel: Channel, wait: timedelta) -> None:
    db.session.execute(
        update(ChannelRoute)
        .where(ChannelRoute.channel_id == channel.id)
        .values(check_at=_next(wait))
    )


def _next(wait: timedelta) -> datetime:
    """A crowd spreads out."""
    return now() + wait * random.uniform(0.9, 1.1)  # noqa: S311
