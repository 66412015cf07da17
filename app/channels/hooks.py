"""Where providers tell us things. Checked over its raw bytes, cut into updates, stored: then the provider has its
answer, and a worker does the rest.

What a provider may never hear is a refusal of something that it will say again as it was: so what is signed but can’t
be read, or is of a number that nobody has, is logged and answered as if it were stored.
"""

import logging
from datetime import UTC, datetime
from functools import partial

from flask import Blueprint, Response, abort, current_app, request
from sqlalchemy import func, update

from app.channels import hook_doors, updates
from app.channels.adapters import adapter
from app.channels.border import Adapter, Hook, HookRefused, Update
from app.channels.email import members
from app.channels.hook_doors import Door, Place
from app.channels.models import Channel
from app.core import gate, http, tenancy, unit_of_work
from app.core.access import public
from app.core.unit_of_work import Action
from app.extensions import csrf, db, limiter

logger = logging.getLogger(__name__)

hooks = Blueprint("hooks", __name__)
csrf.exempt(hooks)
limiter.exempt(hooks)


@hooks.get("/<kind>")
@hooks.get("/<kind>/<key>")
@public
def shake_hands(kind: str, key: str = "") -> Response:
    """A provider asks whether this is really the address it was told."""
    provider = _adapter(kind)
    door = _door(kind, key)
    said = provider.answer_handshake(_hook(b""), door.credentials)
    if said is None and not door.is_fresh:
        door = _door(kind, key, anew=True)
        said = provider.answer_handshake(_hook(b""), door.credentials)
    if said is None:
        return _plain("This isn’t the verify token of this channel.", 403)
    if request.user_agent.string != http.OUR_AGENT:  # our own check asks this address, too
        _note_handshake(door)
    return _plain(said)


@hooks.post("/<kind>")
@hooks.post("/<kind>/<key>")
@public
def take(kind: str, key: str = "") -> Response:
    provider = _adapter(kind)
    door = _door(kind, key)
    try:
        if not provider.signs_body:  # nobody else’s is read at all
            door = _checked(provider, _hook(b""), door, key)
        hook = _hook(_body(provider))
        if provider.signs_body:
            door = _checked(provider, hook, door, key)
        found = provider.split(hook)
    except HookRefused as refused:
        if refused.status == 401:
            return _plain("", 401)
        logger.error("what %s told can't be read: %s", kind, refused)
        found = []
    body, content_type = provider.reply_to_hook(hook)
    response = Response(body, content_type=content_type)
    if found:
        _store(door, key, found, response)
    return response


def _adapter(kind: str) -> Adapter:
    try:
        return adapter(kind)
    except KeyError:
        abort(404)


def _door(kind: str, key: str, *, anew: bool = False) -> Door:
    if not key:
        return hook_doors.ours(kind) or abort(404)
    known = None if anew else hook_doors.remembered(kind, key)
    if known is not None:
        return known
    with gate.hooks_place():
        door = hook_doors.look_up(kind, key)
        unit_of_work.rollback()
    return door or abort(404)


def _body(provider: Adapter) -> bytes:
    request.max_content_length = provider.max_hook_bytes
    return request.get_data()


def _hook(body: bytes) -> Hook:
    path = request.full_path.rstrip("?")
    headers = {name.lower(): value for name, value in request.headers}
    return Hook(
        request.method, current_app.config["PUBLIC_URL"] + path, headers, request.args, body
    )


def _checked(provider: Adapter, hook: Hook, door: Door, key: str) -> Door:
    """The door behind which the signature is right. A secret that was just changed counts at once."""
    try:
        provider.check_signature(hook, door.credentials)
    except HookRefused:
        if not key or door.is_fresh:
            raise
        door = _door(door.kind, key, anew=True)
        provider.check_signature(hook, door.credentials)
    return door


def _store(door: Door, key: str, found: list[Update], response: Response) -> None:
    with gate.hooks_place():
        try:
            if door.business_id is not None:
                tenancy.enter_scope(door.business_id)
            if door.kind == "email":
                found = [each for each in found if not members.take(each)]
            if found:
                updates.store(_placed(door, key, found))
            unit_of_work.commit(follow=partial(_after, response))
        finally:
            unit_of_work.rollback()


def _placed(door: Door, key: str, found: list[Update]) -> list[tuple[Place, Update]]:
    accounts = {each.account for each in found}
    places = hook_doors.places(door, accounts)
    if key and accounts - places.keys() and not door.is_fresh:  # a number connected just now
        door = hook_doors.look_up(door.kind, key) or door
        places = hook_doors.places(door, accounts)
    placed = [(places[each.account], each) for each in found if each.account in places]
    if len(placed) < len(found):
        logger.warning("dropped %s %s updates of nobody’s", len(found) - len(placed), door.kind)
    return placed


def _after(response: Response, action: Action) -> None:
    """When the answer has gone out."""
    app = current_app._get_current_object()  # type: ignore[attr-defined]

    def act() -> None:
        with app.app_context():
            action()

    response.call_on_close(act)


def _note_handshake(door: Door) -> None:
    """The one thing that a GET writes: the channel’s page says whether the provider has found us."""
    if door.business_id is None:
        return
    moment = datetime.now(UTC).isoformat(timespec="seconds")
    with gate.hooks_place(), tenancy.business_scope(door.business_id), unit_of_work.unit_of_work():
        seen = func.jsonb_build_object("hook_seen", moment)
        db.session.execute(
            update(Channel)
            .where(Channel.id == door.channel_id)
            .values(settings=Channel.settings.op("||")(seen))
            .execution_options(synchronize_session=False)
        )


def _plain(words: str, status: int = 200) -> Response:
    return Response(words, status, content_type="text/plain; charset=utf-8")
