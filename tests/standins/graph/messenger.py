"""Messenger: a page, and who writes to it."""

from typing import TYPE_CHECKING, Any

from tests.standins.graph.hooks import PAGE, Change
from tests.standins.graph.things import PAGES, App, Sent, Token

if TYPE_CHECKING:
    from tests.standins.graph.graph import Graph

WINDOW, HUMAN_WINDOW = 24 * 3600, 7 * 24 * 3600
FIELDS = {
    "messages", "messaging_postbacks", "message_echoes", "message_deliveries", "message_reads",
    "messaging_referrals", "message_reactions", "messaging_optins", "standby",
}  # fmt: skip


class Page:
    """A business's page, with its own token."""

    def __init__(self, graph: "Graph", page_id: str, name: str, token: Token, user: Token) -> None:
        self.graph, self.page_id, self.name = graph, page_id, name
        self._token, self.user_token = token, user.value
        self.subscribed: dict[str, set[str]] = {}  # app id: fields
        self.may_tag_human = True
        self.hook_url = ""
        self.actions: list[tuple[str, str]] = []  # to whom, what
        self.people: dict[str, PagePerson] = {}
        self.attachments: dict[str, tuple[str, bytes, str]] = {}  # kind, body, mime

    @property
    def token(self) -> str:
        return self._token.value

    @property
    def app(self) -> App:
        return self._token.app

    @property
    def uploaded(self) -> list[tuple[str, bytes]]:
        return [(kind, body) for kind, body, _ in self.attachments.values()]

    def person(self, name: str = "Maya Ortiz") -> "PagePerson":
        person = PagePerson(self, f"{self.graph.new_id()}9", name)
        self.people[person.psid] = person
        return person

    def tells(self, event: dict[str, Any], field: str, *, at: float | None = None) -> None:
        """To every app that wants to hear of it."""
        now = self.graph.now() if at is None else at
        apps = [self.graph.apps[key] for key, fields in self.subscribed.items() if field in fields]
        self.graph.tells_changes([
            Change(
                app, self.hook_url or app.hook_url or self.graph.hook_url, self.page_id, field, event, now,
                PAGE,
            )
            for app in apps
        ])  # fmt: skip

    def tells_aside(self, event: dict[str, Any]) -> None:
        """While another app has the conversation."""
        self.tells(event, "standby")

    def echoes(self, person: "PagePerson", words: str, app_id: str = "") -> str:
        """Somebody answers in the page's own inbox."""
        mid = self.graph.new_mid()
        message = {"mid": mid, "text": words, "is_echo": True} | (
            {"app_id": app_id} if app_id else {}
        )
        event = self.event(person, from_page=True) | {"message": message}
        self.tells(event, "message_echoes")
        return mid

    def event(self, person: "PagePerson", *, from_page: bool = False) -> dict[str, Any]:
        both = ({"id": person.psid}, {"id": self.page_id})
        sender, recipient = reversed(both) if from_page else both
        return {
            "sender": sender, "recipient": recipient, "timestamp": int(self.graph.now() * 1000),
        }  # fmt: skip


class PagePerson:
    """Somebody who writes to one page; to another they are another."""

    def __init__(self, page: Page, psid: str, name: str) -> None:
        self.page, self.psid, self.name = page, psid, name
        self.last_at = 0.0  # the window opens
        self.is_reachable = True

    @property
    def received(self) -> list[Sent]:
        return [sent for sent in self.page.graph.sent if sent.person is self]

    def writes(self, words: str, **more: Any) -> str:
        return self.sends({"text": words, **more})

    def sends(self, message: dict[str, Any]) -> str:
        """`message`: text, attachments, quick_reply, reply_to."""
        mid = self.page.graph.new_mid()
        self._tells({"message": {"mid": mid, **message}}, "messages")
        return mid

    def sends_file(self, kind: str, body: bytes, mime: str) -> str:
        url = self.page.graph.public_file(body, mime)
        return self.sends({"attachments": [{"type": kind, "payload": {"url": url}}]})

    def taps(self, sent: Sent, title: str) -> str:
        """A quick reply, or a button of a template."""
        message = sent.body["message"]
        for reply in message.get("quick_replies", []):
            if reply["title"] == title:
                return self.sends({"text": title, "quick_reply": {"payload": reply["payload"]}})
        buttons = message["attachment"]["payload"]["buttons"]
        button = next(each for each in buttons if each["title"] == title)
        mid = self.page.graph.new_mid()
        postback = {"mid": mid, "title": title, "payload": button["payload"]}
        self._tells({"postback": postback}, "messaging_postbacks")
        return mid

    def reacts(self, mid: str, emoji: str) -> None:
        reaction: dict[str, Any] = {"mid": mid, "action": "react" if emoji else "unreact"}
        reaction |= {"emoji": emoji, "reaction": "other"} if emoji else {}
        self._tells({"reaction": reaction}, "message_reactions")

    def gets(self, *, names: bool = True) -> None:
        """A report of delivery; the ids may be missing."""
        said: dict[str, Any] = {"watermark": int(self.page.graph.now() * 1000)}
        said |= {"mids": [sent.wamid for sent in self.received]} if names else {}
        self.page.tells(self.page.event(self) | {"delivery": said}, "message_deliveries")

    def reads(self) -> None:
        said = {"watermark": int(self.page.graph.now() * 1000)}
        self.page.tells(self.page.event(self) | {"read": said}, "message_reads")

    def comes_by_ad(self, ref: str, ad_id: str) -> None:
        referral = {"ref": ref, "source": "ADS", "type": "OPEN_THREAD", "ad_id": ad_id}
        self._tells({"referral": referral}, "messaging_referrals")

    def _tells(self, said: dict[str, Any], field: str) -> None:
        self.last_at = self.page.graph.now()
        self.page.tells(self.page.event(self) | said, field)


def new_page(
    graph: "Graph", name: str, app: App | None = None, *, is_subscribed: bool = True
) -> Page:
    app, page_id = app or graph.app, graph.new_id()
    page = Page(graph, page_id, name, graph.token(app, page_id, scopes=PAGES),
                graph.token(app, page_id, scopes=PAGES))  # fmt: skip
    if is_subscribed:
        page.subscribed[app.id] = set(FIELDS)
    graph.pages[page_id] = page
    return page
