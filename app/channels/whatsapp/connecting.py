"""Connecting a number on WhatsApp: by an app of the owner's, or by Meta's sign-in (Embedded Signup) through the
deployment's. Each value is proved with Meta, and what is wrong is said at its field."""

import secrets
from collections.abc import Mapping
from contextlib import suppress
from datetime import datetime

from flask import current_app

from app.channels import meta_apps
from app.channels.border import Connected, ConnectRefused, Finding, Line, SendFailed
from app.channels.graph import Access, access_of
from app.channels.meta_apps import TokenFacts
from app.channels.whatsapp import account
from app.channels.whatsapp.account import NumberFacts
from app.lib.marking import kept

NO_HANDSHAKE = "2200"
PASSING = ("retry", "unknown")  # Meta couldn't be asked: nobody typed anything wrong
NOT_ACCEPTED = kept(
    "Meta doesn’t accept this token: it has expired, was taken back, or isn’t whole. Generate another one for your system user."
)
NOT_OF_THIS_APP = kept(
    "This isn’t the secret of the app that the token is of. Copy it from App settings → Basic of that same app."
)
LACKS = kept("The token lacks %(missing)s. Generate it again and tick both permissions.")
NO_NUMBER = kept(
    "The token can’t see this number. Check the figures, and that the system user has the WhatsApp account assigned with full control."
)
NO_ACCOUNT = kept(
    "The token can’t see this account. Check the figures (it isn’t the phone number ID), and that the system user has the account assigned."
)
OTHER_ACCOUNT = kept("This number isn’t in that account. In it are: %(numbers)s.")
NOT_REGISTERED = kept(
    "The number isn’t registered for the Cloud API yet. Choose six digits as its PIN: we register it with them."
)
PIN_IS_WRONG = kept(
    "The number has another two-step PIN. Type that one, or switch two-step verification off in Meta’s WhatsApp Manager."
)
CODE_IS_OLD = kept(
    "Meta’s sign-in has run out: it is good for a moment only. Press the button again."
)
NOT_GRANTED = kept(
    "Meta’s sign-in gave us no access to this WhatsApp account. Press the button again and choose the account that your number is in."
)
NOT_IN_ACCOUNT = kept(
    "The number isn’t in the account that Meta gave us access to. Press the button again."
)
NO_NUMBERS = kept(
    "The account has no number yet. Press the button again and add your number on Meta’s pages."
)
WHICH = kept("The account has several numbers. Press the button again and choose one: %(numbers)s.")


def connect(values: Mapping[str, str]) -> Connected:
    return _by_signup(values) if values.get("app") == "ours" else _by_own_app(values)


def listen(line: Line, hook_url: str) -> tuple[Finding, ...]:
    """Their own app is told where to post; the account is told to tell the app."""
    access, waba_id = access_of(line), str(line.settings.get("waba_id", ""))
    account.subscribe(access, waba_id)
    if line.settings.get("app") != "ours":
        return _set_webhook(line, hook_url)
    return ()


def _set_webhook(line: Line, hook_url: str) -> tuple[Finding, ...]:
    try:
        account.set_app_webhook(
            str(line.settings.get("app_id", "")),
            line.credentials.get("app_secret", ""),
            hook_url,
            line.credentials.get("verify_token", ""),
            is_coexistence=bool(line.settings.get("is_coexistence")),
        )
    except SendFailed as failed:
        if failed.code.startswith(NO_HANDSHAKE):
            words = kept(
                "Meta called your webhook’s address and got no right answer, so it tells us nothing."
            )
            fix = kept(
                "It is tried again with each check. You can also set it by hand, as it says below."
            )
            return (Finding("listen", kept("Messages to you"), "bad", words, fix),)
        raise
    return ()


def begin(line: Line) -> None:
    """A number that stays in the phone's app: its contacts and its last months, asked for once."""
    if not line.settings.get("is_coexistence"):
        return
    for sync_type in ("smb_app_state_sync", "history"):
        with suppress(SendFailed):  # asked before: Meta tells it once
            account.smb_app_data(access_of(line), line.external_id, sync_type)


def leave(line: Line) -> None:
    account.unsubscribe(access_of(line), str(line.settings.get("waba_id", "")))


def _by_own_app(values: Mapping[str, str]) -> Connected:
    token = _own_token(values)
    access = Access(values["access_token"], values["app_secret"])
    number = _own_number(access, values)
    pin = _registered(access, number, values.get("pin", ""), needs_pin=True)
    credentials = {"access_token": values["access_token"], "app_secret": values["app_secret"]}
    return _connected(number, values["waba_id"], credentials, pin, token=token, app="own")


def _own_token(values: Mapping[str, str]) -> TokenFacts:
    """By the app's own token, which the secret makes: so a wrong secret shows, too."""
    token = values["access_token"]
    try:
        app_id = meta_apps.app_id_of(Access(token))
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "access_token", NOT_ACCEPTED)) from failed
    try:
        facts = meta_apps.debug_token(token, app_id, values["app_secret"])
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "app_secret", NOT_OF_THIS_APP)) from failed
    _check_token(facts, "access_token")
    return facts


def _check_token(facts: TokenFacts, field: str) -> None:
    missing = [scope for scope in account.SCOPES if scope not in facts.scopes]
    if not facts.is_valid:
        raise ConnectRefused({field: NOT_ACCEPTED})
    if missing:
        raise ConnectRefused({field: kept(LACKS, missing=", ".join(missing))})


def _own_number(access: Access, values: Mapping[str, str]) -> NumberFacts:
    problems: dict[str, str] = {}
    numbers: list[NumberFacts] = []
    try:
        account.number_of(access, values["phone_number_id"])
    except SendFailed as failed:
        problems |= _problem(failed, "phone_number_id", NO_NUMBER)
    try:
        numbers = account.numbers_of(access, values["waba_id"])
    except SendFailed as failed:
        problems |= _problem(failed, "waba_id", NO_ACCOUNT)
    if problems:
        raise ConnectRefused(problems)
    found = _among(numbers, values["phone_number_id"])
    if found is None:
        said = kept(OTHER_ACCOUNT, numbers=_named(numbers) or kept("no numbers at all"))
        raise ConnectRefused({"phone_number_id": said})
    return found


def _by_signup(values: Mapping[str, str]) -> Connected:
    """What the browser brought is believed only when the token confirms it."""
    config = current_app.config
    token, expires_at = _granted(values)
    facts = meta_apps.debug_token(token, config["META_APP_ID"], config["META_APP_SECRET"])
    _check_token(facts, "")
    access = Access(token, config["META_APP_SECRET"])
    waba_id = _granted_account(facts, values.get("waba_id", ""))
    number = _granted_number(access, waba_id, values)
    try:
        pin = _registered(access, number, values.get("pin", ""), needs_pin=False)
    except ConnectRefused as refused:
        raise ConnectRefused(refused.problems, {"kept_token": token, "code": ""}) from refused
    credentials = {"access_token": token}
    return _connected(
        number, waba_id, credentials, pin, token=facts, app="ours", expires_at=expires_at
    )


def _granted(values: Mapping[str, str]) -> tuple[str, datetime | None]:
    """A code is good once; the token that it gave is kept while a PIN is asked for."""
    if values.get("kept_token"):
        return values["kept_token"], None
    try:
        granted = account.exchange_code(values.get("code", ""))
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "", CODE_IS_OLD)) from failed
    return granted.token, granted.expires_at


def _granted_account(facts: TokenFacts, wanted: str) -> str:
    if wanted and wanted in facts.accounts:
        return wanted
    if not wanted and len(facts.accounts) == 1:
        return facts.accounts[0]
    raise ConnectRefused({"": NOT_GRANTED})


def _granted_number(access: Access, waba_id: str, values: Mapping[str, str]) -> NumberFacts:
    try:
        numbers = account.numbers_of(access, waba_id)
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "", NOT_GRANTED)) from failed
    wanted = values.get("phone_number_id", "")
    found = _among(numbers, wanted) if wanted else (numbers[0] if len(numbers) == 1 else None)
    if found is not None:
        return found
    if wanted:
        raise ConnectRefused({"": NOT_IN_ACCOUNT})
    raise ConnectRefused({"": kept(WHICH, numbers=_named(numbers)) if numbers else NO_NUMBERS})


def _registered(access: Access, number: NumberFacts, pin: str, *, needs_pin: bool) -> str:
    """The PIN that it is registered with by us, or "" when it was before. One that stays in the phone's app
    isn't registered at all."""
    if number.is_registered or number.is_on_phone:
        return ""
    if not pin and needs_pin:
        raise ConnectRefused({"pin": NOT_REGISTERED})
    pin = pin or f"{secrets.randbelow(1_000_000):06}"
    try:
        account.register(access, number.number_id, pin)
    except SendFailed as failed:
        words = (
            PIN_IS_WRONG
            if failed.code.startswith("133005")
            else f"{failed} {failed.next_step}".strip()
        )
        raise ConnectRefused(_problem(failed, "pin", words)) from failed
    return pin


def _connected(
    number: NumberFacts, waba_id: str, credentials: dict[str, str], pin: str, *, token: TokenFacts,
    app: str, expires_at: datetime | None = None,
) -> Connected:  # fmt: skip
    settings = number.as_settings() | {
        "phone_number_id": number.number_id, "waba_id": waba_id, "app": app, "app_id": token.app_id,
    }  # fmt: skip
    return Connected(
        number.number_id,
        f"WhatsApp {number.display_number}".strip(),
        settings,
        credentials | ({"pin": pin} if pin else {}),
        token_expires_at=token.expires_at or expires_at,
    )


def _problem(failed: SendFailed, field: str, words: str) -> dict[str, str]:
    """At the field, unless Meta couldn't be asked at all. A blocked account says so itself."""
    if failed.trouble in PASSING:
        raise failed
    return {field: f"{failed} {failed.next_step}" if failed.trouble == "billing" else words}


def _among(numbers: list[NumberFacts], number_id: str) -> NumberFacts | None:
    return next((each for each in numbers if each.number_id == number_id), None)


def _named(numbers: list[NumberFacts]) -> str:
    return ", ".join(f"{each.display_number} (ID {each.number_id})" for each in numbers[:5])
