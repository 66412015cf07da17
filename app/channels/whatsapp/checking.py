"""How a number on WhatsApp is, asked of Meta: each finding in plain words, with what can be done."""

from flask import current_app

from app.channels import meta_apps
from app.channels.border import Checked, Finding, Line, SendFailed
from app.channels.graph import Access, access_of
from app.channels.meta_apps import TokenFacts
from app.channels.token_findings import of_expiry
from app.channels.whatsapp import account
from app.channels.whatsapp.account import NumberFacts
from app.lib.marking import kept

_RECONNECT = kept("Make a new access token and connect the channel again.")
QUALITIES = {
    "GREEN": ("good", kept("Customers are happy with your messages."), ""),
    "YELLOW": (
        "warn", kept("Some people have blocked or reported this number lately."),
        kept("Send fewer messages that nobody asked for."),
    ),
    "RED": (
        "bad", kept("Many people have blocked or reported this number. Meta may restrict it."),
        kept("Stop campaigns, and write only to people who wrote to you."),
    ),
}  # fmt: skip
TIERS = {
    "TIER_50": "50", "TIER_250": "250", "TIER_1K": "1,000", "TIER_2K": "2,000", "TIER_10K": "10,000",
    "TIER_100K": "100,000",
}  # fmt: skip


def check(line: Line) -> Checked:
    """Raises SendFailed only when Meta can't be asked at all."""
    access = access_of(line)
    try:
        token = _token_facts(line, access)
    except SendFailed as failed:
        if failed.trouble == "retry":
            raise
        return Checked((_secret_or_token(failed),), is_broken=True)
    findings = _of_token(token)
    if not token.is_valid:
        return Checked(tuple(findings), is_broken=True)
    cannot_send = account.SENDING not in token.scopes
    if account.MANAGING not in token.scopes:  # the rest can't be asked, but messages still go out
        return Checked(tuple(findings), {}, token.expires_at, cannot_send)
    more, facts, is_broken = _of_number_and_account(line, access, token)
    return Checked((*findings, *more), facts, token.expires_at, is_broken or cannot_send)


def _token_facts(line: Line, access: Access) -> TokenFacts:
    config = current_app.config
    is_ours = line.settings.get("app") == "ours"
    app_id = config["META_APP_ID"] if is_ours else meta_apps.app_id_of(access)
    return meta_apps.debug_token(access.token, app_id, access.app_secret)


def _secret_or_token(failed: SendFailed) -> Finding:
    """The token itself was taken when its app was asked for, or this is about the token."""
    return Finding(
        "token", kept("Access token"), "bad", failed.message, failed.next_step or _RECONNECT
    )


def _of_token(token: TokenFacts) -> list[Finding]:
    if not token.is_valid:
        words = kept("Meta no longer accepts it: it has expired or was taken back.")
        return [Finding("token", kept("Access token"), "bad", words, _RECONNECT)]
    missing = [scope for scope in account.SCOPES if scope not in token.scopes]
    permissions = (
        Finding(
            "permissions", kept("Permissions"), "bad", kept("The token lacks %(missing)s.", missing=", ".join(missing)),
            kept("Make a token with both permissions and connect the channel again."),
        )
        if missing
        else Finding("permissions", kept("Permissions"), "good", kept("The token may send and manage."))
    )  # fmt: skip
    return [of_expiry(token.expires_at), permissions]


def _of_number_and_account(
    line: Line, access: Access, token: TokenFacts
) -> tuple[list[Finding], dict[str, object], bool]:
    waba_id = str(line.settings.get("waba_id", ""))
    try:
        number = account.number_of(access, line.external_id)
    except SendFailed as failed:
        if failed.trouble == "retry":
            raise
        lost = Finding(
            "number", kept("Number"), "bad", kept("The token may not use this number any more, or it is gone."),
            _RECONNECT,
        )  # fmt: skip
        return [lost], {}, True
    payment = account.payment_of(access, waba_id)
    if payment == "unknown" and number.has_payment_trouble:
        payment = "missing"
    findings = [
        *_of_number(number),
        _of_payment(payment),
        _of_webhook(access, waba_id, token.app_id),
    ]
    facts = {**number.as_settings(), "payment": payment}
    return findings, facts, not number.is_registered


def _of_number(number: NumberFacts) -> list[Finding]:
    state, words, fix = QUALITIES.get(
        number.quality, ("good", kept("Meta hasn’t rated it yet."), "")
    )
    found = [
        _registration(number),
        Finding("quality", kept("Quality"), state, words, fix),
        Finding("tier", kept("Limit"), "good", _limit_words(number.tier)),
    ]
    if number.name_status in ("DECLINED", "EXPIRED"):
        found.append(
            Finding(
                "name", kept("Name"), "warn", kept("Meta hasn’t approved the name that customers see."),
                kept("Ask for approval of the display name in Meta’s WhatsApp Manager."),
            )
        )  # fmt: skip
    return found + [
        Finding(
            "health",
            kept("Meta says"),
            "warn",
            trouble,
            kept("Look at the account in Meta’s WhatsApp Manager."),
        )
        for trouble in number.troubles
        if trouble and not number.has_payment_trouble
    ]


def _registration(number: NumberFacts) -> Finding:
    said = f"{number.display_number}, {number.verified_name}"
    if not number.is_registered:
        words = kept(
            "%(said)s: not registered for the Cloud API, so nothing can be sent.", said=said
        )
        return Finding("number", kept("Number"), "bad", words, kept("Connect the number again."))
    words = (
        kept("%(said)s; it stays in the phone’s app too.", said=said)
        if number.is_on_phone
        else f"{said}."
    )
    return Finding("number", kept("Number"), "good", words)


def _limit_words(tier: str) -> str:
    if tier == "TIER_UNLIMITED":
        return kept("You may write first to as many people as you like.")
    if tier not in TIERS:
        return kept("Meta doesn’t say to how many people you may write first.")
    return kept(
        "You may write first to %(count)s people in 24 hours. Answers don’t count.",
        count=TIERS[tier],
    )


def _of_payment(payment: str) -> Finding:
    if payment == "ok":
        return Finding("payment", kept("Payment method"), "good", kept("There is one."))
    if payment == "missing":
        return Finding(
            "payment", kept("Payment method"), "bad",
            kept("There is none that works: templates, and answers beyond the free ones, aren’t delivered."),
            kept("Add one to the account in Meta’s WhatsApp Manager."),
        )  # fmt: skip
    # Under a key of its own: nobody can make this one good, so the start page doesn't nag about it.
    return Finding(
        "payment_untold", kept("Payment method"), "warn",
        kept("Meta doesn’t tell us whether there is one. Without it, paid messages aren’t delivered."),
        kept("Look in Meta’s WhatsApp Manager."),
    )  # fmt: skip


def _of_webhook(access: Access, waba_id: str, app_id: str) -> Finding:
    try:
        is_told = app_id in account.subscribed_apps(access, waba_id)
    except SendFailed as failed:
        if failed.trouble == "retry":
            raise
        is_told = False
    if is_told:
        return Finding(
            "webhook",
            kept("Incoming messages"),
            "good",
            kept("Meta tells your app what customers write."),
        )
    words = kept("Meta doesn’t tell your app what customers write.")
    return Finding(
        "webhook", kept("Incoming messages"), "bad", words, kept("Connect the channel again.")
    )
