"""A page at Meta: whose a token is, and which apps hear of the page."""

from dataclasses import dataclass

from app.channels.border import Line, SendFailed
from app.channels.graph import Access, access_of, call
from app.channels.messenger.errors import MESSENGER

SENDING, MANAGING = "pages_messaging", "pages_manage_metadata"
SCOPES = (SENDING, MANAGING)
FIELDS = (
    "messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads",
    "messaging_referrals", "message_reactions",
)  # fmt: skip


@dataclass(frozen=True, slots=True)
class PageFacts:
    page_id: str
    name: str
    token: str = ""


def of_token(access: Access) -> PageFacts:
    """The page whose token it is; or the person, if it is one's."""
    said = call(access, "GET", "me", params={"fields": "id,name"}, table=MESSENGER)
    return PageFacts(str(said.get("id", "")), str(said.get("name", "")), access.token)


def of_person(access: Access) -> list[PageFacts]:
    """The pages that a person manages, each with its own token; none where the token is a page's."""
    params = {"fields": "id,name,access_token", "limit": 100}
    try:
        said = call(access, "GET", "me/accounts", params=params, table=MESSENGER)
    except SendFailed as failed:
        if failed.trouble == "retry":
            raise
        return []
    return [
        PageFacts(
            str(each.get("id", "")), str(each.get("name", "")), str(each.get("access_token", ""))
        )
        for each in said.get("data") or []
    ]


def subscribe(line: Line) -> None:
    """Have our app told of what happens at the page."""
    call(
        access_of(line), "POST", _apps(line), json={"subscribed_fields": ",".join(FIELDS)},
        table=MESSENGER,
    )  # fmt: skip


def unsubscribe(line: Line) -> None:
    call(access_of(line), "DELETE", _apps(line), table=MESSENGER)


def subscribed(line: Line) -> dict[str, list[str]]:
    """The apps that are told, by id, and of what."""
    said = call(access_of(line), "GET", _apps(line), table=MESSENGER)
    return {
        str(each.get("id", "")): list(each.get("subscribed_fields") or [])
        for each in said.get("data") or []
    }


def _apps(line: Line) -> str:
    return f"{line.external_id}/subscribed_apps"
