"""An app at Meta, WhatsApp’s or Messenger’s: whose a token is, what it may do, and where the app tells what it hears."""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime

from app.channels.graph import Access, call
from app.channels.graph_errors import WHATSAPP, Fault

Table = Mapping[int, Fault]  # whose words an error has


@dataclass(frozen=True, slots=True)
class TokenFacts:
    """`accounts`: the ids that its permissions are for; empty when Meta doesn't say."""

    is_valid: bool
    app_id: str = ""
    scopes: tuple[str, ...] = ()
    accounts: tuple[str, ...] = ()
    expires_at: datetime | None = None


def debug_token(
    token: str, app_id: str = "", app_secret: str = "", *, table: Table = WHATSAPP
) -> TokenFacts:
    """Asked with the app's own token where its id and secret are given: SendFailed 190 says that the secret
    is wrong then, and 100 that the token is another app's. Else a token is asked about itself."""
    asker = f"{app_id}|{app_secret}" if app_id and app_secret else token
    data = (
        call(Access(asker), "GET", "debug_token", params={"input_token": token}, table=table).get(
            "data"
        )
        or {}
    )
    accounts = {
        str(each) for scope in data.get("granular_scopes") or [] for each in scope.get("target_ids") or []
    }  # fmt: skip
    expires_at = data.get("expires_at")
    return TokenFacts(
        is_valid=bool(data.get("is_valid")),
        app_id=str(data.get("app_id", "")),
        scopes=tuple(data.get("scopes") or ()),
        accounts=tuple(sorted(accounts)),
        expires_at=datetime.fromtimestamp(expires_at, UTC) if expires_at else None,
    )


def app_id_of(access: Access, *, table: Table = WHATSAPP) -> str:
    """Whose a token is."""
    return str(call(Access(access.token), "GET", "app", table=table).get("id", ""))


def set_webhook(
    app_id: str, app_secret: str, about: str, fields: Iterable[str], *, url: str,
    verify_token: str, table: Table = WHATSAPP,
) -> None:  # fmt: skip
    """Where an app tells what it hears `about` its pages or its WhatsApp accounts. Meta asks the address at
    once: SendFailed 2200 says that it didn't answer rightly."""
    call(
        Access(f"{app_id}|{app_secret}"), "POST", f"{app_id}/subscriptions",
        json={
            "object": about, "callback_url": url, "verify_token": verify_token,
            "fields": ",".join(fields),
        },
        table=table,
    )  # fmt: skip


def fields_of(
    app_id: str, app_secret: str, about: str, *, table: Table = WHATSAPP
) -> tuple[str, ...]:
    """What an app is told of by now."""
    asker = Access(f"{app_id}|{app_secret}")
    said = call(asker, "GET", f"{app_id}/subscriptions", table=table)
    return tuple(
        str(each.get("name", ""))
        for one in said.get("data") or []
        if one.get("object") == about
        for each in one.get("fields") or []
    )
