"""Connecting a page on Messenger by an app of the owner's: each value is proved with Meta, and what is wrong is said at
its field."""

from collections.abc import Mapping

from app.channels import meta_apps
from app.channels.border import Connected, ConnectRefused, Finding, Line, SendFailed
from app.channels.graph import Access
from app.channels.messenger import page
from app.channels.messenger.errors import MESSENGER
from app.channels.messenger.page import PageFacts
from app.channels.meta_apps import TokenFacts
from app.lib.marking import kept

NO_HANDSHAKE = "2200"
NOT_ACCEPTED = kept(
    "Meta doesn’t accept this token: it has expired, was taken back, or isn’t whole. Generate another one for your page."
)
NOT_OF_THIS_APP = kept(
    "This isn’t the secret of the app that the token is of. Copy it from App settings → Basic of that same app."
)
LACKS = kept("The token lacks %(missing)s. Generate it again with both permissions.")
OTHER_PAGE = kept("The token is for another page. It is good for: %(pages)s.")


def connect(values: Mapping[str, str]) -> Connected:
    token = _token(values)
    found = _page(Access(values["access_token"], values["app_secret"]), values["page_id"])
    return Connected(
        found.page_id,
        found.name or "Messenger",
        {
            "page_id": found.page_id, "page_name": found.name, "app": "own",
            "app_id": token.app_id,
        },
        {"access_token": found.token, "app_secret": values["app_secret"]},
        token_expires_at=token.expires_at if found.token == values["access_token"] else None,
    )  # fmt: skip


def listen(line: Line, hook_url: str) -> tuple[Finding, ...]:
    """The app is told where to post; the page is told to tell the app."""
    page.subscribe(line)
    if line.settings.get("app") == "ours":
        return ()
    try:
        meta_apps.set_webhook(
            str(line.settings.get("app_id", "")), line.credentials.get("app_secret", ""), "page",
            page.FIELDS, url=hook_url, verify_token=line.credentials.get("verify_token", ""),
            table=MESSENGER,
        )  # fmt: skip
    except SendFailed as failed:
        if not failed.code.startswith(NO_HANDSHAKE):
            raise
        words = kept(
            "Meta called your webhook’s address and got no right answer, so it tells us nothing."
        )
        fix = kept(
            "It is tried again with each check. You can also set it by hand, as it says below."
        )
        return (Finding("listen", kept("Messages to you"), "bad", words, fix),)
    return ()


def _token(values: Mapping[str, str]) -> TokenFacts:
    """By the app's own token, which the secret makes: so a wrong secret shows, too."""
    try:
        app_id = meta_apps.app_id_of(Access(values["access_token"]), table=MESSENGER)
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "access_token", NOT_ACCEPTED)) from failed
    try:
        facts = meta_apps.debug_token(
            values["access_token"], app_id, values["app_secret"], table=MESSENGER
        )
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "app_secret", NOT_OF_THIS_APP)) from failed
    missing = [scope for scope in page.SCOPES if scope not in facts.scopes]
    if not facts.is_valid:
        raise ConnectRefused({"access_token": NOT_ACCEPTED})
    if missing:
        raise ConnectRefused({"access_token": kept(LACKS, missing=", ".join(missing))})
    return facts


def _page(access: Access, page_id: str) -> PageFacts:
    """With a token of its own, which lasts as long as the person's did or longer."""
    try:
        own = page.of_token(access)
        known = [own] if own.page_id == page_id else page.of_person(access) or [own]
    except SendFailed as failed:
        raise ConnectRefused(_problem(failed, "access_token", NOT_ACCEPTED)) from failed
    found = next((each for each in known if each.page_id == page_id and each.token), None)
    if found is None:
        pages = ", ".join(f"{each.name} (ID {each.page_id})" for each in known[:5])
        raise ConnectRefused({"page_id": kept(OTHER_PAGE, pages=pages)})
    return found


def _problem(failed: SendFailed, field: str, words: str) -> dict[str, str]:
    """At the field, unless Meta couldn't be asked at all. A blocked account says so itself."""
    if failed.trouble in ("retry", "unknown"):
        raise failed
    return {field: f"{failed} {failed.next_step}" if failed.trouble == "billing" else words}
