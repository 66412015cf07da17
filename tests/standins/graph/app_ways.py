"""What every app may ask: of tokens, and to upload a file as an example."""

from typing import TYPE_CHECKING
from urllib.error import URLError
from urllib.parse import urlencode
from urllib.request import urlopen
from uuid import uuid4

from tests.standins.graph.asked import Asked
from tests.standins.graph.refusals import Refused
from tests.standins.graph.ways import Answer, way

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph


@way("GET", "/oauth/access_token")
def _exchange(asked: Asked) -> Answer:
    app = asked.graph.apps.get(asked.params.get("client_id", ""))
    if app is None or asked.params.get("client_secret") != app.secret:
        raise Refused(101, "Error validating client secret.")
    if asked.params.get("grant_type") == "client_credentials":
        return {"access_token": f"{app.id}|{app.secret}", "token_type": "bearer"}
    value = asked.graph.codes.pop(asked.params.get("code", ""), None)
    if value is None:
        raise Refused(100, "This authorization code has been used or has expired.", subcode=36009)
    return {"access_token": value, "token_type": "bearer", "expires_in": 5_184_000}


@way("GET", "/debug_token")
def _debug(asked: Asked) -> Answer:
    """With the app's own token, or with the token that it is about."""
    input_token = asked.params.get("input_token", "")
    app = next(
        (a for a in asked.graph.apps.values() if asked.token_value == f"{a.id}|{a.secret}"), None
    )
    if app is None and "|" in asked.token_value:
        raise Refused(190, "Invalid OAuth access token signature.")
    app = app or asked.token.app
    token = asked.graph.tokens.get(input_token)
    if token is None:
        wrong = {"code": 190, "message": "Invalid OAuth access token - Cannot parse access token"}
        return {"data": {"is_valid": False, "error": wrong, "scopes": []}}
    if token.app is not app:
        raise Refused(100, "The App_id in the input_token did not match the Viewing App")
    is_over = bool(token.expires_at and token.expires_at <= asked.graph.now())
    told = {
        "app_id": app.id, "type": "SYSTEM_USER", "application": app.name,
        "expires_at": int(token.expires_at), "data_access_expires_at": 0,
        "is_valid": token.is_valid and not is_over, "scopes": list(token.scopes),
        "granular_scopes": [
            {"scope": scope, "target_ids": sorted(token.nodes)} for scope in token.scopes
        ],
        "user_id": "1",
    }  # fmt: skip
    if not told["is_valid"]:
        told["error"] = {
            "code": 190,
            "message": "The session has been invalidated.",
            "subcode": 460,
        }
    return {"data": told}


@way("GET", "/app")
def _own_app(asked: Asked) -> Answer:
    app = asked.token.app
    return {"id": app.id, "name": app.name, "category": "Business"}


@way("POST", "/:id/uploads")
def _begin_upload(asked: Asked) -> Answer:
    if asked.token.app.id != asked.ids["id"]:
        raise Refused(100, "The token is of another app.", subcode=33)
    values = asked.values
    mimes = ("application/pdf", "image/jpeg", "image/jpg", "image/png", "video/mp4")
    if values.get("file_type") not in mimes or not str(values.get("file_length", "")).isdigit():
        raise Refused(100, "The parameters file_type and file_length are required.")
    key = f"upload:{uuid4().hex}"
    asked.graph.uploads[key] = values
    return {"id": key}


@way("POST", "/(?P<key>upload:[^/]+)")
def _do_upload(asked: Asked) -> Answer:
    if not asked.headers.get("authorization", "").startswith("OAuth "):
        raise Refused(190, "An upload needs Authorization: OAuth.")
    _ = asked.token
    session = asked.graph.uploads.get(asked.ids["key"])
    if session is None or asked.headers.get("file_offset") != "0":
        raise Refused(100, "The upload session is unknown, or file_offset isn't 0.")
    if len(asked.body) != int(session["file_length"]):
        raise Refused(100, "The file has another length than was said.")
    handle = f"4::{uuid4().hex}"
    asked.graph.handles.add(handle)
    return {"h": handle}


@way("POST", "/:id/subscriptions")
def _set_webhook(asked: Asked) -> Answer:
    """By the app's own token alone; the address must answer the handshake."""
    app = asked.graph.apps.get(asked.ids["id"])
    if app is None or asked.token_value != f"{app.id}|{app.secret}":
        raise Refused(190, "Only the app itself may do this.")
    values = asked.values
    if values.get("object") not in ("whatsapp_business_account", "page") or not values.get(
        "fields"
    ):
        raise Refused(100, "The parameters object and fields are required.")
    shake_hands(asked.graph, values.get("callback_url", ""), values.get("verify_token", ""))
    app.hook_url, app.verify_token = values["callback_url"], values["verify_token"]
    app.fields, app.told_about = str(values["fields"]).split(","), str(values["object"])
    return {"success": True}


@way("GET", "/:id/subscriptions")
def _webhooks(asked: Asked) -> Answer:
    app = asked.graph.apps.get(asked.ids["id"])
    if app is None or asked.token_value != f"{app.id}|{app.secret}":
        raise Refused(190, "Only the app itself may do this.")
    told = {
        "object": app.told_about, "callback_url": app.hook_url, "active": True,
        "fields": [{"name": each, "version": "v25.0"} for each in app.fields],
    }  # fmt: skip
    return {"data": [told] if app.fields else []}


def shake_hands(graph: "Graph", url: str, verify_token: str) -> None:
    if graph.trusts_callbacks:
        return
    challenge = str(uuid4().int % 10**10)
    said = {"hub.mode": "subscribe", "hub.challenge": challenge, "hub.verify_token": verify_token}
    try:
        with urlopen(f"{url}?{urlencode(said)}", timeout=5) as answer:
            is_right = answer.read().decode() == challenge
    except (URLError, OSError, ValueError):
        is_right = False
    if not is_right:
        raise Refused(2200, "Callback verification failed.")
