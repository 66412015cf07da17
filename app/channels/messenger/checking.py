"""How a page on Messenger is, asked of Meta: each finding in plain words, with what can be done."""

from app.channels import meta_apps
from app.channels.border import Checked, Finding, Line, SendFailed
from app.channels.graph import access_of
from app.channels.messenger import page
from app.channels.messenger.errors import MESSENGER
from app.channels.meta_apps import TokenFacts
from app.channels.token_findings import of_expiry
from app.lib.marking import kept

_RECONNECT = kept("Make a new access token and connect the channel again.")


def check(line: Line) -> Checked:
    """Raises SendFailed only when Meta can't be asked at all."""
    access = access_of(line)
    try:
        token = meta_apps.debug_token(
            access.token, str(line.settings.get("app_id", "")), access.app_secret, table=MESSENGER
        )
    except SendFailed as failed:
        _passing(failed)
        fix = failed.next_step or _RECONNECT
        return _broken(Finding("token", kept("Access token"), "bad", failed.message, fix))
    if not token.is_valid:
        words = kept("Meta no longer accepts it: it has expired or was taken back.")
        return _broken(Finding("token", kept("Access token"), "bad", words, _RECONNECT))
    findings = [of_expiry(token.expires_at), _permissions(token)]
    if page.SENDING not in token.scopes:
        return Checked(tuple(findings), {}, token.expires_at, is_broken=True)
    try:
        found = page.of_token(access)
    except SendFailed as failed:
        _passing(failed)
        return _broken(Finding("page", kept("Page"), "bad", failed.message, _RECONNECT))
    if found.page_id != line.external_id:
        return _broken(
            Finding("page", kept("Page"), "bad", kept("The token is for another page."), _RECONNECT)
        )
    findings += [Finding("page", kept("Page"), "good", f"{found.name}."), _told(line)]
    return Checked(tuple(findings), {"page_name": found.name}, token.expires_at)


def _broken(finding: Finding) -> Checked:
    return Checked((finding,), is_broken=True)


def _passing(failed: SendFailed) -> None:
    if failed.trouble == "retry":
        raise failed


def _permissions(token: TokenFacts) -> Finding:
    missing = [scope for scope in page.SCOPES if scope not in token.scopes]
    if not missing:
        return Finding(
            "permissions", kept("Permissions"), "good", kept("The token may send and manage.")
        )
    words = kept("The token lacks %(missing)s.", missing=", ".join(missing))
    fix = kept("Make a token with both permissions and connect the channel again.")
    return Finding("permissions", kept("Permissions"), "bad", words, fix)


def _told(line: Line) -> Finding:
    try:
        fields = page.subscribed(line).get(str(line.settings.get("app_id", "")), [])
    except SendFailed as failed:
        _passing(failed)
        fields = []
    label = kept("Incoming messages")
    fix = kept("Press “Check now”; if it stays, connect the channel again.")
    if missing := [each for each in page.FIELDS if each not in fields]:
        words = kept("Meta doesn’t tell your app of %(missing)s.", missing=", ".join(missing))
        return Finding("webhook", label, "bad", words, fix)
    return Finding("webhook", label, "good", kept("Meta tells your app what customers write."))
