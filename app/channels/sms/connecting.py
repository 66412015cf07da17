"""A number, or a messaging service, of an owner's Twilio account: checked, listened to, looked after."""

from collections.abc import Mapping
from typing import Any

from twilio.rest import Client

from app.channels.border import (
    Checked,
    Connected,
    ConnectRefused,
    Finding,
    Line,
    SendFailed,
)
from app.channels.sms import client as twilio
from app.channels.sms.client import errors_in_words
from app.lib import phones
from app.lib.marking import kept

WRONG_PAIR = kept("Twilio doesn’t know this pair of account SID and auth token. Copy both again.")
NOT_THERE = kept("This number isn’t in that account.")
NO_SERVICE = kept("This messaging service isn’t in that account.")
NO_SMS = kept("This number can’t do text messages. Choose one that can.")
ADDRESS = kept("Enter the address above at Twilio yourself.")


def connect(values: Mapping[str, str]) -> Connected:
    sid, token, sender = values["account_sid"], values["auth_token"], values["sender"]
    asked = twilio.of(sid, token)
    account = _account(asked, sid)
    found = _service(asked, sender) if sender.startswith("MG") else _number(asked, sender)
    return Connected(
        external_id=sender,
        name=found["name"],
        settings={"account_sid": sid, "sender": sender, **found["facts"]},
        credentials={"auth_token": token},
        findings=tuple(_account_findings(account)),
    )


def listen(line: Line, hook_url: str) -> tuple[Finding, ...]:
    """Twilio's own settings are changed only where they differ."""
    label = kept("Messages to you")
    try:
        _point_to(line, hook_url)
    except SendFailed as failed:
        if failed.trouble in ("retry", "reconnect"):
            raise
        words = kept("We couldn’t enter our address at Twilio. %(reason)s", reason=failed)
        return (Finding("listen", label, "warn", words, ADDRESS),)
    return (Finding("listen", label, "good", kept("Twilio sends them here.")),)


def leave(line: Line) -> None:
    _point_to(line, "", only_from=line.hook_url)


def check(line: Line) -> Checked:
    sid, asked = line.settings.get("account_sid", ""), twilio.of_line(line)
    with errors_in_words():
        account = asked.api.accounts(sid).fetch()
    findings = _account_findings(account)
    if account.status != "active":
        return Checked(tuple(findings), is_broken=True)
    try:
        found = _found(asked, line.external_id)
    except ConnectRefused as refused:
        words = next(iter(refused.problems.values()))
        fix = kept("Connect the channel again with a number that the account has.")
        gone = Finding("number", kept("Number"), "bad", words, fix)
        return Checked((*findings, gone), is_broken=True)
    findings.append(
        Finding(
            "number",
            kept("Number"),
            "good",
            kept("%(name)s is in the account.", name=found["name"]),
        )
    )
    return Checked(tuple(findings), found["facts"])


def _account(asked: Client, sid: str) -> Any:
    try:
        with errors_in_words():
            account = asked.api.accounts(sid).fetch()
    except SendFailed as failed:
        if failed.trouble == "reconnect":
            raise ConnectRefused({"auth_token": WRONG_PAIR}) from None
        raise
    if account.status != "active":
        raise ConnectRefused(
            {"account_sid": kept("Twilio has this account as %(status)s.", status=account.status)}
        )
    return account


def _account_findings(account: Any) -> list[Finding]:
    if account.status != "active":
        words = kept("Twilio has the account as %(status)s.", status=account.status)
        return [
            Finding("account", kept("Account"), "bad", words, kept("Log in to Twilio’s console."))
        ]
    if str(account.type).lower() == "trial":
        words = kept("A trial account writes only to numbers that you have verified.")
        return [
            Finding(
                "account", kept("Account"), "warn", words, kept("Upgrade it in Twilio’s console.")
            )
        ]
    return [Finding("account", kept("Account"), "good", kept("It is active."))]


def _found(asked: Client, sender: str) -> dict[str, Any]:
    return _service(asked, sender) if sender.startswith("MG") else _number(asked, sender)


def _number(asked: Client, sender: str) -> dict[str, Any]:
    """Raises ConnectRefused."""
    with errors_in_words():
        listed = asked.incoming_phone_numbers.list(phone_number=sender, limit=1)
    exact = [each for each in listed if each.phone_number == sender]
    if not exact:
        raise ConnectRefused({"sender": NOT_THERE})
    able: Mapping[str, Any] = exact[0].capabilities or {}  # type: ignore[assignment]
    if not able.get("sms"):
        raise ConnectRefused({"sender": NO_SMS})
    facts = {"number": sender, "number_sid": exact[0].sid, "can_mms": bool(able.get("mms"))}
    return {"name": phones.shown(sender), "facts": facts}


def _service(asked: Client, sid: str) -> dict[str, Any]:
    """Raises ConnectRefused."""
    try:
        with errors_in_words():
            service = asked.messaging.v1.services(sid).fetch()
    except SendFailed as failed:
        if failed.code == "20404":
            raise ConnectRefused({"sender": NO_SERVICE}) from None
        raise
    return {"name": service.friendly_name or "SMS", "facts": {}}


def _point_to(line: Line, url: str, only_from: str | None = None) -> None:
    """`only_from`: unless it points elsewhere by now."""
    asked = twilio.of_line(line)
    with errors_in_words():
        if line.external_id.startswith("MG"):
            service = asked.messaging.v1.services(line.external_id).fetch()
            if _is_to_change(service.inbound_request_url, url, only_from):
                service.update(
                    inbound_request_url=url, inbound_method="POST",
                    use_inbound_webhook_on_number=False,
                )  # fmt: skip
            return
        number = asked.incoming_phone_numbers(line.settings.get("number_sid", "")).fetch()
        if _is_to_change(number.sms_url, url, only_from):
            number.update(sms_url=url, sms_method="POST")


def _is_to_change(now: str | None, url: str, only_from: str | None) -> bool:
    return (now or "") != url and only_from in (None, now)
